"""How each sort of row is measured. One sample is one client process, or one crowd of them, of one system."""

import time
from contextlib import ExitStack
from typing import NamedTuple

from rows import IN_FLIGHT, PROCESSES, SILENCE_SECONDS, SILENCES
from systems import SYSTEMS, Servers, start_client


class Settings(NamedTuple):
    repeats: int
    seconds: float  # of a sample
    silence: float  # seconds
    silences: int  # in all repeats together
    entries: int
    waiters: int

    @classmethod
    def real(cls, repeats):
        return cls(repeats, 0.5, SILENCE_SECONDS, SILENCES, 1_000_000, 100_000)

    @classmethod
    def quick(cls, repeats):
        return cls(repeats, 0.01, 0.02, 2, 2_000, 2_000)


class Placement(NamedTuple):
    title: str
    server: frozenset
    client: frozenset
    crowd: frozenset  # of many clients; the servers are moved there, too


class Measurements:
    """The methods are named by Row.measure; each gives {system: {metric: number, …}} of one repeat."""

    def __init__(self, settings, servers, placement, frames):
        self.settings, self.servers, self.placement, self.frames = settings, servers, placement, frames

    def _options(self, system, workload):
        """Of the bare peers: what they exchange. The 4 bytes before a frame are no part of a gRPC message."""
        if system not in ("ping", "echo"):
            return {}
        sizes = self.frames.get(workload, self.frames["get"])
        less = 4 if system == "echo" else 0
        return {"request": sizes["request"] - less, "reply": sizes["reply"] - less}

    def _client(self, system, workload, cores, **options):
        return start_client(system, self.servers, workload, cores, **self._options(system, workload), **options)

    def one_client(self, row, systems):
        results = {}
        for system in systems:
            with self._client(system, row.workload, self.placement.client, seconds=self.settings.seconds,
                              count=IN_FLIGHT) as client:
                client.go()
                results[system] = in_thousands(client.result(60 + self.settings.seconds))
        return results

    def many_clients(self, row, systems):
        results = {}
        for system in systems:
            with ExitStack() as stack:
                clients = [stack.enter_context(self._client(system, row.workload, self.placement.crowd,
                                                            seconds=self.settings.seconds,
                                                            name=f"{system} {row.workload} {number}"))
                           for number in range(PROCESSES)]
                self.servers.move(self.placement.crowd)
                try:
                    for client in clients:
                        client.go()
                    every = [in_thousands(client.result(60 + self.settings.seconds)) for client in clients]
                finally:
                    self.servers.move(self.placement.server)
            results[system] = {"rate": sum(one["rate"] for one in every)}
        return results

    def after_silence(self, row, systems):
        """All systems in the same silence, one speaking after the other."""
        count = max(1, self.settings.silences // self.settings.repeats)
        with ExitStack() as stack:
            clients = {system: stack.enter_context(self._client(system, row.workload, self.placement.client,
                                                                seconds=self.settings.silence, count=count))
                       for system in systems}
            for client in clients.values():
                client.go()
                time.sleep(self.settings.silence / len(clients))
            return {system: client.result(60 + count * (self.settings.silence + 1))
                    for system, client in clients.items()}

    def memory(self, row, systems):
        """Of an entry, of so many."""
        return self.grown(systems, "entry", self.settings.entries, "fill", bytes=row.workload)

    def waiters(self, _, systems):
        """Of a command that waits, of so many."""
        return self.grown(systems, "waiter", self.settings.waiters, "park")

    def grown(self, systems, metric, count, workload, **arguments):
        """By how much servers grew that were started for it, so that nothing was freed before."""
        results = {}
        for system in systems:
            with Servers(self.servers.build, self.servers.folder / "fresh", self.placement.crowd) as servers:
                with start_client(system, servers, workload, self.placement.crowd, count=count,
                                  **arguments) as client:
                    before = servers.running(system).resident_bytes()
                    client.go()
                    client.result(300)
                    grown = servers.running(system).resident_bytes() - before
            results[system] = {metric: grown / count}
        return results


def in_thousands(result):
    """As the report wants it: rates in thousands."""
    if "per_second" in result:
        result["rate"] = result.pop("per_second") / 1000
    return result


def available(row):
    return [system for system in row.systems if not SYSTEMS[system].missing]

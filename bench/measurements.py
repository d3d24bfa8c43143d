"""How each sort of row is measured. One sample is one client process, or one crowd of them, of one system."""

import statistics
import time
from contextlib import ExitStack
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from frames import Tap
from processes import Running
from rows import IN_FLIGHT, PROCESSES, REST_SECONDS, SILENCE_SECONDS, SILENCES, STREAMED
from systems import SYSTEMS, Servers, start_client


SLICE_BYTES = 8_000_000


class Settings(NamedTuple):
    repeats: int
    seconds: float  # of a sample
    silence: float  # seconds
    silences: int  # in all repeats together
    entries: int  # of a container
    puts: int  # of one that is filled one by one
    waiters: int
    connections: int  # waiters, where each needs one
    objects: int
    streamed: int  # items of an imap
    rest: float  # seconds

    @classmethod
    def real(cls, repeats):
        return cls(repeats, 0.5, SILENCE_SECONDS, SILENCES, 1_000_000, 100_000, 100_000, 500, 10_000, STREAMED, REST_SECONDS)

    @classmethod
    def quick(cls, repeats):
        return cls(repeats, 0.01, 0.02, 2, 2_000, 500, 2_000, 10, 100, 5_000, 0.05)


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
            with self._client(system, SYSTEMS[system].workload or row.workload, self.placement.client,
                              seconds=self.settings.seconds, count=IN_FLIGHT, **row.options) as client:
                client.go()
                results[system] = in_thousands(client.result(60 + self.settings.seconds))
        return results

    def beside_hogs(self, row, systems):
        """So many others compute meanwhile, wherever the system lets them."""
        hogs = row.options["hogs"]
        with ExitStack() as stack:
            for number in range(hogs):
                stack.enter_context(Running(f"hog {number}", ("/bin/sh", "-c", "while :; do :; done"), self.placement.crowd,
                                            self.servers.folder / f"hog_{number}.log"))
            return self.one_client(row._replace(options={}), systems)

    def at_rest(self, row, systems):
        """How often a thread of server and client was given a processor, or lost one, while nobody asked for anything."""
        results = {}
        for system in systems:
            with self._client(system, row.workload, self.placement.client, count=PROCESSES) as client:
                client.go()
                client.result(60)
                time.sleep(self.settings.silence)
                resting = (client, self.servers.running(system))
                before = sum(each.switches() for each in resting)
                time.sleep(self.settings.rest)
                results[system] = {"switches": sum(each.switches() for each in resting) - before}
        return results

    def local(self, row, systems):
        """The program forks its partner itself: it takes the first of the cores, the partner the last."""
        results = {}
        for system in systems:
            with start_client(system, self.servers, SYSTEMS[system].workload or row.workload, self.placement.crowd,
                              seconds=self.settings.seconds) as client:
                client.go()
                results[system] = in_thousands(client.result(60 + self.settings.seconds))
        return results

    def peak(self, row, systems):
        """By how much the program itself grows while it goes over so many items, in MB."""
        results = {}
        for system in systems:
            with start_client(system, self.servers, row.workload, self.placement.crowd, seconds=0,
                              count=self.settings.streamed) as client:
                before = client.resident_bytes()
                client.go()
                client.result(600)
                results[system] = {"peak": (client.peak_bytes() - before) / 1e6}
        return results

    def slices(self, row, systems):
        """What is moved in a second, and how often the direction changes for one slice, seen from between them."""
        results = self.one_client(row, systems)
        for system, result in results.items():
            result["rate"] *= SLICE_BYTES / 1000  # MB/s
            if "round trips" in row.metrics:
                result["round trips"] = self.round_trips(system, row.workload)
        return results

    def round_trips(self, system, workload):
        with Tap(self.servers.folder / "tap.sock", self.servers.address(system)) as tap:
            with self._client(system, workload, self.placement.client, address=tap.address,
                              seconds=self.settings.seconds) as client:
                tap.turns = 0
                client.go()
                operations = client.result(60 + self.settings.seconds)["operations"]
                return tap.turns / operations

    def many_clients(self, row, systems):
        return {system: self.crowd(row, system) for system in systems}

    def crowd(self, row, system):
        with ExitStack() as stack:
            shared = stack.enter_context(NamedTemporaryFile(dir=self.servers.folder))
            shared.write(bytes(8))
            shared.flush()
            clients = [(part, stack.enter_context(self._client(
                system, part.workload, self.placement.crowd, seconds=self.settings.seconds, shared=shared.name,
                parties=sum(part.clients for part in row.crowd), name=f"{system} {part.workload} {number}")))
                for part in row.crowd for number in range(part.clients)]
            self.servers.move(self.placement.crowd)
            try:
                for _, client in clients:
                    client.go()
                every = [(part, in_thousands(client.result(60 + self.settings.seconds))) for part, client in clients]
            finally:
                self.servers.move(self.placement.server)
        rates = [one["rate"] for part, one in every if part.counts]
        return {"rate": sum(rates), "slowest": min(rates) / statistics.mean(rates)}

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
        """Of an element of a container, of so many."""
        count = self.settings.puts if row.options["into"] == "queue" else self.settings.entries
        return {system: self.grown(row, system, "fill", count) for system in systems}

    def waiters(self, row, systems):
        """Of a command that waits, of so many."""
        return {system: self.grown(row, system, "park",
                                   self.settings.connections if SYSTEMS[system].waiter else self.settings.waiters)
                for system in systems}

    def objects(self, row, systems):
        """Of an object that has no name, of so many that their maker keeps."""
        return {system: self.grown(row, system, "dicts", self.settings.objects) for system in systems}

    def grown(self, row, system, workload, count):
        """By how much a server grew that was started for it, so that nothing was freed before; for each of so many."""
        with Servers(self.servers.build, self.servers.folder / "fresh", self.placement.crowd) as servers:
            with start_client(system, servers, workload, self.placement.crowd, count=count, **row.options) as client:
                before = servers.running(system).resident_bytes()
                client.go()
                client.result(300)
                return {row.metrics[0]: (servers.running(system).resident_bytes() - before) / count}


def in_thousands(result):
    """As the report wants it: rates in thousands."""
    if "per_second" in result:
        result["rate"] = result.pop("per_second") / 1000
    return result


def available(row):
    return [system for system in row.systems if not SYSTEMS[system].missing]

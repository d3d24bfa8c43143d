"""The rows of the table: what is measured, of which systems, and what is aimed at."""

from typing import NamedTuple


class Target(NamedTuple):
    """`system` is at most, or at least, `factor` times `peer`."""

    system: str
    bound: str  # "at most" or "at least"
    factor: float
    peer: str
    metric: str = ""  # which of the row's; the first if empty

    def text(self, titles):
        factor = f"{self.factor:g} × " if self.factor != 1 else ""
        metric = f", {self.metric}" if self.metric else ""
        return f"{titles[self.system]}{metric}: {self.bound} {factor}{titles[self.peer]}"

    def met(self, ratio):
        return ratio <= self.factor if self.bound == "at most" else ratio >= self.factor


class Row(NamedTuple):
    name: str
    title: str
    unit: str
    measure: str  # the name of a method of Measurements
    workload: str
    metrics: tuple  # the first is compared
    systems: tuple  # the first is what the others' ratios are relative to
    targets: tuple
    pinned: bool = True  # measured in both placements


IN_FLIGHT = 200
PROCESSES = 8
SILENCE_SECONDS = 1.5
SILENCES = 20
LOCAL = ("ping", "mp", "redis unix", "redis tcp", "python unix", "python tcp")
AHEAD = (Target("mp", "at most", 1, "redis unix"), Target("mp", "at most", 1, "python unix"))

ROWS = (
    Row("get", "d[k], a round trip", "µs", "one_client", "get", ("p50", "p99"), LOCAL,
        (Target("mp", "at most", 1.5, "ping"), *AHEAD)),
    Row("set", "d[k] = v, a round trip", "µs", "one_client", "set", ("p50", "p99"), LOCAL,
        (Target("mp", "at most", 1.5, "ping"), *AHEAD)),
    Row("stream", "d[k] over TCP, a round trip", "µs", "one_client", "get", ("p50", "p99"),
        ("echo", "mp stream", "mp relay"), (Target("mp stream", "at most", 1.3, "echo"),)),
    Row("pipeline", f"d[k], {IN_FLIGHT} in flight", "thousand/s", "one_client", "pipeline", ("rate",),
        ("redis unix", "redis tcp", "mp", "mp stream", "mp relay"),
        (Target("mp", "at least", 1, "redis unix"), Target("mp stream", "at least", 0.5, "redis unix"))),
    Row("processes", f"d[k] by {PROCESSES} processes at once", "thousand/s", "many_clients", "rate", ("rate",),
        ("python tcp", "redis unix", "redis tcp", "echo", "mp", "mp stream", "mp relay"),
        (Target("mp", "at least", 1.5, "python tcp"), Target("mp stream", "at least", 1.5, "python tcp"))),
    Row("silence", f"the first d[k] after {SILENCE_SECONDS:g} s of silence, of {SILENCES}", "µs", "after_silence",
        "silence", ("median", "max"), ("ping", "mp", "echo", "mp stream"),
        tuple(Target(system, "at most", 1.5, peer, metric)
              for system, peer in (("mp", "ping"), ("mp stream", "echo")) for metric in ("median", "max"))),
    Row("memory", "memory of an entry of a dict, int → str of 12 bytes", "bytes", "memory", "12", ("entry",),
        ("redis unix", "mp"), (Target("mp", "at most", 1, "redis unix"),), pinned=False),
    Row("memory-32", "memory of an entry of a dict, int → str of 32 bytes", "bytes", "memory", "32", ("entry",),
        ("redis unix", "mp"), (), pinned=False),
    Row("waiters", "memory of a command that waits, Queue.get()", "bytes", "waiters", "", ("waiter",), ("mp",), (),
        pinned=False),
)

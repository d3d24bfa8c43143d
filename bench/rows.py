"""The rows of the table: what is measured, of which systems, and what is aimed at."""

from typing import NamedTuple


class Target(NamedTuple):
    """`system` is at most, or at least, `factor` times `peer`, or that figure itself where there is no peer."""

    system: str
    bound: str  # "at most" or "at least"
    factor: float
    peer: str = ""
    metric: str = ""  # which of the row's; the first if empty

    def text(self, titles):
        metric = f", {self.metric}" if self.metric else ""
        return f"{titles[self.system]}{metric}: {self.bound} {self._limit(titles)}"

    def _limit(self, titles):
        if not self.peer:
            return f"{self.factor:g}"
        return f"{self.factor:g} × {titles[self.peer]}" if self.factor != 1 else titles[self.peer]

    def met(self, ratio):
        return ratio <= self.factor if self.bound == "at most" else ratio >= self.factor


PINNED = ("one core", "two cores")
FREE = ("any core",)  # the system decides


class Part(NamedTuple):
    """Of a crowd: so many clients do this. The rates of those that count are added up."""

    workload: str
    clients: int
    counts: bool = True


class Row(NamedTuple):
    name: str
    title: str
    unit: str
    measure: str  # the name of a method of Measurements
    workload: str
    metrics: tuple  # the first is compared
    systems: tuple  # the first is what the others' ratios are relative to
    targets: tuple
    placements: tuple = PINNED
    options: dict = {}  # for the clients
    crowd: tuple = ()  # of Part


IN_FLIGHT = 200
PROCESSES = 8
SILENCE_SECONDS = 1.5
SILENCES = 20
STREAMED = 10_000_000  # items of an imap
IDLE_LANES = 250
REST_SECONDS = 3
NOISE = 1.1  # what two medians of the same differ by

LOCAL = ("ping", "mp", "mp socket", "redis unix", "redis tcp", "python unix", "python tcp")
AHEAD = (Target("mp", "at most", 1, "redis unix"), Target("mp", "at most", 1, "python unix"))


def kind(name, title, like="mp get", peers=("redis unix", "python unix")):
    """An operation of a kind, which does not wait, beside the dict's; and those who have it too."""
    return Row(name, f"{title}, a round trip", "µs; thousand/s", "one_client", name, ("p50", "rate"),
               (like, "mp", *peers),
               (Target("mp", "at most", NOISE, like), *(Target("mp", "at most", 1, peer) for peer in peers)))


def watched(name, title):
    """From a change to those who watch."""
    return Row(name, title, "µs", "one_client", name, ("p50", "p99"), ("mp set", "mp"), ())


def crowd(name, title, peers, *parts):
    """What several processes do together."""
    return Row(name, title, "thousand/s", "many_clients", name, ("rate",), (*peers, "mp"),
               tuple(Target("mp", "at least", 1, peer) for peer in peers), crowd=parts)


def moved(name, title, systems, metrics=("rate",)):
    """A large slice."""
    return Row(name, f"{title}, 1,000,000 doubles", "MB/s", "slices", name.removesuffix("-tcp"), metrics, systems,
               tuple(Target(systems[-1], "at least", 1, peer) for peer in systems[:-1]))


def memory(name, of, unit, measure, systems, **options):
    """What a server grows by."""
    return Row(name, f"memory of {of}", "bytes", measure, name, (unit,), (*systems, "mp"),
               tuple(Target("mp", "at most", 1, system) for system in systems), placements=FREE, options=options)


ONLY_PYTHON = ("python unix",)
BOTH = ("redis unix", "python unix")

SPINE = (
    Row("get", "d[k], a round trip", "µs", "one_client", "get", ("p50", "p99"), LOCAL,
        (Target("mp", "at most", 1, "ping"), *AHEAD)),
    Row("set", "d[k] = v, a round trip", "µs", "one_client", "set", ("p50", "p99"), LOCAL,
        (Target("mp", "at most", 1, "ping"), *AHEAD)),
    Row("stream", "d[k] over TCP, a round trip", "µs", "one_client", "get", ("p50", "p99"),
        ("echo", "mp stream", "mp relay"), (Target("mp stream", "at most", 1.3, "echo"),)),
    Row("pipeline", f"d[k], {IN_FLIGHT} in flight", "thousand/s", "one_client", "pipeline", ("rate",),
        ("redis unix", "redis tcp", "mp", "mp socket", "mp stream", "mp relay"),
        (Target("mp", "at least", 1.7, "redis unix"), Target("mp stream", "at least", 0.5, "redis unix"))),
    Row("processes", f"d[k] by {PROCESSES} processes at once", "thousand/s", "many_clients", "rate", ("rate",),
        ("python tcp", "redis unix", "redis tcp", "echo", "mp", "mp socket", "mp stream", "mp relay"),
        (Target("mp", "at least", 5, "redis unix"), Target("mp stream", "at least", 1.5, "python tcp"),
         Target("mp relay", "at least", 1.5, "python tcp")),
        crowd=(Part("rate", PROCESSES),)),
    Row("silence", f"the first d[k] after {SILENCE_SECONDS:g} s of silence, of {SILENCES}", "µs", "after_silence",
        "silence", ("median", "max"), ("ping", "mp", "echo", "mp stream"),
        tuple(Target(system, "at most", 1.5, peer, metric)
              for system, peer in (("mp", "ping"), ("mp stream", "echo")) for metric in ("median", "max"))),
)

KINDS = (
    kind("list-get", "list: l[i]"),
    kind("list-set", "list: l[i] = v", "mp set"),
    kind("set-contains", "set: s.contains(v)", peers=("redis unix",)),
    kind("set-add", "set: s.add(v), s.discard(v)", "mp set", peers=("redis unix",)),
    kind("namespace-get", "namespace: ns.user"),
    kind("namespace-set", "namespace: ns.user = v", "mp set"),
    kind("value-get", "value: v.get()"),
    kind("value-add", "value: v.fetch_add(1)", "mp set"),
    kind("array-get", "array: a[i]", peers=ONLY_PYTHON),
    kind("array-set", "array: a[i] = x", "mp set", ONLY_PYTHON),
    kind("lock", "lock: acquire(), release()", "mp set", ONLY_PYTHON),
    Row("lock-deadlocks", "the same, with deadlock detection and without, a round trip", "µs; thousand/s", "one_client",
        "lock", ("p50", "rate"), ("mp unwatchful", "mp"), (Target("mp", "at most", 1.05, "mp unwatchful"),)),
    kind("rlock", "rlock: acquire(), release()", "mp set", ONLY_PYTHON),
    kind("semaphore", "semaphore: acquire(), release()", "mp set", ONLY_PYTHON),
    kind("condition", "condition: notify()", "mp set", ONLY_PYTHON),
    kind("event", "event: is_set()", peers=ONLY_PYTHON),
    kind("queue", "queue: put(v), get()", "mp set"),
    Row("custom", "counter.increment(1), a method of a type of one's own, a round trip", "µs; thousand/s", "one_client",
        "custom", ("p50", "rate"), ("mp set", "mp custom"), ()),
    Row("many", f"d.get_many() of {IN_FLIGHT} keys, each of them", "µs; thousand/s", "one_client", "many", ("p50", "rate"),
        ("mp get", "mp", "mp stream", "mp relay"), ()),
    Row("untyped", "d[k] of a proxy without types, a round trip", "µs; thousand/s", "one_client", "untyped", ("p50", "rate"),
        ("mp get", "mp"), ()),
    Row("asleep", "d[k] where nobody waits awake, a round trip", "µs; thousand/s", "one_client", "get", ("p50", "rate"),
        ("mp", "mp asleep", "mp socket"), ()),
    watched("watch", "d[k] = v, until a thread that watches d has the event"),
    watched("watch-100", "the same, until 100 threads have it"),
    Row("near-cache", "d.get(k) with a near cache", "µs; thousand/s", "one_client", "near-cache", ("p50", "rate"),
        ("mp get", "mp"), (Target("mp", "at most", 0.1),)),
)

TOGETHER = (
    crowd("handover", "a lock between 2 processes, hand-overs", ONLY_PYTHON, Part("handover", 2)),
    crowd("barrier", f"a barrier of {PROCESSES} processes, rounds", ONLY_PYTHON,
          Part("barrier", 1), Part("barrier", PROCESSES - 1, counts=False)),
    crowd("queue-4-4", "a queue from 4 processes to 4, items", BOTH,
          Part("consume", 4), Part("produce", 4, counts=False)),
)

SLICES = (
    moved("slice-get", "array: a[:]", (*BOTH, "mp"), ("rate", "round trips")),
    moved("slice-set", "array: a[:] = numbers", (*BOTH, "mp"), ("rate", "round trips")),
    moved("slice-get-tcp", "array: a[:] over TCP", ("redis tcp", "python tcp", "mp stream")),
    moved("slice-set-tcp", "array: a[:] = numbers over TCP", ("redis tcp", "python tcp", "mp stream")),
)


# ---- The local lane where the system decides who runs where, and in company -------------------------------------------

LANES = ("ping", "mp", "mp socket", *BOTH)


def free(name, title, workload, systems, targets=(), metrics=("p50", "p99"), unit="µs", measure="one_client", crowd=(),
         **options):
    return Row(name, title, unit, measure, workload, metrics, systems, targets, FREE, options, crowd)


def times_ahead(times):
    return tuple(Target("mp", "at most", 1 / times, peer) for peer in BOTH)


LANE = (
    free("lane", "d[k], a round trip", "get", LANES, (Target("mp", "at most", 1.2), *times_ahead(20))),
    free("lane-pipeline", f"d[k], {IN_FLIGHT} in flight", "pipeline", ("redis unix", "mp", "mp socket"),
         (Target("mp", "at least", 1.7, "redis unix"),), ("rate",), "thousand/s"),
    free("lane-processes", f"d[k] by {PROCESSES} processes at once", "rate", ("redis unix", "mp", "mp socket", "python unix"),
         (Target("mp", "at least", 5, "redis unix"), Target("mp", "at least", 0.4, metric="slowest")),
         ("rate", "slowest"), "thousand/s; share of the mean", "many_clients", (Part("rate", PROCESSES),)),
    *(free(f"lane-{name}", f"d[k] = v, d[k], values of {size}, one of the two", f"values-{name}", LANES[1:],
           times_ahead(1)) for name, size in (("1k", "1 KiB"), ("64k", "64 KiB"))),
    *(free(f"lane-think-{pause}", f"d[k], with {pause} µs of work between two", "think", LANES, times_ahead(1),
           think=pause / 1e6) for pause in (40, 200, 1000)),
    *(free(f"lane-hogs-{hogs}", f"d[k], beside {hogs} that compute", "get", LANES,
           (*times_ahead(1), Target("mp", "at most", NOISE, "mp socket")), measure="beside_hogs", hogs=hogs)
      for hogs in (1, 2, 4)),
    free("lane-among", f"d[k], among {IDLE_LANES} lanes that are idle", "get", ("mp", "mp among"),
         (Target("mp among", "at most", NOISE, "mp"),)),
    free("lane-idle", f"{PROCESSES} lanes at rest: changes of process in {REST_SECONDS} s, of manager and client", "lanes",
         ("mp alone", "mp"), (Target("mp alone", "at most", 0),), ("switches",), "changes", "at_rest"),
)


def local(name, title, unit, *others, targets=()):
    """What needs no server: between processes of one machine, or of one alone."""
    metric = {"ns": "ns", "µs": "us", "thousand/s": "rate"}[unit]
    return Row(f"local-{name}", f"local {title}", unit, "local", f"local-{name}", (metric,), (*others, "mp local"),
               tuple(Target("mp local", *target) for target in targets))


BARE, BOOST, PYTHON = "bare", "boost", "python"

NODE = (
    local("lock", "Lock: acquire(), release()", "ns", BARE, PYTHON, targets=(("at most", 1.5, BARE),)),
    local("value", "Value: v += 1", "ns", BARE, PYTHON, targets=(("at most", 2, BARE),)),
    local("queue-int", "Queue of int, 1 to 1", "thousand/s", PYTHON, BOOST,
          targets=(("at least", 10, PYTHON), ("at least", 1, BOOST))),
    local("queue-1k", "Queue, 1 to 1, items of 1 KiB", "thousand/s", PYTHON, BOOST,
          targets=(("at least", 5, PYTHON),)),
    local("queue-1m", "Queue, 1 to 1, items of 1 MiB", "thousand/s", PYTHON, BOOST,
          targets=(("at least", 5, PYTHON),)),
    local("pipe", "Pipe, 32 bytes there and back", "µs", BARE, PYTHON, targets=(("at most", 1.2, BARE),)),
    local("fork", "Process by fork: start(), join()", "µs", BARE, PYTHON, targets=(("at most", 1.5, BARE),)),
    local("spawn", "Process by spawn: start(), join()", "µs", BARE, PYTHON, targets=(("at most", 1.5, BARE),)),
    local("barrier", "Barrier of 2, a round", "µs", BOOST, PYTHON),
    local("condition", "Condition: a turn to and fro", "µs", BOOST, PYTHON),
)


def pool(name, title, unit, *others, targets=()):
    """What a pool of processes does for the process that has it."""
    metric = {"µs": "us", "thousand/s": "rate", "MB/s": "rate"}[unit]
    return Row(f"pool-{name}", f"Pool: {title}", unit, "local", f"pool-{name}", (metric,), (*others, "mp pool"),
               tuple(Target("mp pool", *target) for target in targets))


POOLS = (
    pool("tiny-1", "map of trivial tasks, chunksize 1, 2 workers", "thousand/s", "python pool",
         targets=(("at least", 5, "python pool"),)),
    pool("tiny", "map of 10,000 trivial tasks, default chunksize, 2 workers", "thousand/s", "python pool",
         targets=(("at least", 3, "python pool"),)),
    pool("many", "map of 100,000 trivial tasks, default chunksize, 2 workers", "thousand/s", "python pool",
         targets=(("at least", 3, "python pool"),)),
    pool("apply", "apply, 1 worker", "µs", "bare trip", "python pool", targets=(("at most", 1.5, "bare trip"),)),
    pool("heavy", "map of tasks of some milliseconds, 2 workers", "thousand/s", "bare pool",
         targets=(("at least", 0.95, "bare pool"),)),
    pool("large", "64 MiB as argument and as result of a task", "MB/s", "bare pool", "python pool",
         targets=(("at least", 0.5, "bare pool"),)),
    pool("start", "of 4: start, one task, end", "µs", "python pool", targets=(("at most", 1, "python pool"),)),
    Row("pool-imap", f"Pool: imap over {STREAMED:,} items, the parent's growth at its peak", "MB", "peak", "pool-imap",
        ("peak",), ("python pool", "mp pool"), (Target("mp pool", "at most", 1, "python pool"),), placements=FREE),
)

MEMORY = (
    memory("memory", "an entry of a dict, int → str of 12 bytes", "entry", "memory", BOTH, into="dict", bytes=12),
    memory("memory-32", "an entry of a dict, int → str of 32 bytes", "entry", "memory", BOTH, into="dict", bytes=32),
    memory("memory-list", "an item of a list, str of 12 bytes", "item", "memory", BOTH, into="list", bytes=12),
    memory("memory-set", "an item of a set, str of 12 bytes", "item", "memory", ("redis unix",), into="set", bytes=12),
    memory("memory-queue", "an item of a queue, str of 12 bytes", "item", "memory", BOTH, into="queue", bytes=12),
    memory("memory-array", "a number of an array of doubles", "number", "memory", ONLY_PYTHON, into="array", bytes=8),
    memory("waiters", "a command that waits, Queue.get()", "waiter", "waiters", BOTH, kind="queue"),
    memory("waiters-lock", "a command that waits, Lock.acquire()", "waiter", "waiters", ONLY_PYTHON, kind="lock"),
    memory("objects", "an object without a name, an empty dict", "object", "objects", ONLY_PYTHON),
)

ROWS = (*SPINE, *KINDS, *TOGETHER, *SLICES, *LANE, *NODE, *POOLS, *MEMORY)

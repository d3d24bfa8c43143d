"""The tables of docs/guides that consist of figures: each takes the figures, and gives the lines of a block."""

from charts import (BESIDE, KINDS, LOADS, LOCAL, MEMORY, ROUND_TRIPS, THROUGH, TOGETHER, name_of_kind, others_of,
                    times_as_fast)
from report import TITLES, number

PLACEMENTS = ("one core", "two cores")


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def span(values, form=str):
    low, high = min(values), max(values)
    return form(low) if low == high else f"{form(low)} to {form(high)}"


def machine(figures):
    runs = figures.runs()
    kernels = ", ".join(sorted({run["kernel"] for run in runs}))
    repeats, cores = (span([run[what] for run in runs]) for what in ("repeats", "cores"))
    seconds = span([run["seconds"] for run in runs], "{:g}".format)
    load = span([run["load"] for run in runs], "{:.2f}".format)
    count, they = ("1 run", "it") if len(runs) == 1 else (f"{len(runs)} runs", "they")
    what = "One sample" if repeats == "1" else f"Medians of {repeats} repeats"
    return [f"{what} of {seconds} s each, in {count} on a virtual machine with "
            f"{cores} cores, Linux {kernels}; the load was {load} when {they} began."]


def latency(figures):
    def cell(row, placement, system):
        figure = figures.of(row, placement, system)
        return f"{number(figure['p50'])} ({number(figure['p99'])})"
    return table(("", *(f"{placement}, µs: median (99 %)" for placement in PLACEMENTS)),
                 ([TITLES[system], *(cell(row, placement, system) for placement in PLACEMENTS)]
                  for _, pairs in ROUND_TRIPS for row, system in pairs))


def throughput(figures):
    def cell(row, placement, system):
        return number(figures.of(row, placement, system)["rate"]) if system in figures.systems(row, placement) else ""
    return table(("thousand/s", *(f"{title}, {placement}" for _, title in LOADS for placement in PLACEMENTS)),
                 ([TITLES[system], *(cell(row, placement, system) for row, _ in LOADS for placement in PLACEMENTS)]
                  for system in THROUGH))


def kinds(figures):
    def cell(row, system):
        return " / ".join(number(figures.of(row, placement, system)["p50"]) for placement in PLACEMENTS
                          if system in figures.systems(row, placement))
    return table(("µs, one core / two cores", *(name for _, name in BESIDE)),
                 ([name_of_kind(figures, row), *(cell(row, system) for system, _ in BESIDE)] for row in KINDS))


def against_python(figures, groups, placement="two cores"):
    def cell(row, system):
        return f"{number(figures.of(row, placement, system)[figures.metrics(row)[0]])} {figures.unit(row)}"

    def line(row):
        python, ours = (figures.first(row, placement, kind) for kind in ("python", "mp"))
        others = [f"{cell(row, system)} ({name})" for system, name in others_of(figures, row, placement).items()]
        times = number(times_as_fast(figures, row, placement, ours, python))
        title = figures.title(row).removeprefix("local ")
        return [title, cell(row, python), ", ".join(others), cell(row, ours), f"{times} ×"]
    return table((f"on {placement}", "Python", "others", "mp", "times Python's"),
                 (line(row) for _, rows in groups for row in rows))


def memory(figures):
    def cell(row, system):
        if system not in figures.systems(row, "any core"):
            return ""
        return number(figures.of(row, "any core", system)[figures.metrics(row)[0]])
    return table(("bytes", *(name for _, name in BESIDE)),
                 ([figures.title(row).removeprefix("memory of "), *(cell(row, system) for system, _ in BESIDE)]
                  for row in MEMORY))


# ---- What makes a program fast, and what it does ---------------------------------------------------------------------

def digits(value):
    """Of very small ones two that tell something."""
    return number(value) if value >= 0.095 else f"{value:.2g}"


class Effect:
    """Two ways of one thing: (row, system, metric) of each, or with a fourth, how often it is done. Rates, in thousands
    or in MB of doubles a second, are shown as µs for each."""

    def __init__(self, do, before, after, instead):
        self.do, self.before, self.after, self.instead = do, before, after, instead

    @staticmethod
    def microseconds(figures, placement, what):
        row, system, metric, *often = what
        value = figures.of(row, placement, system)[metric]
        if metric == "rate":
            value = (8 if figures.unit(row) == "MB/s" else 1000) / value
        elif metric == "ns":
            value /= 1000
        return value * (often or [1])[0]

    def cells(self, figures):
        yield self.do
        yield self.instead
        for placement in PLACEMENTS:
            before, after = (self.microseconds(figures, placement, what) for what in (self.before, self.after))
            yield f"{digits(before)} → {digits(after)}, {number(before / after)} ×"


ROUND_TRIP = ("get", "mp", "p50")
SINGLY = "one after another"
EFFECTS = (
    Effect("200 commands under way: `d.async()`", ROUND_TRIP, ("pipeline", "mp", "rate"), SINGLY),
    Effect("the same over TCP, by `Lane::kInProcess`", ("stream", "mp stream", "p50"),
           ("pipeline", "mp stream", "rate"), SINGLY),
    Effect("the same through a relay", ("stream", "mp relay", "p50"), ("pipeline", "mp relay", "rate"), SINGLY),
    Effect("200 keys in one command: `d.get_many(keys)`", ("many", "mp get", "p50"), ("many", "mp", "p50"), SINGLY),
    Effect("the same through a relay", ("stream", "mp relay", "p50"), ("many", "mp relay", "p50"), SINGLY),
    Effect("an array's slice: `a.copy()`, each number", ("array-get", "mp", "p50"), ("slice-get", "mp", "rate"),
           "by index: `a[i]`"),
    Effect("a near cache that knows it", ("near-cache", "mp get", "p50"), ("near-cache", "mp", "p50"), "a round trip"),
    Effect("a proxy with types", ("untyped", "mp", "p50"), ("untyped", "mp get", "p50"), "`mp::Any`"),
    Effect("shared memory", ("get", "mp socket", "p50"), ROUND_TRIP, "the socket alone"),
    Effect("waiting awake, `--lane-spin`", ("asleep", "mp asleep", "p50"), ("asleep", "mp", "p50"), "sleeping at once"),
    Effect("a manager on this node", ("stream", "mp relay", "p50"), ROUND_TRIP, "one behind a relay, on this machine"),
    Effect("`Lane::kInProcess`", ("stream", "mp relay", "p50"), ("stream", "mp stream", "p50"), "the relay"),
    Effect("a built-in kind", ("custom", "mp custom", "p50"), ("value-add", "mp", "p50"), "a method of one's own type"),
    Effect("a local `Value`", ("value-add", "mp", "p50"), ("local-value", "mp local", "ns"), "a manager's"),
    Effect("a local `Lock`: acquire, release", ("lock", "mp", "p50", 2), ("local-lock", "mp local", "ns"),
           "a manager's"),
    Effect("`Pool::map` by its own chunksize", ("pool-tiny-1", "mp pool", "rate"), ("pool-many", "mp pool", "rate"),
           "a chunksize of 1"),
    Effect("fork: a process, start and join", ("local-spawn", "mp local", "us"), ("local-fork", "mp local", "us"),
           "spawn"),
)


def effects(figures):
    return table(("what", "instead of", *(f"{placement}, µs for each" for placement in PLACEMENTS)),
                 (list(effect.cells(figures)) for effect in EFFECTS))


def company(figures):
    """What a round trip costs where the system decides who runs where, and others run too."""
    systems = ("mp", "mp socket", "redis unix", "python unix")
    rows = ("lane", "lane-1k", "lane-64k", "lane-think-40", "lane-think-200", "lane-think-1000", "lane-hogs-1",
            "lane-hogs-2", "lane-hogs-4")
    return table(("any core, µs: median", *(TITLES[system] for system in systems)),
                 ([figures.title(row).removesuffix(", one of the two"),
                   *(number(figures.of(row, "any core", system)["p50"]) for system in systems)] for row in rows))


def costs(figures):
    """For the choice between local objects and managers."""
    def cell(row, system, metric="p50", often=1):
        values = [Effect.microseconds(figures, placement, (row, system, metric, often)) for placement in PLACEMENTS]
        return " / ".join(digits(value) for value in values)

    def rate(row, system):
        return " / ".join(number(figures.of(row, placement, system)["rate"]) for placement in PLACEMENTS)
    head = ("one core / two cores", "an operation, µs", "a lock acquired and released, µs", "200 under way, thousand/s")
    return table(head, (
        ("local, shared memory", cell("local-value", "mp local", "ns"), cell("local-lock", "mp local", "ns"), ""),
        ("a manager of this host", cell("value-add", "mp"), cell("lock", "mp", often=2), rate("pipeline", "mp")),
        ("the same by the socket alone", cell("get", "mp socket"), "", rate("pipeline", "mp socket")),
        ("a manager behind a relay, on this machine", cell("stream", "mp relay"), "", rate("pipeline", "mp relay")),
        ("the same with `Lane::kInProcess`", cell("stream", "mp stream"), "", rate("pipeline", "mp stream"))))


BLOCKS = {
    "machine": machine, "latency": latency, "throughput": throughput, "kinds": kinds, "memory": memory,
    "effects": effects, "company": company, "costs": costs,
    "together": lambda figures: against_python(figures, TOGETHER),
    "local": lambda figures: against_python(figures, LOCAL),
}

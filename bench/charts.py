"""The charts of docs/plots: what each shows, and how. Each takes the figures, and gives the text of an SVG."""

from figures import MissingFigures
from report import TITLES, number
from svg import WIDTH, Page, Scale, tick_label

LABELS = 206  # where the names end
GAP = 22
ROW = 25


def kind_of(system):
    """Whose colour and shape a system has."""
    return next((kind for kind in ("redis", "python", "mp") if system.startswith(kind)), "bare")


def begin(title, explanation):
    page = Page(title, explanation)
    page.y = 28
    page.text(16, title, "ink head")
    page.y += 20
    page.text(16, explanation, "muted small")
    page.y += 30
    return page


def panels(labels=LABELS):
    """The left and right ends of two panels beside one another."""
    width = (WIDTH - labels - 16 - GAP) / 2
    return (labels, labels + width), (labels + width + GAP, labels + width + GAP + width)


def grid(page, scale, top, bottom):
    for tick in scale.ticks():
        page.line(scale(tick), top, scale(tick), bottom, "grid")
        page.text(scale(tick), tick_label(tick), "muted small", "middle", bottom + 16)


# ---- Latency: a dot at the median, a line to the 99th percentile -----------------------------------------------------

ROUND_TRIPS = (
    ("over a Unix socket", (("get", "mp"), ("get", "mp socket"), ("get", "redis unix"), ("get", "python unix"),
                            ("get", "ping"))),
    ("over TCP", (("stream", "mp stream"), ("stream", "mp relay"), ("get", "redis tcp"), ("get", "python tcp"),
                  ("stream", "echo"))),
)
PLACEMENTS = ("one core", "two cores")


def latency(figures):
    page = begin("d[k], a round trip, in µs", "Dot: the median; line: to the 99th percentile. The axis is logarithmic.")
    shown = [pair for _, pairs in ROUND_TRIPS for pair in pairs]
    scales = []
    for (left, right), placement in zip(panels(), PLACEMENTS):
        found = [figures.of(row, placement, system) for row, system in shown]
        low, high = min(each["p50"] for each in found) / 1.3, max(each["p99"] for each in found)
        scales.append(Scale(left, right, low, high, logarithmic=True))
        page.text(left, f"client and server on {placement}", "ink head")
    page.y += 14
    top = page.y
    bottom = top + (len(shown) + len(ROUND_TRIPS)) * ROW
    for scale in scales:
        grid(page, scale, top, bottom)
    for group, pairs in ROUND_TRIPS:
        page.y += ROW
        page.text(16, group, "muted", y=page.y - 8)
        for row, system in pairs:
            page.y += ROW
            page.text(LABELS - 10, TITLES[system], anchor="end", y=page.y - 8)
            for scale, placement in zip(scales, PLACEMENTS):
                figure = figures.of(row, placement, system)
                x, end, y = scale(figure["p50"]), scale(figure["p99"]), page.y - 12.5
                page.line(x, y, end, y, kind_of(system), 2)
                page.mark(x, y, kind_of(system))
                page.text(end + 8, number(figure["p50"]), y=y + 4.5)
    page.y = bottom + 30
    return page.render()


# ---- Throughput: bars from zero --------------------------------------------------------------------------------------

LOADS = (("pipeline", "one client, 200 in flight"), ("processes", "eight clients at once"))
THROUGH = ("mp", "mp socket", "mp stream", "mp relay", "redis unix", "redis tcp", "python tcp", "echo")


def throughput(figures):
    page = begin("d[k], thousand in a second", "Upper bar: client and server on two cores; lower, paler bar: on one.")
    scales = []
    for (left, right), (row, title) in zip(panels(), LOADS):
        most = max(figures.of(row, placement, system)["rate"] for placement in PLACEMENTS
                   for system in figures.systems(row, placement))
        scales.append(Scale(left, right, 0, most, logarithmic=False))
        page.text(left, title, "ink head")
    page.y += 14
    top, height = page.y, 38
    for scale in scales:
        grid(page, scale, top, top + len(THROUGH) * height)
    for system in THROUGH:
        page.text(LABELS - 10, TITLES[system], anchor="end", y=page.y + 24)
        for scale, (row, _) in zip(scales, LOADS):
            for lower, placement in enumerate(("two cores", "one core")):
                if system not in figures.systems(row, placement):
                    continue
                rate, y = figures.of(row, placement, system)["rate"], page.y + 5 + 15 * lower
                page.bar(scale.x1, scale(rate), y, 12, kind_of(system), 0.45 if lower else 1)
                where = f" on {placement}" if system == THROUGH[1] and scale is scales[1] else ""
                page.text(scale(rate) + 6, number(rate) + where, "ink small", y=y + 10.5)
            if system not in figures.systems(row, "two cores"):
                page.text(scale.x1 + 4, "has no pipelining" if system.startswith("python") else "not measured",
                          "muted small", y=page.y + 24)
        page.y += height
    page.y += 30
    return page.render()


# ---- Kinds: three marks in a row -------------------------------------------------------------------------------------

KINDS = ("list-get", "list-set", "set-contains", "set-add", "namespace-get", "namespace-set", "value-get", "value-add",
         "array-get", "array-set", "lock", "rlock", "semaphore", "condition", "event", "queue")
BESIDE = (("mp", "mp"), ("redis unix", "Redis"), ("python unix", "Python's manager"))


def name_of_kind(figures, row):
    return figures.title(row).removesuffix(", a round trip")


def key(page):
    """Which mark is whose."""
    x = 16.0
    for system, name in BESIDE:
        page.mark(x + 6, page.y - 4.5, kind_of(system))
        page.text(x + 18, name, kind_of(system))
        x += 40 + 8 * len(name)
    page.y += 26


def marks(page, scale, values, y):
    """Those of one row, joined by a line; mp's with its value."""
    page.line(scale(min(values.values())), y, scale(max(values.values())), y, "grid", 2)
    for system, value in values.items():
        page.mark(scale(value), y, kind_of(system))
    if values["mp"] <= min(values.values()):
        page.text(scale(values["mp"]) - 11, number(values["mp"]), "mp small", "end", y=y + 4.5)
    else:
        page.text(scale(max(values.values())) + 11, f"mp {number(values['mp'])}", "mp small", y=y + 4.5)


def kinds(figures):
    page = begin("An operation of each kind, a round trip over a Unix socket, in µs",
                 "The median; where there are two operations, of one of them. The axis is logarithmic.")
    key(page)
    scales = []
    labels = LABELS + 22
    for (left, right), placement in zip(panels(labels), PLACEMENTS):
        found = [figures.of(row, placement, system)["p50"] for row in KINDS for system, _ in BESIDE
                 if system in figures.systems(row, placement)]
        scales.append(Scale(left, right, min(found) / 1.9, max(found), logarithmic=True))
        page.text(left, f"client and server on {placement}", "ink head")
    page.y += 14
    top = page.y
    for scale in scales:
        grid(page, scale, top, top + len(KINDS) * ROW)
    for row in KINDS:
        page.y += ROW
        page.text(labels - 10, name_of_kind(figures, row), anchor="end", y=page.y - 8)
        for scale, placement in zip(scales, PLACEMENTS):
            marks(page, scale, {system: figures.of(row, placement, system)["p50"] for system, _ in BESIDE
                                if system in figures.systems(row, placement)}, page.y - 12.5)
    page.y += 30
    return page.render()


# ---- How many times as fast as Python --------------------------------------------------------------------------------

LOCAL = (
    ("in shared memory", ("local-lock", "local-value", "local-queue-int", "local-queue-1k", "local-queue-1m",
                          "local-pipe", "local-barrier", "local-condition")),
    ("processes", ("local-fork", "local-spawn")),
    ("pools", ("pool-tiny-1", "pool-tiny", "pool-many", "pool-apply", "pool-large", "pool-start")),
)
TOGETHER = (
    ("several processes", ("handover", "barrier", "queue-4-4")),
    ("a slice of a million doubles", ("slice-get", "slice-set")),
)
MORE_IS_BETTER = ("thousand/s", "MB/s")
OTHERS = {"bare": "bare", "boost": "Boost", "redis unix": "Redis", "bare pool": "bare", "bare trip": "bare"}


def others_of(figures, row, placement):
    """{system: its name} of those that are neither mp's nor Python's."""
    others = [system for system in figures.systems(row, placement) if kind_of(system) not in ("mp", "python")]
    for system in others:
        if system not in OTHERS:
            raise MissingFigures(f"the row {row} has figures of {system}, and OTHERS has no name for it")
    return {system: OTHERS[system] for system in others}


def times_as_fast(figures, row, placement, system, python):
    metric = figures.metrics(row)[0]
    ours, theirs = (figures.of(row, placement, each)[metric] for each in (system, python))
    return ours / theirs if figures.unit(row) in MORE_IS_BETTER else theirs / ours


def times_of(figures, row, placement):
    """{system: how many times as fast as Python's it is}: the others, then mp."""
    python, ours = (figures.first(row, placement, kind) for kind in ("python", "mp"))
    return {system: times_as_fast(figures, row, placement, system, python)
            for system in (*others_of(figures, row, placement), ours)}


def marks_against_python(page, scale, times, y):
    """Those of one row, and behind the last of them what they say."""
    for system, value in times.items():
        page.mark(scale(value), y, kind_of(system))
    *others, ours = times
    end = max(map(scale, times.values()))
    page.text(end + 11, f"mp {number(times[ours])} ×", "mp small", y=y + 4.5)
    if others:
        told = ", ".join(f"{OTHERS[system]} {number(times[system])} ×" for system in others)
        page.text(end + 84, told, "muted small", y=y + 4.5)


def against_python(figures, title, groups, name_of, placement="two cores"):
    """A row for each, on a logarithmic axis on which Python's is 1."""
    page = begin(title, f"Python's is 1; the axis is logarithmic. On {placement}.")
    times = {row: times_of(figures, row, placement) for _, names in groups for row in names}
    every = [value for values in times.values() for value in values.values()]
    left, right = 330, WIDTH - 16 - 108
    scale = Scale(left, right, min(*every, 0.9), max(every), logarithmic=True)
    top = page.y + 4
    bottom = top + (len(times) + len(groups)) * ROW
    grid(page, scale, top, bottom)
    page.line(scale(1), top, scale(1), bottom, "python", 2)
    page.text(scale(1), "Python", "python small", "middle", top - 4)
    page.y = top
    for group, names in groups:
        page.y += ROW
        page.text(16, group, "muted", y=page.y - 8)
        for row in names:
            page.y += ROW
            page.text(left - 12, name_of(row), anchor="end", y=page.y - 8)
            marks_against_python(page, scale, times[row], page.y - 12.5)
    page.y += 30
    return page.render()


def local(figures):
    def name_of(row):
        name = figures.title(row).removeprefix("local ").removeprefix("Pool: ")
        return name.replace(", default chunksize", "").removesuffix(", 2 workers").removesuffix(", 1 worker")
    return against_python(figures, "On one machine: how many times as fast as Python's multiprocessing", LOCAL, name_of)


def together(figures):
    return against_python(figures, "At a manager: how many times as fast as Python's", TOGETHER, figures.title)


# ---- Memory ----------------------------------------------------------------------------------------------------------

MEMORY = ("memory", "memory-32", "memory-list", "memory-set", "memory-queue", "memory-array", "objects", "waiters")


def memory(figures):
    page = begin("Memory of the server, in bytes", "What it grows by for each. The axis is logarithmic.")
    key(page)
    left, right = 290, WIDTH - 30
    found = {row: {s: figures.of(row, "any core", s)[figures.metrics(row)[0]] for s in figures.systems(row, "any core")}
             for row in MEMORY}
    every = [value for values in found.values() for value in values.values()]
    scale = Scale(left, right, min(every) / 3, max(every), logarithmic=True)
    top = page.y - 10
    grid(page, scale, top, top + len(MEMORY) * ROW)
    page.y = top
    for row in MEMORY:
        page.y += ROW
        y = page.y - 12.5
        page.text(left - 12, figures.title(row).removeprefix("memory of "),
                  anchor="end", y=y + 4.5)
        marks(page, scale, found[row], y)
    page.y += 30
    return page.render()


CHARTS = {"latency": latency, "throughput": throughput, "kinds": kinds, "together": together, "local": local,
          "memory": memory}

"""What came out: medians, ratios, targets; as a table and as JSON."""

import os
import statistics

from measurements import available
from systems import SYSTEMS

TITLES = {name: system.title for name, system in SYSTEMS.items()}
CELL = 30


def combined(runs, metrics):
    """The median of the repeats; of silences, of all calls together."""
    if "samples" in runs[0]:
        samples = [sample for run in runs for sample in run["samples"]]
        return {"median": statistics.median(samples), "max": max(samples)}
    return {metric: statistics.median(run[metric] for run in runs) for metric in metrics}


def summary_of(row, samples):
    """`samples`: {placement: {system: [run, …]}}; gives the row of the JSON."""
    placements = {}
    for placement, systems in samples.items():
        figures = {system: combined(runs, row.metrics) for system, runs in systems.items()}
        base = figures[row.systems[0]][row.metrics[0]]
        placements[placement] = {
            system: {**figure, "ratio": figure[row.metrics[0]] / base if base else None, "runs": systems[system]}
            for system, figure in figures.items()}
    measured = set(available(row))
    return {
        "name": row.name, "title": row.title, "unit": row.unit, "metrics": list(row.metrics),
        "placements": placements,
        "targets": [verdict for target in row.targets if {target.system, target.peer} - {""} <= measured
                    for verdict in verdicts(target, row, placements)],
        "not_measured": {system: SYSTEMS[system].missing for system in row.systems if SYSTEMS[system].missing},
    }


def verdicts(target, row, placements):
    metric = target.metric or row.metrics[0]
    for placement, figures in placements.items():
        peer = figures[target.peer][metric] if target.peer else 1
        ratio = figures[target.system][metric] / peer if peer else float("inf")
        yield {"target": target.text(TITLES), "placement": placement, "ratio": ratio, "met": target.met(ratio),
               "unit": " ×" if target.peer else ""}


# ---- The table -------------------------------------------------------------------------------------------------------

def number(value):
    """Three digits that tell something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cell(figure, metrics):
    text = number(figure[metrics[0]])
    if len(metrics) > 1:
        text += f"  ({number(figure[metrics[1]])})"
    ratio = figure["ratio"]
    return f"{text:>18} {'' if ratio is None else f'{number(ratio)} ×':>9}"


def table_of(summary):
    metrics = summary["metrics"]
    unit = summary["unit"] + ("" if len(metrics) == 1 else f": {metrics[0]} ({metrics[1]})")
    placements = summary["placements"]
    lines = ["", f"{summary['title']}, {unit}", " " * 29 + "".join(f"{name:>{CELL}}" for name in placements)]
    for system in next(iter(placements.values())):
        lines.append(f"  {TITLES[system]:<27}" + "".join(f"{cell(figures[system], metrics):>{CELL}}"
                                                         for figures in placements.values()))
    lines += [f"  {TITLES[system]:<27}  not measured here: {reason}"
              for system, reason in summary["not_measured"].items()]
    texts = dict.fromkeys(verdict["target"] for verdict in summary["targets"])
    for text in texts:
        found = [verdict for verdict in summary["targets"] if verdict["target"] == text]
        lines.append(f"  aim: {text}: " + ", ".join(
            f"{'met' if one['met'] else 'MISSED'} ({number(one['ratio'])}{one['unit']})" for one in found))
    return "\n".join(lines)


def machine():
    with open("/proc/meminfo", encoding="ascii") as lines:
        memory = int(next(lines).split()[1]) * 1024
    return {"cores": os.cpu_count(), "memory_bytes": memory, "kernel": os.uname().release, "load": os.getloadavg()[0]}

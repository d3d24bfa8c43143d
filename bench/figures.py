"""The figures that docs/guides and docs/plots show: taken from results of the benchmarks, and kept in a small file."""

import json


class MissingFigures(Exception):
    pass


def rounded(value):
    return float(f"{value:.4g}") if isinstance(value, (int, float)) else value


def without_samples(row):
    """The medians alone."""
    return {"title": row["title"], "unit": row["unit"], "metrics": row["metrics"], "placements": {
        placement: {system: {metric: rounded(figure[metric]) for metric in row["metrics"]}
                    for system, figure in systems.items()}
        for placement, systems in row["placements"].items()}}


def run_of(results):
    machine = results["machine"]
    settings = results["settings"]
    return {"cores": machine["cores"], "kernel": machine["kernel"].split("-")[0], "repeats": settings["repeats"],
            "seconds": settings["seconds"], "load": round(machine["load"], 2)}


class Figures:
    """`kept`: {"runs": [run, …], "rows": {name: {…, "run": index}, …}}."""

    def __init__(self, kept=None):
        self._runs = kept["runs"] if kept else []
        self._rows = kept["rows"] if kept else {}

    def take(self, results):
        """The rows of these results instead of those of the same names."""
        if results["quick"]:
            raise MissingFigures("the figures of a quick run mean nothing")
        self._runs.append(run_of(results))
        for row in results["rows"]:
            self._rows[row["name"]] = {"run": len(self._runs) - 1, **without_samples(row)}
        used = sorted({row["run"] for row in self._rows.values()})
        self._runs = [self._runs[run] for run in used]
        for row in self._rows.values():
            row["run"] = used.index(row["run"])

    def text(self):
        """A line a row, so that a difference can be read."""
        runs = ",\n".join("  " + json.dumps(run) for run in self._runs)
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row, ensure_ascii=False)}"
                          for name, row in self._rows.items())
        return f'{{\n "runs": [\n{runs}\n ],\n "rows": {{\n{rows}\n }}\n}}\n'

    def _row(self, row):
        if row not in self._rows:
            raise MissingFigures(f"there are no figures of the row {row}: measure it, `./dev bench --only {row}`")
        return self._rows[row]

    def title(self, row):
        return self._row(row)["title"]

    def unit(self, row):
        """Of its first metric."""
        return self._row(row)["unit"].split(";")[0]

    def metrics(self, row):
        return self._row(row)["metrics"]

    def systems(self, row, placement):
        placements = self._row(row)["placements"]
        if placement not in placements:
            raise MissingFigures(f"the row {row} has no figures on {placement}")
        return list(placements[placement])

    def first(self, row, placement, kind):
        """The first system whose name begins so."""
        for system in self.systems(row, placement):
            if system.startswith(kind):
                return system
        raise MissingFigures(f"the row {row} has no figure of any {kind} on {placement}")

    def stale(self, rows):
        """What is kept of rows that are not among these, or are something else there, as lines of text."""
        known = {row.name: {"title": row.title, "unit": row.unit, "metrics": list(row.metrics)} for row in rows}
        for name, kept in self._rows.items():
            if name not in known:
                yield f"the row {name} is no longer measured"
                continue
            for what, value in known[name].items():
                if kept[what] != value:
                    yield f"the {what} of the row {name} is {value} now, and was {kept[what]}: measure it again"

    def of(self, row, placement, system):
        """{metric: value}."""
        try:
            return self._row(row)["placements"][placement][system]
        except KeyError as missing:
            raise MissingFigures(f"the row {row} has no figure of {system} on {placement}") from missing

    def runs(self):
        return self._runs

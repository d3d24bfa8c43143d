"""A page of SVG on which charts are drawn: colours for a light and a dark page, text that stays text, scales."""

import math
from html import escape

WIDTH = 800
ROOM_FOR_LABEL = 62  # right of the largest value
FONT = "-apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', Helvetica, Arial, sans-serif"

# What a mark belongs to: its colour on a light page, and on a dark one.
COLOURS = {
    "paper": ("#ffffff", "#0d1117"), "ink": ("#1f2328", "#f0f6fc"), "muted": ("#59636e", "#9198a1"),
    "grid": ("#d1d9e0", "#343b44"), "mp": ("#0969da", "#58a6ff"), "redis": ("#bc4c00", "#f0883e"),
    "python": ("#8250df", "#bc8cff"), "bare": ("#59636e", "#9198a1"),
}


def style():
    def rules(shade):
        return "".join(f".{name}{{fill:{pair[shade]};stroke:{pair[shade]}}}" for name, pair in COLOURS.items())
    return (f"text{{font:13px {FONT};stroke:none}}.small{{font-size:12px}}.head{{font-weight:600}}"
            f"{rules(0)}text[class]{{stroke:none}}"
            f"@media(prefers-color-scheme:dark){{{rules(1)}text[class]{{stroke:none}}}}")


def place(value):
    """A coordinate, as short as it can be."""
    return f"{value:.1f}".removesuffix(".0")


class Page:
    """Things are drawn from the top down; `y` is where the next one goes."""

    def __init__(self, title, description):
        self.y = 0
        self._title, self._description, self._parts = title, description, []

    def text(self, x, words, kind="ink", anchor="start", y=None):
        anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(f'<text x="{place(x)}" y="{place(self.y if y is None else y)}" class="{kind}"{anchored}>'
                           f"{escape(words)}</text>")

    def line(self, x1, y1, x2, y2, kind, width=1):
        self._parts.append(f'<line x1="{place(x1)}" y1="{place(y1)}" x2="{place(x2)}" y2="{place(y2)}" class="{kind}" '
                           f'stroke-width="{width}"/>')

    def bar(self, x1, x2, y, height, kind, opacity=1.0):
        faint = "" if opacity == 1 else f' fill-opacity="{opacity:g}" stroke-opacity="0"'
        self._parts.append(f'<rect x="{place(x1)}" y="{place(y)}" width="{place(max(x2 - x1, 1))}" '
                           f'height="{place(height)}" class="{kind}" stroke-width="0"{faint}/>')

    def mark(self, x, y, kind):
        """Each kind has a shape as well as a colour."""
        if kind == "redis":
            points = " ".join(f"{place(x + dx)},{place(y + dy)}" for dx, dy in ((0, -6), (6, 0), (0, 6), (-6, 0)))
            self._parts.append(f'<polygon points="{points}" class="{kind}"/>')
        elif kind == "python":
            self.bar(x - 4.5, x + 4.5, y - 4.5, 9, kind)
        elif kind == "bare":
            self.line(x, y - 7, x, y + 7, kind, 3)
        else:
            self._parts.append(f'<circle cx="{place(x)}" cy="{place(y)}" r="5" class="{kind}"/>')

    def render(self):
        height, title = place(self.y), escape(self._title)
        lines = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
                 f'height="{height}" role="img" aria-label="{title}">',
                 f"<title>{title}</title>", f"<desc>{escape(self._description)}</desc>", f"<style>{style()}</style>",
                 f'<rect width="{WIDTH}" height="{height}" rx="6" class="paper"/>', *self._parts, "</svg>")
        return "".join(f"{line}\n" for line in lines)


class Scale:
    """From numbers to places between x1 and x2, with room for a label right of the largest."""

    def __init__(self, x1, x2, low, high, logarithmic):
        self.x1, self._span, self._logarithmic = x1, x2 - x1 - ROOM_FOR_LABEL, logarithmic
        self._low = math.log10(low) if logarithmic else low
        self._high = math.log10(high) if logarithmic else high

    def __call__(self, value):
        value = math.log10(value) if self._logarithmic else value
        return self.x1 + self._span * (value - self._low) / (self._high - self._low)

    def ticks(self):
        if self._logarithmic:
            digits = (1, 2, 5) if self._high - self._low < 1.7 else (1,)
            powers = range(math.floor(self._low), math.ceil(self._high) + 1)
            every = (digit * 10.0 ** power for power in powers for digit in digits)
            return [tick for tick in every if self._low - 1e-9 <= math.log10(tick) <= self._high + 1e-9]
        step = 10.0 ** math.floor(math.log10(self._high))
        step *= 0.5 if self._high / step < 2.5 else 1 if self._high / step < 5 else 2
        return [step * number for number in range(int(self._high / step + 1e-9) + 1)]


def tick_label(value):
    return f"{value:,.0f}" if value >= 1 or value == 0 else f"{value:g}"

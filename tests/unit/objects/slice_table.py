#!/usr/bin/env python3
"""Writes slice_table.h: what CPython's lists answer to slices. Run it in its folder; the seed is fixed."""

import random
import sys

BIG = [sys.maxsize, -sys.maxsize - 1]


def text(start, stop, step):
    parts = ["" if part is None else str(part) for part in (start, stop, step)]
    return ":".join(parts)


def some_slices(rng, count):
    bounds = [None, None] + list(range(-7, 8))
    steps = [None, 1, 1, -1, -1, 2, -2, 3, -3, 5, -6]
    for _ in range(count):
        yield rng.choice(bounds), rng.choice(bounds), rng.choice(steps)
    for _ in range(count // 6):
        yield tuple(rng.choice(BIG + [None, 1, -1]) for _ in range(3))


def gets(rng):
    for start, stop, step in some_slices(rng, 300):
        length = rng.choice([0, 1, 2, 3, 4, 5, 6, 7])
        items = [str(i) for i in range(length)]
        yield f"{length} {text(start, stop, step)} {''.join(items[start:stop:step])}"


def sets(rng):
    for start, stop, step in some_slices(rng, 150):
        length = rng.choice([0, 1, 3, 4, 5, 6, 7])
        items = [str(i) for i in range(length)]
        size = rng.choice([len(items[start:stop:step]), rng.randrange(4)])
        values = list("abcdefg"[:size])
        try:
            items[start:stop:step] = values
            result = "".join(items)
        except ValueError:
            result = "!"
        yield f"{length} {text(start, stop, step)} {''.join(values)} {result}"


def table(name, rows):
    lines = []
    line = "   "
    for row in sorted(set(rows)):
        item = f' "{row}",'
        if len(line) + len(item) > 100:
            lines.append(line)
            line = "   "
        line += item
    lines.append(line)
    return f"inline constexpr const char* {name}[] = {{\n" + "\n".join(lines) + "\n};\n"


def main():
    rng = random.Random(1)
    with open("slice_table.h", "w", encoding="utf-8") as out:
        out.write("#pragma once\n\n// Written by slice_table.py with CPython.\n\n// clang-format off\n")
        out.write("namespace mp::server::test {\n\n")
        out.write('// "length slice selected", of the list of the digits below length.\n')
        out.write(table("kGetSlices", gets(rng)))
        out.write('\n// "length slice values result"; ! for ValueError.\n')
        out.write(table("kSetSlices", sets(rng)))
        out.write("\n}  // namespace mp::server::test\n")


main()

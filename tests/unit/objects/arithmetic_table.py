#!/usr/bin/env python3
"""Writes arithmetic_table.h: what CPython answers to ==, < and +. Run it in its folder."""

import math

inf, nan = math.inf, math.nan

OPERANDS = """
None|True|False|0|1|-1|2|9007199254740993|9007199254740992.0|9223372036854775807|9223372036854775808
9223372036854775808.0|18446744073709551615|18446744073709551616.0|-9223372036854775808
-9223372036854775808.0|0.0|-0.0|0.5|1.0|1e+300|inf|-inf|nan
''|'a'|'ab'|'b'|'é'|'\U0001f600'|b''|b'a'|b'ab'|b'\\xff'
[]|[1]|[1.0]|[True]|[1, 2]|[2]|['a']|[1, 'a']|[[1], [2]]|()|(1,)|(1, 2)|(0.5, 'a')|((1,), 2)
{}|{'a': 1}|{'a': 1.0}|{'a': 2}|{'b': 1}|{'a': 1, 'b': 2}|{'b': 2, 'a': 1}|set()|{1, 2}|{2, 1}|{'a'}
""".strip().replace("\n", "|").split("|")


def quoted(text):
    return '"' + text.replace("\\", "\\\\") + '"'


def equal(a, b):
    return "1" if a == b else "0"


def less(a, b):
    if isinstance(a, set) and isinstance(b, set):
        return "E"  # Python's < means "is a proper subset" there, which is no order
    try:
        return "1" if a < b else "0"
    except TypeError:
        return "E"


def sums(texts, values):
    for i, (x, a) in enumerate(zip(texts, values)):
        for j, (y, b) in enumerate(zip(texts, values)):
            if isinstance(a, (int, float)) and (j < i or (i + j) % 3 == 0):
                continue  # enough pairs of numbers without these
            try:
                total = a + b
            except TypeError:
                yield x, y, "E"
                continue
            if isinstance(total, int) and not -(2**63) <= total < 2**64:
                yield x, y, "V"  # ours are 64 bits wide
            else:
                yield x, y, repr(total)


def main():
    values = [eval(text) for text in OPERANDS]
    with open("arithmetic_table.h", "w", encoding="utf-8") as out:
        out.write("#pragma once\n\n// Written by arithmetic_table.py with CPython.\n\n// clang-format off\n")
        out.write("namespace mp::server::test {\n\ninline constexpr const char* kOperands[] = {\n")
        for text in OPERANDS:
            out.write(f"    {quoted(text)},\n")
        out.write("};\n")
        for name, operator in (("kEqual", equal), ("kLess", less)):
            out.write(f"\n// Row {name[1:].lower()} column: 1, 0, or E for TypeError.\n")
            out.write(f"inline constexpr const char* {name}[] = {{\n")
            for a in values:
                out.write("    \"" + "".join(operator(a, b) for b in values) + "\",\n")
            out.write("};\n")
        out.write("\nstruct Sum {\n  const char* a;\n  const char* b;\n  const char* total;\n};\n")
        out.write("// V: the sum leaves 64 bits. A pair that is not here has no sum.\n")
        out.write("inline constexpr Sum kSums[] = {\n")
        line = "   "
        for x, y, total in sums(OPERANDS, values):
            if total == "E":
                continue
            item = f" {{{quoted(x)}, {quoted(y)}, {quoted(total)}}},"
            if len(line) + len(item) > 100:
                out.write(line + "\n")
                line = "   "
            line += item
        out.write(line + "\n};\n\n}  // namespace mp::server::test\n")


main()

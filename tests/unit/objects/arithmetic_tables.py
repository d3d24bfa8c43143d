#!/usr/bin/env python3
"""Writes comparison_table.h and sum_table.h: what CPython answers to ==, < and +. Run it in its folder."""

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


def write_rows(out, items):
    """As many of them in a line as fit."""
    line = "   "
    for item in items:
        if len(line) + len(item) + 2 > 100:
            out.write(line + "\n")
            line = "   "
        line += f" {item},"
    out.write(line + "\n};\n")


def write_header(name, write):
    with open(name, "w", encoding="utf-8") as out:
        out.write("#pragma once\n\n// Written by arithmetic_tables.py with CPython.\n\n// clang-format off\n")
        out.write("namespace mp::server::test {\n\n")
        write(out)
        out.write("\n}  // namespace mp::server::test\n")


def write_comparisons(out, values):
    out.write("inline constexpr const char* kOperands[] = {\n")
    write_rows(out, [quoted(text) for text in OPERANDS])
    for name, operator in (("kEqual", equal), ("kLess", less)):
        out.write(f"\n// Row {name[1:].lower()} column: 1, 0, or E for TypeError.\n")
        out.write(f"inline constexpr const char* {name}[] = {{\n")
        for a in values:
            out.write("    \"" + "".join(operator(a, b) for b in values) + "\",\n")
        out.write("};\n")


def write_sums(out, values):
    out.write("struct Sum {\n  const char* a;\n  const char* b;\n  const char* total;\n};\n")
    out.write("// V: the sum leaves 64 bits. A pair that is not here has no sum.\n")
    out.write("inline constexpr Sum kSums[] = {\n")
    write_rows(out, [f"{{{quoted(x)}, {quoted(y)}, {quoted(total)}}}"
                     for x, y, total in sums(OPERANDS, values) if total != "E"])


def main():
    values = [eval(text) for text in OPERANDS]
    write_header("comparison_table.h", lambda out: write_comparisons(out, values))
    write_header("sum_table.h", lambda out: write_sums(out, values))


main()

"""Are the C++ names of a page's tables in the headers that the tables name?

A table has them whose heading has a column `mp` and a column `header`. In a row of it

    | `put`, `get` | `mp::Queue::{put, get}` | `local/queue.h` | |

Queue is declared in that header, below client_lib/include/mp, and its members are named in its body, or in that of a base
class, which may come from a header that is included; comments do not count. What stands outside of the column `mp` may be
in any header.
"""

import re
from functools import cache
from pathlib import Path

HEADERS = "client_lib/include/mp"

SPAN = re.compile(r"`(mp::[^`]*)`")
NAME = re.compile(r"mp::(?:(\w+)::)?(?:(\w+)|\{([\w, ]+)\})\Z")
BAR = re.compile(r"(?<!\\)\|")
COMMENT = re.compile(r"//[^\n]*")
INCLUDE = re.compile(r'^#include "mp/([\w/]+\.h)"', re.MULTILINE)


@cache
def code_of(header):
    return COMMENT.sub("", header.read_text("utf-8"))


@cache
def with_included(headers, name):
    """The text of a header, and of all of this project's that it includes."""
    found, left = {}, [name]
    while left:
        header = headers / left.pop()
        if header not in found and header.is_file():
            found[header] = code_of(header)
            left += INCLUDE.findall(header.read_text("utf-8"))
    return "\n".join(found.values())


def declares(text, name):
    """As a type, a template to be specialised, a namespace or a function; not merely as what is used there."""
    return re.search(rf"\b(?:class|struct|enum class|using|concept) {name}\b(?! ?;)"
                     rf"|^template <.*>\n(?:class|struct) {name};"
                     rf"|\bnamespace (?:\w+::)*{name}\b"
                     rf"|^[ \w:<>,*&\[\]]*[\w>*&\]] \*?{name}\(", text, re.MULTILINE) is not None


def end_of_block(text, begin):
    depth = 0
    for brace in re.finditer(r"[{}]", text[begin:]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return begin + brace.end()
    return len(text)


def has_member(text, owner, name, seen=()):
    """Is it in the body of the class, struct or enumeration, or of one that it derives from?"""
    for found in re.finditer(rf"\b(?:class|struct|enum class) {owner}\b([^;{{()]*)\{{", text):
        body = text[found.end() - 1:end_of_block(text, found.end() - 1)]
        bases = set(re.findall(r"\w+", found[1])) - {owner, *seen}
        if re.search(rf"\b{name}\b", body) or any(has_member(text, base, name, (*seen, owner)) for base in bases):
            return True
    return False


def names_in(cell):
    """Of `mp::A::{b, c}` (A, b) and (A, c); of `mp::d` (None, d). What is no such name, as (None, None)."""
    for span in SPAN.findall(cell):
        match = NAME.match(span)
        if match is None:
            yield span, None, None
            continue
        owner, single, several = match.groups()
        for name in [single] if single else re.split(r", *", several):
            yield span, owner, name


def is_there(owner, name, here, around):
    if owner is None:
        return declares(here, name)
    return declares(here, owner) and has_member(around, owner, name)


def cells_of(line):
    """Those between the bars; an escaped bar is part of a cell."""
    return [cell.strip() for cell in BAR.split(line.strip())[1:-1]]


def has_columns(cells):
    return "`mp`" in cells and "header" in cells


def wrong_rows(text):
    """The rows whose cells are not as many as those of their table's heading, if it is a table with names."""
    columns = None
    for line in text.splitlines():
        if not line.startswith("|"):
            columns = None
            continue
        columns = columns or cells_of(line)
        if has_columns(columns) and len(cells_of(line)) != len(columns):
            yield f"not a row of {len(columns)} cells: {line}"


def rows_of(text):
    """Of each line its header, or None, and its text."""
    columns = None
    for line in text.splitlines():
        if not line.startswith("|"):
            columns = None
            yield None, "", line
            continue
        cells = cells_of(line)
        if columns is None:
            columns = cells
        if not has_columns(columns) or len(cells) != len(columns):
            yield None, "", line
            continue
        cell, header = cells[columns.index("`mp`")], cells[columns.index("header")]
        yield header, cell, line.replace(cell, "", 1)


def wrong_in_cell(headers, header, cell):
    path = header.strip("`")
    if not (headers / path).is_file():
        if cell:
            yield f"there is no header {path or 'for ' + cell}"
        return
    here, around = code_of(headers / path), with_included(headers, path)
    for span, owner, name in names_in(cell):
        if name is None or not is_there(owner, name, here, around):
            yield f"{span}: there is no {name} in {path}"


def wrong(root, text):
    headers = root / HEADERS
    if not headers.is_dir():
        return
    yield from wrong_rows(text)
    everywhere = None
    for header, cell, rest in rows_of(text) if "| header |" in text else ():
        if header is not None and header not in ("header", "---"):
            yield from wrong_in_cell(headers, header, cell)
        for span, owner, name in names_in(rest):
            if everywhere is None:
                everywhere = "\n".join(code_of(file) for file in sorted(headers.rglob("*.h")))
            if name is None or not is_there(owner, name, everywhere, everywhere):
                yield f"{span}: there is no {name} in any header"


# For the test of this test: see check_docs.py.
PLANTED = {
    f"{HEADERS}/base.h": "namespace mp {\nstruct Base {\n  void inherited() const;  // and imagined()\n};\n"
                         "struct Other {\n  void of_another();\n};\n}\n",
    f"{HEADERS}/shape.h": '#include "mp/base.h"\nclass Later;\nclass Shape : public Base {\n  void draw();\n};\n'
                          "enum class Color : int { kRed };\nint count_of(const Shape& shape);\n",
}
PLANTED_PAGES = (
    ("symbols.md", "| Python | `mp` | header | |\n|---|---|---|---|\n"
                   "| `a` | `mp::Shape::{draw, inherited}`, `mp::count_of` | `shape.h` | |\n"
                   "| `b` | `mp::Color::kRed` | `shape.h` | `mp::Base` |\n| `c` | | | none |\n"
                   "| `x \\| y` | `mp::Shape::draw` | `shape.h` | |\n", 0),
    ("lost-symbols.md", "| Python | `mp` | header | |\n|---|---|---|---|\n"
                        "| `a` | `mp::Shape::{draw, imagined, of_another}` | `shape.h` | `mp::Shape::erase` |\n"
                        "| `b` | `mp::Later` | `shape.h` | |\n| `c` | `mp::Shape` | `base.h` | |\n"
                        "| `d` | `mp::Shape` | `gone.h` | |\n| `e` | `mp::Shape` | | |\n| `f` | `mp::Shape(1)` | `shape.h` | |\n"
                        "| `g \\| h` | `mp::Shape::other` | `shape.h` | |\n| `i | j` | | | |\n| `k` | | |\n",
     11),
)

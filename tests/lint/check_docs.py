#!/usr/bin/env python3
"""Checks that the documentation says what the tree holds.

    check_docs.py [ROOT]        every .md file; prints a line for each thing that is not so
    check_docs.py --self-test   plants mistakes in a tree of its own and demands that each is found
    check_docs.py --requote     writes every block that quotes a whole file anew, as the file is now

  links     a relative link leads to a file, and its #anchor to a heading
  blocks    each block of code is quoted of a file that is built or run, run by a test, a command that
            exists, or declared to be data: see blocks.py
  tests     a test that is named as `PATH::NAME` is there
  tour      every program of examples/tour is in docs/tour, and those that print something else
            than their Python originals are said to
  rpcs      each unary method of protos/mp/v1 has an example there, and the examples call no other
  names     a page mentions every flag, code or page that it is the list of, and none that is gone
  symbols   a table with the columns `mp` and `header` names what is declared there: see symbols.py
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import blocks
import symbols
from blocks import EXAMPLES, FENCE, example_pages

SKIPPED_FOLDERS = ("build",)  # and those whose names begin with a dot


class NameList(NamedTuple):
    page: str
    source: str
    defined: str  # what the source defines; its group is the name
    mentioned: str  # what in the page looks like such a name; its group is the name


NAME_LISTS = (
    NameList("docs/operating.md", "server/options.cc", r'"(?:-\w,)?(--[a-z-]+)"',
             r"(--[a-z]+(?:-[a-z]+)*)"),
    NameList("docs/protocol.md", "protos/mp/v1/error.proto", r"(?m)^  ([A-Z_]+) = [1-9]\d*;",
             r"(?m)^\| `([A-Z_]+)` \|"),
)

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CALL = re.compile(r" localhost:50051 (mp\.v1\.\w+/\w+)")  # of a command, not of what it prints
TEST = re.compile(r"`([\w./]+\.\w+)::(\w+)`")
CODE = re.compile(r"`[^`\n]*`")


def pages(root):
    for page in sorted(root.rglob("*.md")):
        folders = page.relative_to(root).parts[:-1]
        if not any(f.startswith(".") or f in SKIPPED_FOLDERS for f in folders):
            yield page


def prose_of(text):
    return CODE.sub("", FENCE.sub("", text))


def anchors_of(text):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def wrong_links(root, page, text):
    for link in LINK.findall(prose_of(text)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.is_relative_to(root.resolve()) or not target.exists():
            yield f"the link {link} leads nowhere"
        elif anchor and anchor not in anchors_of(target.read_text("utf-8")):
            yield f"the link {link} leads to no heading"


def wrong_tests(root, text):
    for path, name in TEST.findall(FENCE.sub("", text)):
        if not (root / path).is_file():
            yield f"there is no file {path} with tests"
        elif not re.search(rf"\b{name}\b", (root / path).read_text("utf-8")):
            yield f"there is no test {name} in {path}"


def rpcs_of(proto):
    """Its unary methods, as `mp.v1.Dict/Get`; a stream has no example."""
    package = re.search(r"(?m)^package ([\w.]+);", proto)
    for service, body in re.findall(r"(?m)^service (\w+) \{\n(.*?)^\}", proto, re.DOTALL):
        for rpc in re.findall(r"(?m)^  rpc (\w+)\((?!stream )", body):
            yield f"{package[1]}.{service}/{rpc}"


def wrong_rpcs(root):
    called = {}
    for file in (root / EXAMPLES, *example_pages(root)):
        for rpc in CALL.findall(file.read_text("utf-8")) if file.exists() else ():
            called.setdefault(rpc, file)
    defined = set()
    for proto in sorted((root / "protos/mp/v1").glob("*.proto")):
        for rpc in rpcs_of(proto.read_text("utf-8")):
            defined.add(rpc)
            if rpc not in called:
                yield f"{proto.relative_to(root)}: no example calls {rpc}"
    for rpc, file in called.items():
        if rpc not in defined:
            yield f"{file.relative_to(root)}: calls {rpc}, which no proto has"


def wrong_names(root):
    for names in NAME_LISTS:
        missing = [path for path in (names.page, names.source) if not (root / path).is_file()]
        yield from (f"{path}: is not there, so no names are checked" for path in missing)
        if missing:
            continue
        defined = set(re.findall(names.defined, (root / names.source).read_text("utf-8")))
        mentioned = set(re.findall(names.mentioned, (root / names.page).read_text("utf-8")))
        if not defined:
            yield f"{names.source}: defines nothing that {names.page} could mention"
        for name in sorted(defined - mentioned):
            yield f"{names.page}: does not mention {name} of {names.source}"
        for name in sorted(mentioned - defined):
            yield f"{names.page}: mentions {name}, which {names.source} does not know"
    index = root / "docs/README.md"
    if not index.is_file():
        yield "docs/README.md: is not there, so no page is listed"
        return
    linked = {(index.parent / link).resolve() for link in LINK.findall(index.read_text("utf-8"))}
    for page in pages(root / "docs"):
        if page != index and page.resolve() not in linked:
            yield f"docs/README.md: does not list {page.relative_to(root / 'docs')}"


def wrong_tour(root):
    """Is every program of the tour in a section of docs/tour, and said to differ from Python's if it does?"""
    pages_of_tour = [page.read_text("utf-8") for page in sorted((root / "docs/tour").glob("*.md"))]
    sections = [section for text in pages_of_tour for section in re.split(r"^## ", text, flags=re.MULTILINE)]
    tour = root / "examples/tour"
    for program in sorted([*tour.glob("*.cpp"), *tour.glob("python/*.py")]):
        path = program.relative_to(root).as_posix()
        shown = [section for section in sections if f"<!-- quote: {path} -->" in section]
        if not shown:
            yield f"docs/tour.md: no page of the tour shows {path}"
        elif program.suffix == ".py" and ("They differ" in shown[0]) != program.with_suffix(".expected").exists():
            yield f"docs/tour.md: does {path} print what its C++ program does, or are they said to differ?"


def check(root):
    """Returns (what is wrong as lines of text, number of pages read)."""
    found, read = [*wrong_names(root), *wrong_rpcs(root), *wrong_tour(root)], 0
    for page in pages(root):
        text = page.read_text("utf-8")
        read += 1
        for wrong in (*wrong_links(root, page, text), *blocks.wrong(root, page, text),
                      *wrong_tests(root, text), *symbols.wrong(root, text)):
            found.append(f"{page.relative_to(root).as_posix()}: {wrong}")
    return found, read


# Files of a small tree, and beside each page what must be found wrong with it.
PLANTED = {
    "server/options.cc": 'add("--listen");\n',
    "protos/mp/v1/error.proto": "enum Code {\n  NONE = 0;\n  BROKEN = 1;\n  LOST = 2;\n}\n",
    "examples/tour/a.cpp": "",
    "examples/tour/CMakeLists.txt": "python/*.py\n",
    "examples/tour/python/a.py": "pass\n",
    "examples/tour/python/b.py": "pass\n",
    "examples/tour/python/b.expected": "",
    **blocks.PLANTED,
    **symbols.PLANTED,
    "protos/mp/v1/shape.proto": "package mp.v1;\nservice Shape {\n  rpc Draw(DrawRequest) returns (DrawReply);\n}\n",
}
PLANTED_PAGES = (
    ("links.md", "# One & two\n[a](a.cc) [b](#one--two) [c](https://x.org/y) `[d](nowhere)`\n", 0),
    ("broken.md", "[a](nowhere.md) [b](links.md#three) [c](../a.cc)\n", 3),
    ("tests.md", "`a.cc::f` and `path::TestName`, `a.cc::h`, `z.cc::f`\n", 2),
    *blocks.PLANTED_PAGES,
    *symbols.PLANTED_PAGES,
    ("docs/operating.md", "`--socket`\n", 2),
    ("docs/protocol.md", "| `BROKEN` |\n| `GONE` |\n", 2),
    ("docs/tour.md", "", 3),
    ("docs/tour/some.md", "## A\n\n**They differ.**\n\n<!-- quote: examples/tour/python/a.py -->\n```python\npass\n```\n\n"
                          "## B\n\n<!-- quote: examples/tour/python/b.py -->\n```python\npass\n```\n", 0),
    ("docs/README.md", "[operating](operating.md) [protocol](protocol.md) [wrong](objects/wrong.md) [tour](tour.md) [some](tour/some.md)\n",
     2),
    ("docs/adr/0001-x.md", "# no page lists this one\n", 0),
    ("docs/objects/shape.md", "```console\n$ grpcurl -d '{\n  }' localhost:50051 mp.v1.Shape/Draw\n{}\n\n"
                              "$ grpcurl localhost:50051 mp.v1.Color/Mix\n{}\n```\n", 0),
    ("protos/mp/v1/color.proto", "package mp.v1;\n// rpc A(B)\nservice Color {\n  // Prints mp.v1.Color/Show.\n"
                                 "  rpc Mix(MixRequest) returns (MixReply);\n"
                                 "  rpc Show(ShowRequest) returns (ShowReply);\n"
                                 "  rpc Watch(stream WatchRequest) returns (stream WatchReply);\n}\n", 1),
    ("docs/objects/wrong.md", "`$ grpcurl -plaintext localhost:50051 mp.v1.Color/Blend`\n", 1),
)


def finds_what_is_gone(root):
    """Is it said of each file that names are checked in, if it is not there, and of each source, if it defines none?"""
    good = True
    sources = [names.source for names in NAME_LISTS]
    for path in ("docs/README.md", *(names.page for names in NAME_LISTS), *sources):
        text = (root / path).read_text("utf-8")
        (root / path).unlink()
        if not any(line.startswith(f"{path}: is not there") for line in wrong_names(root)):
            good = False
            print(f"{path}: is gone, and not missed")
        (root / path).write_text("", "utf-8")
        if path in sources and not any(line.startswith(f"{path}: defines nothing") for line in wrong_names(root)):
            good = False
            print(f"{path}: is empty, and nothing is missed")
        (root / path).write_text(text, "utf-8")
    return good


def self_test():
    """Plants all of this in one tree and counts what is found wrong with each page."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in (*PLANTED.items(), *((p, t) for p, t, _ in PLANTED_PAGES)):
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        found, _ = check(Path(folder))
        good = finds_what_is_gone(Path(folder))
    for path, _, expected in PLANTED_PAGES:
        lines = [line for line in found if line.startswith(f"{path}:")]
        if len(lines) != expected:
            good = False
            print(f"{path}: {len(lines)} mistakes found, {expected} planted", *lines, sep="\n  ")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, metavar="ROOT", default=Path(__file__).resolve().parents[2])
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--requote", action="store_true")
    options = parser.parse_args()
    options.root = options.root.resolve()
    if options.requote:
        for page in pages(options.root):
            blocks.requote(options.root, page)
        good = True
    elif options.self_test:
        good = self_test()
        found = "finds" if good else "does not find"
        print(f"docs: {found} what was planted ({len(PLANTED_PAGES)} pages)")
    else:
        found, read = check(options.root)
        print("".join(f"{line}\n" for line in found), end="")
        good = read > 0 and not found
        print(f"docs: {'true' if good else 'not true'} ({len(found)} mistakes in {read} pages)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

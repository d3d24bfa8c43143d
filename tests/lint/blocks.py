"""Is each code block of a page true? A block is of one of these classes, or it is a mistake:

  quote    below `<!-- quote: PATH -->` the whole of that file, below `<!-- excerpt: PATH -->` lines of it; the file is
           compiled or run by the build, a test or the CI
  run      below `<!-- run by: PATH -->`, a test's script: it reads that page, or holds each command of the block
  console  `$ grpcurl …` and what it prints: it stands so in docs/grpcurl-examples.txt, which a test runs, as it runs the
           blocks of EXAMPLE_PAGES
  sh       commands whose verbs, presets, labels, flags and services exist: see commands.py; so is a block that names none.
           tests/e2e/shell_blocks.py runs them
  trace    lines `PATH: Class::function`, each of which names a function that is there
  text     data, output or a picture, with no command in it

A block begins at the left margin with three backticks and its class or its language; any language but these five needs one
of the marks. Nothing is code by being indented.
"""

import re
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

import commands

EXAMPLES = "docs/grpcurl-examples.txt"
EXAMPLE_PAGES = ("docs/objects/*.md", "docs/guides/grpcurl-cookbook.md")  # whose blocks are such examples too
COMPILED_FOLDERS = ("client_lib", "server", "protos")  # every file in them is part of the build
CI_SCRIPTS = ("deploy/test", "deploy/testing/*.py", "package/test")  # beside what ctest runs

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = re.compile(r"<!-- (quote|excerpt|run by): (\S+) -->$")
ANY_FENCE = re.compile(r"\s*(?:>\s*)?(?:`{3,}|~{3,})")
INDENTED = re.compile(r"\n\n(?: {4,}|\t)(?![-*\d ])\S[^\n]*")
LIST_BEFORE = re.compile(r"(?:^|\n)(?:[-*]|\d+\.) [^\n]*(?:\n[ \t]+[^\n]*|\n(?=\n))*\Z")
COMMAND_LIKE = re.compile(r"^(?:\$ |\./|(?:mp-manager|cmake|ctest|docker|docker-compose|apt|apt-get|grpcurl|g\+\+) )",
                          re.MULTILINE)


class Block(NamedTuple):
    language: str
    text: str
    how: str  # of its mark, or ""
    path: str


def blocks_of(text):
    for fence in FENCE.finditer(text):
        mark = MARK.search(text[:fence.start()].removesuffix("\n"))
        yield Block(fence[1], fence[2], *(mark.groups() if mark else ("", "")))


def misshapen(text):
    """What a reader would see as code and blocks_of() does not."""
    prose = FENCE.sub("", text)
    for line in prose.splitlines():
        if ANY_FENCE.match(line):
            yield f"a block that is indented, not closed, or of more than a language: {line.strip()}"
        elif re.match(r"\s*<pre\b", line):
            yield "a block of HTML: use a fence"
    for found in INDENTED.finditer(prose):
        if not LIST_BEFORE.search(prose[:found.start()]):
            yield f"a block by indentation: {found[0].strip()}"


# ---- Quotes ----------------------------------------------------------------------------------------------------------

@cache
def patterns_of(root):
    """What the CMakeLists.txt of the tree name: paths from its root, in which a variable is a `*`."""
    patterns = set()
    for file in sorted(root.rglob("CMakeLists.txt")):
        folder = file.parent.relative_to(root)
        if folder.parts[:1] == ("build",):
            continue
        listed = re.sub(r"#[^\n]*", "", file.read_text("utf-8"))
        for word in re.findall(r'[^\s()"]*\.\w+', listed):
            here = "" if "${PROJECT_SOURCE_DIR}/" in word else folder.as_posix() + "/"
            word = re.sub(r"\$\{(PROJECT|CMAKE_CURRENT)_SOURCE_DIR\}/", "", word)
            patterns.add((here + re.sub(r"\$\{\w+\}", "*", word)).removeprefix("./"))
    return sorted(patterns)


def is_tested(root, path):
    """Is the file compiled or run, as far as the build and the CI say?"""
    if path.split("/")[0] in COMPILED_FOLDERS:
        return True
    parts = path.split("/")
    for pattern in patterns_of(root):
        wanted = pattern.split("/")
        if len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted)):
            return True
    scripts = [script for pattern in CI_SCRIPTS for script in root.glob(pattern)]
    return root / path in scripts or any(path in script.read_text("utf-8") for script in scripts)


def wrong_quote(root, block):
    if not (root / block.path).is_file():
        yield f"there is no file {block.path} to quote"
        return
    source = (root / block.path).read_text("utf-8")
    if block.text != source if block.how == "quote" else f"\n{block.text}" not in f"\n{source}":
        yield f"what is quoted of {block.path} is not what stands there"
    if not is_tested(root, block.path):
        yield f"{block.path}, which is quoted, is neither compiled nor run by any test"


def requote(root, page):
    """Writes the page's quotes of whole files anew."""
    def block(found):
        source = root / found[2]
        return found[1] + source.read_text("utf-8") + "```\n" if source.is_file() else found[0]

    text = page.read_text("utf-8")
    anew = re.sub(r"^(<!-- quote: (\S+) -->\n```\w*\n).*?^```\n", block, text, flags=re.DOTALL | re.MULTILINE)
    if anew != text:
        page.write_text(anew, "utf-8")


# ---- Commands --------------------------------------------------------------------------------------------------------

def wrong_run(root, page, block):
    script = root / block.path
    if not script.is_file() or not is_tested(root, block.path):
        yield f"no test runs {block.path}"
        return
    source = " ".join(script.read_text("utf-8").replace("\\\n", " ").split())
    if re.search(rf"(?<![\w./-]){re.escape(page.relative_to(root).as_posix())}(?![\w.-]*\w)", source):
        return  # it reads the page
    for command in commands.lines_of(re.sub(r"^\$ ", "", block.text, flags=re.MULTILINE)):
        if " ".join(command.split()) not in source:
            yield f"{block.path} does not run: {command}"


def example_pages(root):
    return [page for pattern in EXAMPLE_PAGES for page in sorted(root.glob(pattern))]


def wrong_console(root, page, block):
    if not block.text.startswith("$ "):
        yield f"a console begins with a command: {block.text.splitlines()[0]}"
    elif page not in example_pages(root):
        known = root / EXAMPLES
        for example in re.split(r"\n\n(?=\$ )", block.text.strip()):
            if not example.startswith("$ grpcurl "):
                yield f"no test is said to run: {example.splitlines()[0]}"
            elif not known.exists() or f"\n{example}\n" not in known.read_text("utf-8"):
                yield f"{EXAMPLES} does not hold: {example.splitlines()[0]}"


# ---- Traces ----------------------------------------------------------------------------------------------------------

def holds_function(source, name):
    """Does this text define `function`, or `Class::function`, inside its class or outside?"""
    *owner, function = name.split("::")
    called = re.escape(function) + r"\("
    if not owner:
        return re.search(rf"\b{called}", source) is not None
    if re.search(rf"\b{owner[-1]}::{called}", source):
        return True
    return (re.search(rf"\b(class|struct) {owner[-1]}\b", source) is not None
            and re.search(rf"(?<![\w:]){called}", source) is not None)


def wrong_trace(root, block):
    for line in block.text.splitlines():
        path, _, name = line.partition(": ")
        if not (root / path).is_file():
            yield f"the trace names {path}, which is not there"
        elif not holds_function((root / path).read_text("utf-8"), name):
            yield f"the trace names {name}, which is not in {path}"


# ---- All of them -----------------------------------------------------------------------------------------------------

def wrong_block(root, page, block):
    if block.how in ("quote", "excerpt"):
        yield from wrong_quote(root, block)
    elif block.how == "run by":
        yield from wrong_run(root, page, block)
    elif block.language == "console":
        yield from wrong_console(root, page, block)
    elif block.language in ("sh", ""):
        yield from commands.wrong(root, block.text)
    elif block.language == "trace":
        yield from wrong_trace(root, block)
    elif block.language == "text":
        for command in COMMAND_LIKE.finditer(block.text):
            yield f"a command in a block of text: {block.text[command.start():].splitlines()[0]}"
    else:
        first = block.text.splitlines()[0] if block.text else ""
        yield f"a block of {block.language} that no test is said to check: {first}"


def wrong(root, page, text):
    yield from misshapen(text)
    for block in blocks_of(text):
        yield from wrong_block(root, page, block)
    for span in re.findall(r"`(\./dev [^`\n]+)`", FENCE.sub("", text)):
        yield from commands.wrong(root, span)


# For the test of this test: see check_docs.py.
A_CC = "int f(int x) { return x; }\nvoid C::g() {}\n"
PLANTED = {
    "a.cc": A_CC,
    "b.h": "class D {\n  void h() {}\n};\n",
    "unbuilt.cc": "int f();\n",
    "CMakeLists.txt": 'add_library(x a.cc) # not unbuilt.cc\nrun("${PROJECT_SOURCE_DIR}/check_${x}.py")\n',
    "check_some.py": "run('make all   -j2')  # of one page: named.md\n",
    EXAMPLES: "\n$ grpcurl -plaintext localhost:50051 list\nmp.v1.Dict\n\n$ grpcurl other\n",
    **commands.PLANTED,
}
PLANTED_PAGES = (
    ("quotes.md", f"<!-- quote: a.cc -->\n```cpp\n{A_CC}```\n<!-- excerpt: a.cc -->\n```cpp\nvoid C::g() {{}}\n```\n", 0),
    ("misquotes.md", "<!-- quote: a.cc -->\n```cpp\nvoid C::g() {}\n```\n```cpp\nint f();\n```\n"
                     "<!-- excerpt: z.cc -->\n```cpp\nint f();\n```\n<!-- quote: unbuilt.cc -->\n```\nint f();\n```\n", 4),
    ("runs.md", "<!-- run by: check_some.py -->\n```sh\nmake all \\\n  -j2   # soon\n```\n", 0),
    ("named.md", "<!-- run by: check_some.py -->\n```cmake\nproject(x)\n```\n", 0),
    ("misruns.md", "<!-- run by: check_some.py -->\n```sh\nmake\nmake some\n```\n"
                   "<!-- run by: a.py -->\n```sh\nmake all -j2\n```\n", 2),
    ("shapes.md", "- a\n\n    of the list\n\n- b\n\n```text\n$5 a piece\n```\n", 0),
    ("misshapes.md", "- a\n\n  ```text\n  a\n  ```\n\nb\n\n    int x;\n\n~~~\nc\n~~~\n\n<pre>d</pre>\n\n```rust\ne\n```\n\n"
                     "```text\n./dev demo\n```\n", 8),
    ("traces.md", "```trace\na.cc: f\na.cc: C::g\nb.h: D::h\n```\n", 0),
    ("lost.md", "```trace\na.cc: C::f2\na.cc: D::g\nb.h: D::g\nz.h: f\n```\n", 4),
    ("commands.md", "```console\n$ grpcurl -plaintext localhost:50051 list\nmp.v1.Dict\n```\n", 0),
    ("untested.md", "```console\n$ grpcurl other\n\n$ grpcurl another\n\n$ curl\n```\n```console\nlist\n```\n", 3),
    *commands.PLANTED_PAGES,
)

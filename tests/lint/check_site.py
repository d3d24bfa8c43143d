#!/usr/bin/env python3
"""Builds the documentation as a site, and looks whether it holds together.

    check_site.py               builds it into a folder of its own
    check_site.py FOLDER        takes what is there, for instance build/docs
    check_site.py --self-test   plants mistakes in a small site and demands that each is found

  links      each leads to a file of the site, and its #anchor to something there
  offline    what a page loads lies beside it; there are no scripts, and what is elsewhere is only linked to
  reachable  from index.html one comes to every page
"""

import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
# That of this script, and the one that Debian's packages are for.
INTERPRETERS = (sys.executable, "/usr/bin/python3")
NEEDED = "markdown, pygments"
LOADED = ("src", "poster", "data")  # by whatever has them; and href by all but links
LINKS = ("a", "area")
SHEET = re.compile(r"""url\(\s*["']?([^"')]+?)["']?\s*\)|@import\s+["']([^"']+)["']""")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CANDIDATE = re.compile(r"(\S*[^\s,])(?:\s+[^,]+)?")  # of a srcset


def loads_of_sheet(text):
    """What a style sheet, or a style, loads; what is data lies in it."""
    return [one or other for one, other in SHEET.findall(COMMENT.sub("", text))
            if not (one or other).startswith("data:")]


class Page(HTMLParser):
    """What can be linked to in a page, and what it links to, loads and runs."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links, self.loads, self.scripts = set(), [], [], []
        self.in_style = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        self.in_style = tag == "style"
        for name, value in given.items():
            if name in ("href", "xlink:href") and value is not None:
                (self.links if tag in LINKS else self.loads).append(value)
            elif name in LOADED and value:
                self.loads.append(value)
            elif name == "srcset":
                self.loads += CANDIDATE.findall(value or "")
            elif name == "style" or (value or "").startswith("url("):
                self.loads += loads_of_sheet(value or "")
        self.loads = [load for load in self.loads if not load.startswith("data:")]
        self.scripts += [tag] if tag == "script" else [name for name in given if name.startswith("on")]

    def handle_endtag(self, tag):
        self.in_style = False

    def handle_data(self, data):
        if self.in_style:
            self.loads += loads_of_sheet(data)


class Sheet:
    """The same of a style sheet, which only loads."""

    def __init__(self, text):
        self.anchors, self.links, self.loads, self.scripts = set(), [], loads_of_sheet(text), []


def wrong_links(folder, pages, path, page, reached):
    """What is wrong with what a page links to; adds the pages that it leads to."""
    for link in page.links + page.loads:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            if link in page.loads or parts.scheme not in ("http", "https", "mailto"):
                yield f"{link} is not of the site"
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_relative_to(folder) or not target.is_file():
            yield f"{link} leads nowhere"
        elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
            yield f"{link}: there is no such anchor"
        reached.add(target)


def check(folder):
    """(what is wrong, as lines of text; number of pages)"""
    folder = folder.resolve()
    pages = {path: Page(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}
    found, reached = [], {}
    others = {path: (Sheet if path.suffix == ".css" else Page)(path.read_text("utf-8"))
              for pattern in ("*.css", "*.svg") for path in sorted(folder.rglob(pattern))}
    for path, page in (*pages.items(), *others.items()):
        reached[path] = set()
        wrong = [*wrong_links(folder, pages, path, page, reached[path]), *(f"a script: {what}" for what in page.scripts)]
        found += [f"{path.relative_to(folder)}: {line}" for line in wrong]
    left, seen = [folder / "index.html"], set()
    while left:
        path = left.pop()
        if path not in seen:
            seen.add(path)
            left += reached.get(path, ())
    found += [f"{path.relative_to(folder)}: nothing leads there" for path in pages if path not in seen]
    return found, len(pages)


def find_interpreter():
    for python in INTERPRETERS:
        if Path(python).exists() and subprocess.run([python, "-c", f"import {NEEDED}"], stderr=subprocess.DEVNULL,
                                                    check=False).returncode == 0:
            return python
    return None


def build_and_check():
    python = find_interpreter()
    if python is None:
        return [f"none of {', '.join(INTERPRETERS)} has {NEEDED}: ./dev setup docs"], 0
    with tempfile.TemporaryDirectory(prefix="mp-site-") as folder:
        done = subprocess.run([python, "-B", str(ROOT / "docs/site/build.py"), folder], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return [f"{done.stdout}{done.stderr}".rstrip()], 0
        return check(Path(folder))


PLANTED = {
    "index.html": '<link rel="stylesheet" href="a.css"><h1 id="top"></h1><a href="b/c.html#d">c</a> <a href="#top">t</a>'
                  '<a href="https://x.org/y">y</a> <a href="wrong.html">w</a>'
                  '<a href="b/media.html">m</a>',
    "a.css": "/* url(gone.css) */ @import 'b/b.css'; p { background: url(b/ok.svg) url(data:image/png;base64,AA==) }",
    "b/b.css": "@import url('https://x.org/f.css'); @import \"gone.css\"; p { background: url(gone.png) }",
    "b/ok.svg": '<svg xmlns="http://www.w3.org/2000/svg"><style>p { fill: url(#f) }</style><g fill="url(#f)"/></svg>',
    "b/wrong.svg": '<svg><image xlink:href="https://x.org/i.png"/><use href="gone.svg#a"/><g fill="url(x.svg#f)"/>'
                   '<style>@import "https://x.org/f.css";</style><script/></svg>',
    "b/media.html": '<a href="../index.html">i</a><video src="a" poster="b"></video><audio src="c"></audio><embed src="d">'
                    '<img srcset="ok.svg 1x, e.png 2x"><p style="background: url(f.png)"></p>',
    "b/c.html": '<a name="d"></a><a href="../index.html">i</a>',
    "alone.html": "",
    "wrong.html": '<a href="b/d.html"></a><a href="b/c.html#e"></a><a href="../x"></a><img src="https://x.org/i.png">'
                  '<script></script><p onclick="f()"></p><a href="file:///etc"></a>',
}
EXPECTED = {"index.html": 0, "b/c.html": 0, "alone.html": 1, "wrong.html": 7, "a.css": 0, "b/b.css": 3, "b/ok.svg": 0,
            "b/wrong.svg": 5, "b/media.html": 6}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        for path, text in PLANTED.items():
            Path(folder, path).parent.mkdir(exist_ok=True)
            Path(folder, path).write_text(text, "utf-8")
        found, _ = check(Path(folder))
    counts = {path: sum(line.startswith(f"{path}: ") for line in found) for path in EXPECTED}
    print(*found, f"site: {'finds' if counts == EXPECTED else 'does not find'} what was planted", sep="\n")
    return 0 if counts == EXPECTED else 1


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    found, pages = check(Path(arguments[0])) if arguments else build_and_check()
    print("".join(f"{line}\n" for line in found), end="")
    print(f"site: {'true' if pages and not found else 'not true'} ({len(found)} mistakes in {pages} pages)")
    return 0 if pages and not found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

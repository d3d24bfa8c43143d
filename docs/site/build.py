#!/usr/bin/env python3
"""Builds the documentation as a site: a folder of HTML that needs no network, no server and no script.

    build.py FOLDER     every .md of the tree, the files that these link to, and the API reference by Doxygen

The pages are plain Markdown, as they are read without the site. docs/README.md is the order of the navigation. It needs
Debian's python3-markdown, python3-pygments and doxygen: `./dev docs` installs them.
"""

import html
import re
import shutil
import string
import sys
from pathlib import Path
from typing import NamedTuple

import api
import highlight
import sources
from markup import Renderer, link_between

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STYLE = "style.css"
MARK = ".site-of-mp"  # so that no other folder is taken for a site that may be built anew
IMAGES = (".svg", ".png", ".jpg")
INDEX = "docs/README.md"  # its lists are the navigation
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+\.md)\)")
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


class Section(NamedTuple):
    title: str
    groups: list  # of pages that one item of its list names, the first of them leading


def pages_of(root):
    """The pages of the tree, as paths from its root."""
    for page in sorted(root.rglob("*.md")):
        path = page.relative_to(root)
        if path.parts[0] != "build" and not any(part.startswith(".") for part in path.parts):
            yield path.as_posix()


def output_of(path):
    """Where on the site a page or a source is."""
    if path.endswith(".md"):
        return re.sub(r"(^|/)README\.md$", r"\1index.md", path)[:-3] + ".html"
    return f"source/{path}.html"


def plain(markdown):
    """A title without its code marks."""
    return markdown.replace("`", "")


def navigation(root):
    """The sections of the index: a paragraph that ends with a colon, and the list below it."""
    text = (root / INDEX).read_text("utf-8")
    for head, items in re.findall(r"^([^\n\-].*?):\n\n((?:- .*\n(?:  .*\n)*)+)", text, re.MULTILINE):
        groups = []
        for item in re.split(r"^- ", items, flags=re.MULTILINE)[1:]:
            paths = [(root / INDEX).parent.joinpath(link).resolve() for link in LINK.findall(item)]
            group = [path.relative_to(root).as_posix() for path in paths if path.is_file()]
            if group:
                groups.append(list(dict.fromkeys(group)))
        yield Section(head.split(",")[0], groups)


class Site:
    def __init__(self, root, folder):
        self.root, self.folder = root, folder
        self.texts = {page: (root / page).read_text("utf-8") for page in pages_of(root)}
        self.titles = {page: plain(TITLE.search(text)[1]) for page, text in self.texts.items()}
        self.titles["README.md"] = "Overview"
        self.sections = list(navigation(root))
        self.order = ["README.md", INDEX, *(page for s in self.sections for group in s.groups for page in group)]
        self.order = list(dict.fromkeys(self.order))
        self.linked = set()  # sources that pages link to
        self.template = string.Template((HERE / "page.html").read_text("utf-8"))

    def write(self, path, title, content, here="", headings=()):
        output = output_of(path)
        file = self.folder / output
        file.parent.mkdir(parents=True, exist_ok=True)
        to_root = "../" * output.count("/")
        file.write_text(self.template.substitute(
            title=html.escape(title), content=content, root=to_root, around=self.around(here),
            navigation=self.navigation_for(here, to_root, headings)), "utf-8")

    def navigation_for(self, here, to_root, headings):
        def entry(page):
            current = ' aria-current="page"' if page == here else ""
            line = f'<a href="{to_root}{output_of(page)}"{current}>{html.escape(self.titles[page])}</a>'
            if page == here and headings:
                line += "<ul>" + "".join(f'<li><a href="#{anchor}">{text}</a></li>' for anchor, text in headings) + "</ul>"
            return line

        lines = [f'<ul><li>{entry("README.md")}</li><li>{entry(INDEX)}</li>'
                 f'<li><a href="{to_root}api/index.html">API reference</a></li></ul>']
        for section in self.sections:
            pages = [page for group in section.groups for page in group]
            is_open = " open" if here in pages or here in ("README.md", INDEX) and len(section.groups) < 20 else ""
            lines.append(f"<details{is_open}><summary>{html.escape(section.title)}</summary><ul>")
            for first, *others in section.groups:
                inner = "".join(f"<li>{entry(page)}</li>" for page in others)
                lines.append(f"<li>{entry(first)}{f'<ul>{inner}</ul>' if inner else ''}</li>")
            lines.append("</ul></details>")
        return "\n".join(lines)

    def around(self, here):
        """The pages before and after this one."""
        if here not in self.order:
            return ""
        place = self.order.index(here)
        links = []
        for neighbour, rel in ((place - 1, "prev"), (place + 1, "next")):
            if 0 <= neighbour < len(self.order):
                page = self.order[neighbour]
                to = link_between(output_of(here), output_of(page))
                links.append(f'<a rel="{rel}" href="{to}">{html.escape(self.titles[page])}</a>')
        return f'<nav class="around">{"".join(links)}</nav>'

    def target(self, page, link):
        """Where a page's link to a file leads on the site."""
        path, _, anchor = link.partition("#")
        file = self.root / path.strip("/") if path.startswith("/") else (self.root / page).parent / path
        wanted = file.resolve().relative_to(self.root).as_posix()
        if file.suffix in IMAGES and file.is_file():
            copy = self.folder / wanted
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
            return link_between(output_of(page), wanted)
        if wanted not in self.texts:
            self.linked.add(wanted)
        return link_between(output_of(page), output_of(wanted)) + (f"#{anchor}" if anchor else "")

    def build(self):
        style = (HERE / "style.css").read_text("utf-8") + highlight.style()
        (self.folder / STYLE).write_text(style, "utf-8")
        for page, text in self.texts.items():
            rendered = Renderer(lambda link, page=page: self.target(page, link)).render(text)
            self.write(page, self.titles[page], rendered.html, page, rendered.headings)
        for path, content in sources.pages(self.root, self.linked, output_of):
            self.write(path, path, content)


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    folder = Path(arguments[0]).resolve()
    if folder.exists():
        if not (folder / MARK).exists() and any(folder.iterdir()):
            sys.exit(f"{folder} holds something else than this site: remove it, or name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    site = Site(ROOT, folder)
    site.build()
    print(f"{len(site.texts)} pages and their sources are in {folder}")
    failed = api.build(ROOT, folder / "api")
    print("the API reference is there too" if not failed else failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

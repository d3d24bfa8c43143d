"""A page of Markdown as HTML, as GitHub would show it, and a little more:

  - a Python original and its C++ counterpart, quoted one after the other, stand side by side;
  - a quote of a file has the file's name above it, as a link;
  - anchors are those that GitHub makes of headings, and links lead to the pages and sources of the site.
"""

import html
import os.path
import re
from typing import NamedTuple

import highlight
import markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

BLOCK = re.compile(r"^(?:<!-- (?P<how>quote|excerpt|run by): (?P<path>\S+) -->\n)?"
                   r"```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
PAIR = re.compile(r"^(<!-- quote: \S+\.py -->\n```python\n(?:(?!^```$).)*^```)\n\n"
                  r"(<!-- quote: \S+\.(?:cpp|cc) -->\n```cpp\n(?:(?!^```$).)*^```)$", re.DOTALL | re.MULTILINE)


class Rendered(NamedTuple):
    html: str
    headings: list  # of the second level: (anchor, HTML)


def link_between(here, there):
    """A link from one file of the site to another."""
    return os.path.relpath(there, os.path.dirname(here) or ".").replace(os.sep, "/")


def anchor_of(heading, _separator="-"):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


class Blocks(Preprocessor):
    """Takes the blocks of code out of the text before anything else looks at it."""

    def __init__(self, md, target):
        super().__init__(md)
        self.target = target

    def block(self, found):
        code = highlight.code(found["text"], highlight.lexer_of(found["language"]))
        if found["how"] not in ("quote", "excerpt"):
            return f'<div class="block">{code}</div>'
        link = self.target("/" + found["path"])
        what = "" if found["how"] == "quote" else "from "
        return (f'<figure class="block"><figcaption>{what}<a href="{link}">{html.escape(found["path"])}</a></figcaption>'
                f"{code}</figure>")

    def stash(self, text):
        return f"\n\n{self.md.htmlStash.store(text)}\n\n"

    def pair(self, found):
        columns = "".join(self.block(BLOCK.fullmatch(part)) for part in found.groups())
        return self.stash(f'<div class="pair">{columns}</div>')

    def run(self, lines):
        text = PAIR.sub(self.pair, "\n".join(lines))
        return BLOCK.sub(lambda found: self.stash(self.block(found)), text).split("\n")


class Links(Treeprocessor):
    def __init__(self, md, target):
        super().__init__(md)
        self.target = target

    def run(self, root):
        for element in root.iter("a"):
            link = element.get("href", "")
            if re.match(r"[a-z]+:", link):
                element.set("rel", "external")
            elif not link.startswith("#"):
                element.set("href", self.target(link))
        for image in root.iter("img"):
            image.set("src", self.target(image.get("src", "")))


class Tables(Treeprocessor):
    """A table that is too wide for a narrow screen is scrolled by itself; a bar in its code was written with a backslash."""

    def run(self, root):
        for cell in root.iter("td"):
            for code in cell.iter("code"):
                code.text = AtomicString(code.text.replace("\\|", "|"))
        for parent in list(root.iter()):
            for place, table in enumerate(list(parent)):
                if table.tag == "table":
                    box = table.makeelement("div", {"class": "table"})
                    parent.remove(table)
                    box.append(table)
                    box.tail, table.tail = table.tail, None
                    parent.insert(place, box)


class AsOnGitHub(Extension):
    def __init__(self, target):
        super().__init__()
        self.target = target

    def extendMarkdown(self, md):
        md.parser.blockprocessors.deregister("code")  # nothing is code by being indented
        md.preprocessors.register(Blocks(md, self.target), "blocks", 25)
        md.treeprocessors.register(Links(md, self.target), "links", 1)
        md.treeprocessors.register(Tables(md), "wide_tables", 0)


class Renderer:
    """target(link) says where a link to a file leads; a link that begins with a slash is one from the tree's root."""

    def __init__(self, target):
        self.markdown = markdown.Markdown(
            extensions=["tables", "sane_lists", "toc", AsOnGitHub(target)], tab_length=2,
            extension_configs={"toc": {"slugify": anchor_of, "permalink": False}})

    def render(self, text):
        page = self.markdown.convert(text)
        tops = self.markdown.toc_tokens
        seconds = [token for top in tops for token in top["children"]]
        return Rendered(page, [(token["id"], token["name"]) for token in seconds])

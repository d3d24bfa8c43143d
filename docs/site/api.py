"""The API reference: Doxygen over the public headers, whose comments doxygen_comments.py turns into documentation."""

import re
import subprocess
import tempfile
from pathlib import Path

from doxygen_comments import filtered

HERE = Path(__file__).resolve().parent
HEADERS = "client_lib/include"


def version_of(root):
    text = (root / HEADERS / "mp/version.h").read_text("utf-8")
    return ".".join(re.findall(r"^#define MP_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text, re.MULTILINE))


def write_headers(root, folder):
    """The headers with the comments that Doxygen takes for documentation."""
    for header in (root / HEADERS).rglob("*.h"):
        there = folder / header.relative_to(root / HEADERS)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(filtered(header.read_text("utf-8"), "internal" not in header.parts), "utf-8")


def configuration(root, headers, folder):
    """The Doxyfile, and what depends on where the tree, the headers and the site are."""
    here = {
        "INPUT": f'"{headers}" "{HERE / "api.dox"}"',
        "OUTPUT_DIRECTORY": f'"{folder}"',
        "STRIP_FROM_PATH": f'"{headers}"',
        "STRIP_FROM_INC_PATH": f'"{headers}"',
        "PROJECT_NUMBER": version_of(root),
        "HTML_HEADER": f'"{HERE / "api_header.html"}"',
        "HTML_FOOTER": f'"{HERE / "api_footer.html"}"',
        "HTML_EXTRA_STYLESHEET": f'"{HERE / "api.css"}"',  # in place of Doxygen's own, which knows no dark
    }
    return (HERE / "Doxyfile").read_text("utf-8") + "".join(f"{name} = {value}\n" for name, value in here.items())


def without_scripts(page):
    """A page as it is with everything unfolded, and without the rows of `mp::internal` in its lists."""
    page = re.sub(r' (?:onclick|style)="(?:javascript:|dynsection\.|toggle|display:none)[^"]*"', "", page)
    page = re.sub(r'(<span style="width:)(\d+)(px;display:inline-block;">&#160;</span>)<span id="arr_[^>]*>[^<]*</span>',
                  lambda indent: f"{indent[1]}{int(indent[2]) + 16}{indent[3]}", page)
    page = re.sub(r'<div class="levels">.*?</div>', "", page, flags=re.DOTALL)
    page = re.sub(r'\n <a href="[^"]*#details">More...</a></p>', "</p>", page)  # they follow at once: see api.css
    return re.sub(r'<tr [^>]*><td class="entry">(?:(?!</tr>).)*(?:href="(?:class|struct|namespace)mp_1_1internal|<b>internal</b>)'
                  r'(?:(?!</tr>).)*</tr>\n?', "", page, flags=re.DOTALL)


def clean(folder):
    """Takes away what needs scripts, and what one does not come to from the first page."""
    texts = {page.name: without_scripts(page.read_text("utf-8")) for page in folder.glob("*.html")}
    left, reached = ["index.html"], {"api.css"}
    while left:
        name = left.pop()
        if name in texts and name not in reached:
            reached.add(name)
            left += re.findall(r'href="([^"#]+)', texts[name])
    for file in folder.iterdir():
        if file.name not in reached:
            file.unlink()
        elif file.name in texts:
            file.write_text(texts[file.name], "utf-8")


def build(root, folder):
    """Makes the reference in this folder. Returns what Doxygen complains about, or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mp-headers-") as headers:
        write_headers(root, Path(headers))
        try:
            done = subprocess.run(["doxygen", "-"], input=configuration(root, headers, folder), capture_output=True,
                                  text=True, check=False)
        except FileNotFoundError:
            return "doxygen is not installed: ./dev setup docs"
    if done.returncode != 0 or done.stderr.strip():
        said = f"{done.stdout}{done.stderr}".replace(headers, HEADERS)
        return f"doxygen ended with status {done.returncode}\n{said}"
    clean(folder)
    return ""

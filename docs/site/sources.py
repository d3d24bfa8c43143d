"""The files and folders that pages link to, as pages: code with its colours, folders as lists."""

import html

import highlight
from markup import link_between

UNREADABLE = (".svg", ".png", ".jpg", ".pyc")  # nothing to read in them


def is_hidden(file):
    return file.name.startswith((".", "__pycache__")) or file.suffix in UNREADABLE


def files_below(root, paths):
    """Of each folder all that it holds, at any depth; a folder comes before what is in it."""
    left, found = sorted(paths), []
    while left:
        path = left.pop(0)
        file = root / path
        if path in found or not file.exists() or is_hidden(file):
            continue
        found.append(path)
        if file.is_dir():
            left += sorted(inner.relative_to(root).as_posix() for inner in file.iterdir())
    return found


def folder_page(root, path, output_of):
    inner = sorted((root / path).iterdir(), key=lambda file: (file.is_file(), file.name))
    lines = []
    for file in inner:
        if is_hidden(file):
            continue
        name = file.name + ("/" if file.is_dir() else "")
        link = link_between(output_of(path), output_of(file.relative_to(root).as_posix()))
        lines.append(f'<li><a href="{link}">{html.escape(name)}</a></li>')
    return f'<h1>{html.escape(path)}</h1>\n<ul class="files">{"".join(lines)}</ul>'


def file_page(root, path):
    text = (root / path).read_text("utf-8")
    code = highlight.code(text, highlight.lexer_for(path, text))
    return f'<h1>{html.escape(path)}</h1>\n<div class="block source">{code}</div>'


def pages(root, paths, output_of):
    """(path, HTML) of each file and folder that is linked to; pages of Markdown are there already."""
    for path in files_below(root, paths):
        if (root / path).is_dir():
            yield path, folder_page(root, path, output_of)
        elif not path.endswith(".md"):
            yield path, file_page(root, path)

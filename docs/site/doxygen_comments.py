"""A header with the comments that Doxygen takes for documentation: `///` in place of `//`.

Headers are written for who reads them: a plain comment before a declaration is its contract, and that of all declarations that
follow without an empty line; lines in it that are indented are an example, and words such as `Errors:` at the beginning of a
line open a paragraph. What is in a function's body stays a plain comment, and so does what is in a namespace `internal`, but for
the classes there that public ones derive from: their methods are the public ones' own.
"""

import re
from functools import cache
from pathlib import Path

HEADERS = Path(__file__).resolve().parents[2] / "client_lib/include"
COMMENT = re.compile(r"( *)//(?: (.*)|)$")
TRAILING = re.compile(r"(.*[;,]|\s*k\w+(?: = [^,]*)?)  // (?!clang-format|NOLINT)(.*)$")
ALONE = re.compile(r"\s*(?:[#}/]|(?:public|private|protected):|friend (?:class|struct)\b|static_assert\b|using \w+::|$)")
LABEL = re.compile(r"([A-Z][A-Za-z-]*(?: [a-z]+)?:)( |$)")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
TEMPLATE = re.compile(r"\btemplate <")
HIDDEN = re.compile(r"^( *)friend (?:class|struct) .*;$")
OF_TYPES = re.compile(r"\b(?:class|struct|union|enum|namespace|concept)\b(?P<name>[^()]*)$")


@cache
def bases():
    """The classes of a namespace `internal` that public classes derive from."""
    names = set()
    for header in HEADERS.rglob("*.h"):
        if "internal" not in header.parts:
            names |= set(re.findall(r"\bpublic internal::(\w+)", header.read_text("utf-8")))
    return names


def without_templates(text):
    """A declaration without `template <…>`, whose brackets may hold others."""
    while found := TEMPLATE.search(text):
        depth, end = 1, found.end()
        while depth and end < len(text):
            depth += {"<": 1, ">": -1}.get(text[end], 0)
            end += 1
        text = text[:found.start()] + text[end:]
    return text


class Scopes:
    """What the braces that are open belong to: "namespace", "internal", "base", "type" or "body"."""

    def __init__(self):
        self.open, self.head = [], ""

    def kind_of(self, head):
        found = OF_TYPES.search(without_templates(head))
        if found is None:
            return "body"
        if "namespace" in found[0].split():
            return "internal" if "internal" in re.findall(r"\w+", found["name"]) else "namespace"
        name = re.findall(r"\w+", found["name"].split(" : ")[0])
        return "base" if set(name) & bases() else "type"

    def feed(self, line):
        code = re.sub(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'', '""', line)
        code = code.split("//")[0]
        if code.startswith("#"):
            return
        for character in code + "\n":
            if character == "{":
                self.open.append(self.kind_of(self.head))
                self.head = ""
            elif character == "}":
                self.open and self.open.pop()
                self.head = ""
            elif character == ";":
                self.head = ""
            else:
                self.head += character

    def is_public(self):
        """Does a comment here belong to the reference?"""
        if "body" in self.open:
            return False
        return "internal" not in self.open or "base" in self.open[self.open.index("internal"):]


def escaped(text):
    """Text as Doxygen shows it as it is, with `code` marked."""
    parts = re.split(r"`([^`]*)`", text)
    for place, part in enumerate(parts):
        part = re.sub(r"[\\@&#<>%$]", lambda found: ENTITIES.get(found[0], "\\" + found[0]), part)
        part = re.sub(r"(?<!\w)::", r"\::", part)
        parts[place] = f"<code>{part}</code>" if place % 2 else part
    return "".join(parts)


def documentation(lines, indent):
    """A comment's lines as a block for Doxygen."""
    shown, in_example = [], False
    for line in lines:
        is_example = line.startswith("  ") and not line.strip().startswith("- ") or in_example and not line
        if is_example and not in_example and shown and shown[-1]:
            is_example = False  # it goes on with the paragraph or the list above it
        if is_example != in_example:
            while shown and not shown[-1]:
                shown.pop()
            shown += ["", "@code{.cpp}"] if is_example else ["@endcode", ""]
            in_example = is_example
        label = LABEL.match(line)
        if in_example:
            shown.append(line[2:])
        elif label:
            if shown and shown[-1]:
                shown.append("")
            shown += [f"<b>{label[1]}</b> {escaped(line[label.end():])}"]
        else:
            shown.append(escaped(line))
    if in_example:
        shown.append("@endcode")
    while shown and not shown[0]:
        shown.pop(0)
    return [f"{indent}/// {line}".rstrip() for line in shown]


def documents(comment, following):
    """Is a comment one of the declaration in the line that follows?"""
    if comment[0].startswith("----"):
        return False
    return not ALONE.match(following) or following.startswith("#define MP_")


def filtered(source, is_public_file):
    lines, scopes, shown = source.split("\n"), Scopes(), []
    if is_public_file:
        lines[0] = "/// @file"  # so that its macros are shown; it takes the place of `#pragma once`
    place, shared, depth = 0, [], -1  # a comment, and how deep in braces the declarations are that share it
    while place < len(lines):
        line, comment = lines[place], []
        while place < len(lines) and (found := COMMENT.match(lines[place])):
            comment.append(found[2] or "")
            place += 1
        if comment:
            indent = " " * (len(line) - len(line.lstrip()))
            following = lines[place] if place < len(lines) else ""
            enters = Scopes()
            enters.open, enters.head = list(scopes.open), scopes.head
            for coming in lines[place:place + 12]:  # a class of `internal` that counts begins here
                enters.feed(coming)
                if len(enters.open) > len(scopes.open) or "{" in coming or ";" in coming:
                    break
            public = (scopes.is_public() or "base" in enters.open) and documents(comment, following)
            shared = documentation(comment, indent) if public else []
            shown += shared or [f"{indent}// {text}" for text in comment]
            depth = -1  # until the first declaration has begun
            continue
        if depth == len(scopes.open) and not scopes.head.strip():
            if ALONE.match(line):
                shared = []
            shown += shared
        depth = len(scopes.open) if depth < 0 else depth
        if scopes.is_public() and (found := TRAILING.match(line)):
            line = f"{found[1]}  ///< {escaped(found[2])}"
        scopes.feed(lines[place])
        shown.append(HIDDEN.sub(r"\1", line).replace("protected:", "private:"))
        place += 1
    return "\n".join(shown)

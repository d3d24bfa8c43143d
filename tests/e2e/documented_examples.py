"""The commands that the documentation shows: how they are read, and when what they print is the same.

docs/grpcurl-examples.txt says at its head what its lines mean; the blocks of docs/objects/*.md are written so too.
"""

import json
import re
import shlex
from typing import NamedTuple


class Example(NamedTuple):
    title: str
    command: str
    expected: str


def complete(command):
    """Does the shell have the whole command, or does it wait for more lines?"""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.endswith("\\")


def read_examples(text):
    """Each `## title`, `$ command` and what follows it. A title may hold for several commands."""
    examples, title = [], ""
    for block in re.split(r"^(?=## |\$ )", text, flags=re.MULTILINE)[1:]:
        if block.startswith("## "):
            title = block[3:].splitlines()[0]
            continue
        command, *lines = block[2:].splitlines()
        while not complete(command) and lines:
            command = command + "\n" + lines.pop(0)
        expected = "\n".join(lines).strip()
        examples.append(Example(title, re.sub(r"\s*\\\n\s*", " ", command), expected))
    return examples


def read_page(text):
    """The examples in the blocks of a page of markdown that begin with `$ `; a title is the paragraph above a block."""
    examples = []
    for fence in re.finditer(r"^```\w*\n(?=\$ )(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        title = text[:fence.start()].rstrip().rpartition("\n\n")[2]
        examples += [example._replace(title=title) for example in read_examples(fence[1])]
    return examples


# ---- Comparing -------------------------------------------------------------------------------------------------------

def pattern_of(text, names):
    """`…` stands for anything, `<name>` for a word that is remembered under this name."""
    pattern = ""
    for part in re.split(r"(…|<\w+>)", text):
        if part == "…":
            pattern += "(?:.|\n)*"
        elif re.fullmatch(r"<\w+>", part):
            name = part[1:-1]
            pattern += re.escape(names[name]) if name in names else rf"(?P<{name}>\w+)"
        else:
            pattern += re.escape(part)
    return pattern


def same_text(expected, printed, names):
    found = re.fullmatch(pattern_of(expected, names), printed)
    if found:
        names.update(found.groupdict())
    return found is not None


def in_snake_case(structure):
    """The names of fields as the protos have them; some tools print them in camelCase."""
    return {re.sub(r"(?<=[a-z])([A-Z])", lambda c: "_" + c[1].lower(), key): value for key, value in structure.items()}


def same(expected, printed, names):
    """Compares JSON as structures and the rest as text."""
    if isinstance(expected, dict) and isinstance(printed, dict):
        printed = in_snake_case(printed)
        return expected.keys() == printed.keys() and all(same(expected[k], printed[k], names) for k in expected)
    if isinstance(expected, list) and isinstance(printed, list):
        return len(expected) == len(printed) and all(same(a, b, names) for a, b in zip(expected, printed))
    if isinstance(expected, str):
        return same_text(expected, printed if isinstance(printed, str) else json.dumps(printed), names)
    return expected == printed


def structure_of(text):
    """JSON, or grpcurl's account of an error, as a structure; other text as it is."""
    if text.startswith("ERROR:"):
        starts = re.finditer(r"^\s*\d+\)\s*(?=\{)", text, re.MULTILINE)
        details = [json.JSONDecoder().raw_decode(text, start.end())[0] for start in starts]
        field = lambda name: re.search(rf"^  {name}: (.*)$", text, re.MULTILINE).group(1)
        return {"code": field("Code"), "message": field("Message"), "details": details}
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()

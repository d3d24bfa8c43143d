#!/usr/bin/env python3
"""Have the pages of the kinds, docs/objects/*.md, their form, and are they whole?

    check_objects.py [ROOT]        prints a line for each thing that is missing or wrong
    check_objects.py --self-test   spoils a copy of each page in several ways and demands that each is found

A page has the sections that docs/objects/objects.md names, in that order. Its example is examples/objects/<kind>.cpp, and
shows one error of its own or of every kind being caught. Its table of operations has every public method of the proxy's
headers and every RPC of its service, and says of each how many round trips it takes. Its errors, and those of every kind,
have the codes and exceptions that docs/protocol.md pairs.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

HEADERS = "client_lib/include/mp"
COMMON = "docs/objects/objects.md"
SECTIONS = ("Example", "Operations", "Errors", "What differs from Python", "With grpcurl")
COLUMNS = ("C++", "RPC", "round trips", "waits")  # and, before RPC, what others call it


class Kind(NamedTuple):
    service: str
    proto: str
    classes: tuple  # pairs of a header and a class in it, whose public methods the page names


LOCK = (("proxy/owned_lock.h", "OwnedLockProxy"), ("proxy/acquirer.h", "Acquirer"))
NUMBER = (("proxy/methods/shared_number.h", "SharedNumberMethods"),)
KINDS = {
    "dict": Kind("Dict", "dict", (("proxy/dict.h", "DictProxy"), ("proxy/methods/dict.h", "DictMethods"))),
    "list": Kind("List", "list", (("proxy/list.h", "ListProxy"), ("proxy/methods/list.h", "ListMethods"))),
    "set": Kind("Set", "set", (("proxy/set.h", "SetProxy"), ("proxy/methods/set.h", "SetMethods"))),
    "namespace": Kind("Namespace", "namespace", (("proxy/namespace.h", "NamespaceProxy"),
                                                 ("proxy/methods/namespace.h", "NamespaceMethods"))),
    "value": Kind("SharedValue", "shared_value", (("proxy/shared_value.h", "ValueProxy"),
                                                  ("proxy/methods/shared_value.h", "ValueMethods"), *NUMBER)),
    "array": Kind("SharedArray", "shared_array", (("proxy/shared_array.h", "ArrayProxy"),
                                                  ("proxy/methods/shared_array.h", "ArrayMethods"), *NUMBER)),
    "lock": Kind("Lock", "lock", (("proxy/lock.h", "LockProxy"), *LOCK)),
    "rlock": Kind("RLock", "rlock", (("proxy/rlock.h", "RLockProxy"), *LOCK)),
    "rwlock": Kind("RWLock", "rwlock", (("proxy/rwlock.h", "RWLockProxy"), *LOCK)),
    "semaphore": Kind("Semaphore", "semaphore", (("proxy/semaphore.h", "SemaphoreProxy"), LOCK[1])),
    "condition": Kind("Condition", "condition", (("proxy/condition.h", "ConditionProxy"), LOCK[1])),
    "event": Kind("Event", "event", (("proxy/event.h", "EventProxy"), ("proxy/event.h", "EventMethods"))),
    "barrier": Kind("Barrier", "barrier", (("proxy/barrier.h", "BarrierProxy"), ("proxy/barrier.h", "BarrierMethods"))),
    "latch": Kind("CountDownLatch", "count_down_latch", (("proxy/count_down_latch.h", "CountDownLatchProxy"),
                                                         ("proxy/count_down_latch.h", "CountDownLatchMethods"))),
    "queue": Kind("Queue", "queue", (("proxy/queue.h", "QueueProxy"), ("proxy/methods/queue.h", "QueueMethods"),
                                     ("proxy/methods/queue_tasks.h", "QueueTaskMethods"))),
    "watch": Kind("Watch", "watch", (("watch.h", "Watch"),)),
    "custom": Kind("Custom", "custom", (("proxy/custom.h", "CustomProxy"), ("proxy/custom.h", "CustomMethods"))),
}


# ---- Headers and protos ----------------------------------------------------------------------------------------------

def body_of(text, name):
    """Of a class what stands between its braces, without what stands between braces in there."""
    start = re.search(rf"^class {name}\b[^;{{]*\{{", text, re.MULTILINE)
    depth, body = 1, ""
    for letter in text[start.end():] if start else "":
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            break
        body += letter if depth == 1 and letter != "}" else ";" if letter == "}" else ""
    return body


def public_methods(text, name):
    """Names of functions, not of constructors and operators."""
    is_public = False
    text = re.sub(r"//[^\n]*| = \{\}", "", text)
    for piece in re.split(r";|\b(public|protected|private):", body_of(text, name)):
        if piece in ("public", "protected", "private"):
            is_public = piece == "public"
            continue
        piece = re.sub(r"\[\[.*?\]\]|decltype\(", "", piece or "")
        function = re.search(r"(~?\w+)\s*\(", piece)
        if is_public and function and "operator" not in piece and function[1] not in (name, f"~{name}"):
            yield function[1]


def rpcs_of(root, kind):
    proto = (root / f"protos/mp/v1/{kind.proto}.proto").read_text("utf-8")
    service = re.search(rf"(?ms)^service {kind.service} \{{\n(.*?)^\}}", proto)
    return set(re.findall(r"(?m)^  rpc (\w+)\(", service[1]))


# ---- Pages -----------------------------------------------------------------------------------------------------------

def sections_of(text):
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2])), parts[1::2]


def tables_of(section):
    """Of each table its heading and its rows, as lists of cells."""
    for table in re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()]
        yield rows[0], rows[2:]


def names_in(cell):
    """Of a call what is called; of a span without one every word."""
    return {word for span in re.findall(r"`([^`]+)`", cell)
            for word in re.findall(r"\w+(?=\()", span) or re.findall(r"\w+", span)}


def wrong_operations(root, kind, section):
    methods, rpcs = set(), set()
    for heading, rows in tables_of(section):
        if heading[0] != "C++":
            continue
        if tuple(name for name in heading if name in COLUMNS) != COLUMNS:
            yield f"a table of operations has the columns {', '.join(COLUMNS)}, not {', '.join(heading)}"
            continue
        for row in map(lambda cells: dict(zip(heading, cells)), rows):
            methods |= names_in(row["C++"])
            rpcs |= set(re.findall(r"`(\w+)`", row["RPC"]))
            if not row["round trips"]:
                yield f"it does not say how many round trips {row['C++']} takes"
    for path, name in kind.classes:
        there = set(public_methods((root / HEADERS / path).read_text("utf-8"), name))
        if not there:
            yield f"{path} has no class {name} with public methods: see KINDS in tests/lint/check_objects.py"
        for method in sorted(there - methods):
            yield f"its operations lack {name}::{method} of {path}"
    for rpc in sorted(rpcs_of(root, kind) - rpcs):
        yield f"its operations lack the RPC {rpc}"
    for rpc in sorted(rpcs - rpcs_of(root, kind)):
        yield f"{kind.service} has no RPC {rpc}"


def pairs_of(root):
    """Exceptions with their codes, as docs/protocol.md has them; a code may be none's."""
    text = (root / "docs/protocol.md").read_text("utf-8")
    table = re.findall(r"^\| `([A-Z_]+)` \| \w+ \| `(\w+)` \|", text, re.MULTILINE)
    return {(exception, code) for code, exception in table}


def errors_of(section):
    """Of a table below Errors each exception and its code, `-` if it has none."""
    for heading, rows in tables_of(section):
        if heading[0] == "exception":
            yield from ((row[0].strip("`"), row[1].strip("`")) for row in rows)


def wrong_errors(root, section):
    errors, known = list(errors_of(section)), pairs_of(root)
    if not errors:
        yield "its errors are in no table of exceptions and codes"
    for exception, code in errors:
        if code != "-" and (exception, code) not in known:
            yield f"docs/protocol.md does not pair {exception} with {code}"


def wrong_example(root, name, section, errors):
    path = f"examples/objects/{name}.cpp"
    if re.findall(r"<!-- quote: (\S+) -->", section) != [path, f"examples/objects/{name}.expected"]:
        yield f"its example does not quote {path} and what that prints"
    elif (root / path).is_file():
        caught = set(re.findall(r"catch \(const mp::(\w+)&", (root / path).read_text("utf-8")))
        if not caught & errors:
            yield f"{path} catches none of its errors"


def wrong_page(root, name, text):
    sections, order = sections_of(text)
    if [title for title in order if title in SECTIONS] != list(SECTIONS):
        yield f"its sections are {', '.join(order)}, not {', '.join(SECTIONS)}"
        return
    common = sections_of((root / COMMON).read_text("utf-8"))[0].get("Errors", "")
    errors = {exception for exception, _ in (*errors_of(sections["Errors"]), *errors_of(common))}
    yield from wrong_operations(root, KINDS[name], sections["Operations"])
    yield from wrong_errors(root, sections["Errors"])
    yield from wrong_example(root, name, sections["Example"], errors)


def check(root):
    found = []
    for page in sorted((root / "docs/objects").glob("*.md")):
        if page == root / COMMON:
            wrong = wrong_errors(root, sections_of(page.read_text("utf-8"))[0].get("Errors", ""))
        elif page.stem not in KINDS:
            wrong = ["no kind is called so: see KINDS in tests/lint/check_objects.py"]
        else:
            wrong = wrong_page(root, page.stem, page.read_text("utf-8"))
        found += [f"{page.relative_to(root)}: {line}" for line in wrong]
    there = {page.stem for page in (root / "docs/objects").glob("*.md")}
    return found + [f"docs/objects/{name}.md: it is not there" for name in KINDS if name not in there]


# ---- The test of this test -------------------------------------------------------------------------------------------

def spoilt(text):
    """The page, spoilt in one way after the other."""
    before, operations, rest = re.split(r"(?=^## (?:Operations|Errors)$)", text, flags=re.MULTILINE)
    yield "a section's name", text.replace("\n## Errors\n", "\n## Failures\n")
    yield "the example", re.sub(r"<!-- quote: \S+ -->", "", text)
    yield "a column", before + operations.replace("| round trips |", "| trips |") + rest
    yield "a number of round trips", before + operations.replace(" | 1 |", " | |", 1) + rest
    yield "an RPC", before + operations.replace("`Create`", "`Make`") + rest
    yield "a method", before + re.sub(r"\b(fenced_by|next)\b", "x", operations) + rest
    yield "the table of errors", before + operations + rest.replace("| exception |", "| what |", 1)
    yield "a code", before + operations + re.sub(r"`[A-Z]+(_[A-Z]+)*`", "`NO_SUCH_CODE`", rest, count=1)


def self_test(root):
    good = True
    for name, kind in KINDS.items():
        unknown = kind._replace(classes=tuple((path, "Nobody") for path, _ in kind.classes))
        if not any("no class Nobody" in line for line in wrong_operations(root, unknown, "")):
            good = False
            print(f"{name}: nothing is found where its classes are not there")
        for what, text in spoilt((root / f"docs/objects/{name}.md").read_text("utf-8")):
            if not list(wrong_page(root, name, text)):
                good = False
                print(f"{name}.md: nothing is found where {what} is spoilt")
    return good


def main(arguments):
    self_testing = arguments == ["--self-test"]
    root = Path(arguments[0]) if arguments and not self_testing else Path(__file__).resolve().parents[2]
    if self_testing:
        good = self_test(root)
        print(f"pages of the kinds: {'finds' if good else 'does not find'} what was spoilt")
        return 0 if good else 1
    found = check(root)
    print("".join(f"{line}\n" for line in found), end="")
    print(f"pages of the kinds: {'whole' if not found else 'not whole'} ({len(found)} mistakes in {len(KINDS)} pages)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

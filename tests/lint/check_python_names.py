#!/usr/bin/env python3
"""Has every public name of Python's multiprocessing a row in docs/python-names.md?

    check_python_names.py [ROOT]        asks this Python's modules; prints a line for each name without a row
    check_python_names.py --self-test   takes rows out of the page and demands that each is missed

A name stands between backticks in the column Python of a section that is its module's, or in the text before the table. A
method stands in a row that names its class, in one below it that names no other class, or anywhere in the section, if the
text before the table names the class. What a later Python has than this one, or makes at run time, is listed here.
"""

import importlib
import inspect
import re
import sys
import types
from pathlib import Path

PAGE = "docs/python-names.md"

# The page's headings, and the modules whose names are below each.
SECTIONS = {
    "multiprocessing": ("multiprocessing",),
    "Process": ("multiprocessing.process",),
    "context": ("multiprocessing.context",),
    "synchronize": ("multiprocessing.synchronize",),
    "queues": ("multiprocessing.queues",),
    "connection": ("multiprocessing.connection",),
    "reduction": ("multiprocessing.reduction",),
    "pool": ("multiprocessing.pool",),
    "sharedctypes and heap": ("multiprocessing.sharedctypes", "multiprocessing.heap"),
    "shared_memory": ("multiprocessing.shared_memory",),
    "managers": ("multiprocessing.managers",),
    "dummy": ("multiprocessing.dummy", "multiprocessing.dummy.connection"),
    "util and log": ("multiprocessing.util",),
    "How processes are started, and what watches over them": (
        "multiprocessing.spawn", "multiprocessing.forkserver", "multiprocessing.popen_fork",
        "multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver", "multiprocessing.resource_tracker",
        "multiprocessing.resource_sharer"),
}

ACQUIRED = ("acquire", "release", "locked")
# Methods that are set on each object, and what 3.12 to 3.14 have added.
ADDED = {
    "multiprocessing.process": {"BaseProcess": ("interrupt",)},
    "multiprocessing.synchronize": {"Lock": ACQUIRED, "RLock": ACQUIRED, "Semaphore": ACQUIRED,
                                    "BoundedSemaphore": ACQUIRED, "Condition": ("acquire", "release")},
    "multiprocessing.managers": {
        "AcquirerProxy": ("locked",), "ConditionProxy": ("locked",), "BaseListProxy": ("clear", "copy"),
        "DictProxy": ("fromkeys", "reversed", "|", "|="), "IteratorProxy": ("next",), "NamespaceProxy": ("getattr",),
        "SetProxy": ("add", "clear", "copy", "difference", "difference_update", "discard", "intersection",
                     "intersection_update", "isdisjoint", "issubset", "issuperset", "pop", "remove",
                     "symmetric_difference", "symmetric_difference_update", "union", "update"),
        "SyncManager": ("set",), "BaseManager": ("shutdown",)},
    "multiprocessing.popen_fork": {"Popen": ("interrupt", "pid", "sentinel", "returncode")},
    "multiprocessing.resource_tracker": {"cleanup_noop": ()},
    # queue.Queue behind a manager, and SharedMemoryManager's
    "multiprocessing.queues": {"Queue": ("shutdown",)},
}
# Of 3.11, and under other names or no more in 3.14.
GONE = {("multiprocessing.connection", name) for name in ("CHALLENGE", "WELCOME", "FAILURE")}

# How the page writes what a proxy's operators are called.
OPERATORS = {"__len__": "len", "__contains__": "in", "__delitem__": "del", "__reversed__": "reversed", "__iadd__": "+=",
             "__imul__": "*=", "__or__": "|", "__ior__": "|=", "__setattr__": "setattr", "__delattr__": "delattr",
             "__next__": "next"}


# ---- What Python has -------------------------------------------------------------------------------------------------

def public_names(module):
    """Those that it exports or defines; not what it has imported."""
    exported = getattr(module, "__all__", ())
    for name, value in vars(module).items():
        if name.startswith("_") or isinstance(value, types.ModuleType):
            continue
        if name in exported or getattr(value, "__module__", None) in (module.__name__, None):
            yield name, value


def public_methods(cls):
    """Of the class itself, of its bases in threading, and what it exposes as a proxy. What it has of a base in
    multiprocessing that is the base's."""
    bases = [base for base in cls.__mro__[1:] if base.__module__.startswith("multiprocessing")]
    inherited = {name for base in bases for name in (*vars(base), *(getattr(base, "_exposed_", None) or ()))}
    own = {name for base in cls.__mro__ if base is cls or base.__module__ == "threading" for name in vars(base)}
    for name in own.union(getattr(cls, "_exposed_", None) or ()) - inherited:
        if name in OPERATORS and name in (getattr(cls, "_exposed_", None) or ()):
            yield OPERATORS[name]
        elif not name.startswith("_"):
            yield name


def wanted_of(section):
    """Pairs (name, None) and (class, method)."""
    for path in SECTIONS[section]:
        module = importlib.import_module(path)
        for name, value in public_names(module):
            if (path, name) in GONE:
                continue
            yield name, None
            if inspect.isclass(value) and value.__module__ == path and "dummy" not in path:
                yield from ((name, method) for method in public_methods(value))
        for name, methods in ADDED.get(path, {}).items():
            yield name, None
            yield from ((name, method) for method in methods)


# ---- What the page has -----------------------------------------------------------------------------------------------

def words_in(text):
    """The words between backticks, and operators that stand there alone."""
    words = set()
    for span in re.findall(r"`([^`]+)`", text.replace("\\|", "|")):
        words.update(re.findall(r"\w+", span), [span])
    return words


class Section:
    def __init__(self, text, classes):
        lines = text.splitlines()
        rows = [re.split(r"(?<!\\)\|", line)[1] for line in lines if line.startswith("|")]
        self.prose = words_in("\n".join(line for line in lines if not line.startswith("|")))
        self.all = self.prose.union(*map(words_in, rows))
        self.of_class = {name: set() for name in classes}
        current = set()
        for words in map(words_in, rows):
            current = words & classes or current
            for name in current:
                self.of_class[name] |= words

    def has(self, name, method):
        if method is None:
            return name in self.all
        return method in (self.all if name in self.prose else self.of_class[name])


def missing(text):
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2]))
    for heading in SECTIONS:
        wanted = sorted(set(wanted_of(heading)), key=str)
        section = Section(found.get(heading, ""), {name for name, method in wanted if method is not None})
        for name, method in wanted:
            if not section.has(name, method):
                yield f"{heading}: no row has {name}{'.' + method if method else ''}"


# ---- The test, and its test ------------------------------------------------------------------------------------------

def self_test(text):
    """Each word is taken out, and something with it must be missed."""
    good = True
    for word, expected in (("starmap_async", "Pool.starmap_async"), ("SyncManager", "SyncManager"),
                           ("task_done", "JoinableQueue.task_done"), ("n_waiting", "Barrier.n_waiting"),
                           ("symmetric_difference", "SetProxy.symmetric_difference"), ("cpu_count", "cpu_count"),
                           ("popitem", "DictProxy.popitem"), ("Heap", "Heap"), ("interrupt", "BaseProcess.interrupt")):
        lines = list(missing(re.sub(rf"\b{word}\b", "x", text)))
        if not any(line.endswith(" " + expected) for line in lines):
            good = False
            print(f"without {word} nobody misses {expected}: {lines}")
    return good


def main(arguments):
    self_testing = arguments == ["--self-test"]
    root = Path(arguments[0]) if arguments and not self_testing else Path(__file__).resolve().parents[2]
    text = (root / PAGE).read_text("utf-8")
    if self_testing:
        good = self_test(text)
        print(f"names of Python: {'finds' if good else 'does not find'} what is taken out")
        return 0 if good else 1
    lines = list(missing(text))
    print("".join(f"{PAGE}: {line}\n" for line in lines), end="")
    asked = sum(len(set(wanted_of(heading))) for heading in SECTIONS)
    print(f"names of Python {sys.version.split()[0]}: {asked - len(lines)} of {asked} have a row")
    return 1 if lines or asked < 300 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

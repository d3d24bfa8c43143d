#!/usr/bin/env python3
"""Runs an example and compares what it prints with the file beside its source.

    run_example.py EXPECTED PROGRAM [ARGUMENT...]

The expected text holds exactly; or as a collection of lines, if its first line is `# lines in any order`; or as lines that
come in this order among others, if it is `# among other lines`. `<pid>` stands for a number, and a name such as `<pid:child>`
for the same number wherever it stands; they need the first of these. The program must also end with status 0 and leave no
process behind.
"""

import difflib
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

ANY_ORDER = "# lines in any order"
AMONG_OTHERS = "# among other lines"
MARK = "MP_EXAMPLE_RUN"  # in the environment of the program and of all that comes of it
NUMBER = re.compile(r"<pid(?::(\w+))?>")


def pattern_of(expected):
    """The expected text as a regular expression in which the same name is the same number."""
    pattern, end, names = "", 0, set()
    for number in NUMBER.finditer(expected):
        name = number.group(1)
        pattern += re.escape(expected[end:number.start()])
        if name is None:
            pattern += r"\d+"
        else:
            pattern += f"(?P={name})" if name in names else rf"(?P<{name}>\d+)"
        names.add(name)
        end = number.end()
    return pattern + re.escape(expected[end:])


def difference(expected, printed):
    """What differs, as lines to print; none if nothing does."""
    first, _, rest = expected.partition("\n")
    if first.strip() == ANY_ORDER:
        wanted, got = sorted(rest.splitlines()), sorted(printed.splitlines())
        same = wanted == got
    elif first.strip() == AMONG_OTHERS:
        wanted, got = rest.splitlines(), printed.splitlines()
        left = iter(got)
        same = all(line in left for line in wanted)
    else:
        wanted, got = expected.splitlines(), printed.splitlines()
        same = re.fullmatch(pattern_of(expected), printed) is not None
    return [] if same else list(difflib.unified_diff(wanted, got, "expected", "printed", lineterm=""))


def marked_processes(mark):
    """The processes that carry the mark, as `pid command`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(f"{folder.name} {(folder / 'comm').read_text().strip()}")
        except OSError:  # ended meanwhile, or another user's
            pass
    return found


def left_behind(mark, seconds=5.0):
    """What still runs after the time that a guardian may need to notice the end of its parent."""
    deadline = time.monotonic() + seconds
    while (left := marked_processes(mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    expected = Path(arguments[0]).read_text("utf-8")
    mark = uuid.uuid4().hex
    run = subprocess.run(arguments[1:], env={**os.environ, MARK: mark}, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
    wrong = difference(expected, run.stdout)
    if run.returncode != 0:
        wrong.append(f"ended with status {run.returncode}")
    wrong += [f"left behind: {process}" for process in left_behind(mark)]
    print(*wrong, sep="\n") if wrong else print(f"printed what {Path(arguments[0]).name} says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

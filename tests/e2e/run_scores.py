#!/usr/bin/env python3
"""Runs what docs/getting-started.md shows of a C++ and a Python program beside a manager, and compares what they print.

    run_scores.py MANAGER BUILD

The commands of the page name build/dev, which stands for BUILD here. Exit status 77: Python has no gRPC here, and nothing
was tested.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from documented_commands import SKIPPED, Manager
from documented_examples import read_examples

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/getting-started.md"
MARKED = re.compile(rf"<!-- run by: {re.escape(Path(__file__).resolve().relative_to(ROOT).as_posix())} -->\n"
                    r"```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# That of the page, which Debian's packages are for, and that of this script.
INTERPRETERS = ("/usr/bin/python3", sys.executable)


def find_interpreter():
    """The first Python here that has gRPC and protobuf; None if none has."""
    for python in INTERPRETERS:
        if Path(python).exists() and subprocess.run([python, "-c", "import grpc, google.protobuf"],
                                                    stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return python
    return None


def steps():
    """The commands, and what each must print: the page's, and its first one once more, after the last."""
    shown = [(example.command, example.expected + "\n")
             for block in MARKED.findall(PAGE.read_text("utf-8")) for example in read_examples(block)]
    return [*shown, (shown[0][0], "alice 4\nbob 2\n")]


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    python = find_interpreter()
    if python is None:
        print("skipped: none of", *INTERPRETERS, "has gRPC and protobuf: python3-grpcio, python3-protobuf")
        return SKIPPED

    program, build = arguments
    with tempfile.TemporaryDirectory() as folder:
        manager = Manager(program, folder)
        try:
            for command, expected in steps():
                address = manager.address if INTERPRETERS[0] in command else f"unix:{folder}/manager.sock"
                here = command.replace("build/dev", build).replace(INTERPRETERS[0], python)
                run = subprocess.run(here, shell=True, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                     env={**os.environ, "MP_MANAGER": address, "no_grpc_proxy": "127.0.0.1"}, timeout=30)
                if run.returncode != 0 or run.stdout != expected:
                    print(f"{here} ended with {run.returncode}\nexpected:\n{expected}\nprinted:\n{run.stdout}{run.stderr}")
                    return 1
        finally:
            stopped = manager.stop()
    print("a C++ program and a Python program have changed the same dict")
    return stopped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

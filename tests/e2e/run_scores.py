#!/usr/bin/env python3
"""Runs a C++ and a Python program one after the other beside a manager, and compares what they print.

    run_scores.py MANAGER PROGRAM SCRIPT MODULES

PROGRAM and SCRIPT are the two of examples/applications/python_client, MODULES the folder of the modules that protoc has
made for SCRIPT. Exit status 77: Python has no gRPC here, and nothing was tested.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from documented_commands import SKIPPED, Manager

# That of this script, and the one that Debian's packages are for.
INTERPRETERS = (sys.executable, "/usr/bin/python3")


def find_interpreter():
    """The first Python here that has gRPC and protobuf; None if none has."""
    for python in INTERPRETERS:
        if Path(python).exists() and subprocess.run([python, "-c", "import grpc, google.protobuf"],
                                                    stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return python
    return None


def steps(program, python, script):
    """The commands, and what each must print; docs/getting-started.md shows the first three."""
    yield [program], "alice 1\n"
    yield [program], "alice 2\n"
    yield [python, script], "NOT_FOUND 'carol'\nalice 3\nbob 2\n"
    yield [program], "alice 4\nbob 2\n"


def main(arguments):
    if len(arguments) != 4:
        sys.exit(__doc__)
    python = find_interpreter()
    if python is None:
        print("skipped: none of", *INTERPRETERS, "has gRPC and protobuf: python3-grpcio, python3-protobuf")
        return SKIPPED

    program, script, modules = arguments[1:]
    with tempfile.TemporaryDirectory() as folder:
        manager = Manager(arguments[0], folder)
        environment = {**os.environ, "PYTHONPATH": modules, "no_grpc_proxy": "127.0.0.1"}
        try:
            for command, expected in steps(program, python, script):
                address = f"unix:{folder}/manager.sock" if command == [program] else manager.address
                run = subprocess.run(command, env={**environment, "MP_MANAGER": address}, stdin=subprocess.DEVNULL,
                                     capture_output=True, text=True, timeout=30)
                if run.returncode != 0 or run.stdout != expected:
                    print(f"{' '.join(command)} ended with {run.returncode}\nexpected:\n{expected}\n"
                          f"printed:\n{run.stdout}{run.stderr}")
                    return 1
        finally:
            stopped = manager.stop()
    print("a C++ program and a Python program have changed the same dict")
    return stopped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

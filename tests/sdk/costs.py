#!/usr/bin/env python3
"""What a small program costs that uses an installed mp: prints the table of docs/sdk.md.

    tests/sdk/costs.py PREFIX

For programs of consumer/: processor time of its compiler at -O0 and -O2 (the better of two), and its size, stripped,
with archives and with shared libraries. PREFIX is where `cmake --install` of a release build put mp.
"""

import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent / "consumer"
PARTS = ("local", "client", "mp")


def build(prefix, folder, shared):
    """The programs, optimised; gives the folder that they are in."""
    there = folder / ("shared" if shared else "static")
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    options = {"CMAKE_PREFIX_PATH": prefix, "CMAKE_BUILD_TYPE": "Release", "CMAKE_EXPORT_COMPILE_COMMANDS": "ON",
               "PARTS": ";".join(PARTS), "mp_SHARED_LIBS": "ON" if shared else "OFF"}
    subprocess.run(["cmake", "-S", SOURCES, "-B", there, *(f"-D{name}={value}" for name, value in options.items())], **quiet)
    subprocess.run(["cmake", "--build", there], **quiet)
    return there


def stripped_size(program):
    subprocess.run(["strip", program], check=True)
    return program.stat().st_size


def processor_seconds(command, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compile_seconds(built, part, optimisation):
    commands = json.loads((built / "compile_commands.json").read_text())
    command = next(shlex.split(entry["command"]) for entry in commands if Path(entry["file"]).stem == part)
    command = [word for word in command if not word.startswith("-O")] + [optimisation]
    return min(processor_seconds(command, built) for _ in range(2))


def size(count):
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def main():
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    prefix = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        static, shared = (build(prefix, Path(folder), kind) for kind in (False, True))
        print("| program | compiles at `-O0` | at `-O2` | size with archives | with shared libraries |")
        print("|---|---|---|---|---|")
        for part in PARTS:
            seconds = [compile_seconds(static, part, optimisation) for optimisation in ("-O0", "-O2")]
            sizes = [stripped_size(built / part) for built in (static, shared)]
            print(f"| `{part}.cc` | {seconds[0]:.1f} s | {seconds[1]:.1f} s | {size(sizes[0])} | {size(sizes[1])} |")


if __name__ == "__main__":
    main()

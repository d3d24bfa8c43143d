#!/usr/bin/env python3
"""Runs the commands that the documentation shows, through server reflection, against a live manager.

    documented_commands.py MANAGER EXAMPLES FOLDER [grpcurl|buf]

EXAMPLES is docs/grpcurl-examples.txt, which says at its head how to read it, or a page with such examples in its
blocks, docs/objects/*.md. FOLDER is where a missing tool is installed: grpcurl by `go install`, or else buf (whose
`curl` speaks the same) by npm. Exit status 77: there is no tool, and nothing was tested.

With grpcurl-examples.txt, every `$ grpcurl …` in README.md and docs/*.md must be one of its examples.
"""

import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from documented_examples import read_examples, read_page, same, structure_of
from grpc_tools import find_tool

SKIPPED = 77
ADDRESS = "localhost:50051"  # what the examples say; replaced by where the manager really is
PAGES = ("docs/objects/*.md", "docs/guides/grpcurl-cookbook.md")  # whose examples are run as theirs
PATIENCE = 10.0  # seconds, for what a command in the background is to bring about
# What may be asked again until that is so.
READING = re.compile(r"mp\.v1\.(Admin/(List|Describe|WaitForGraph|Stats)|Barrier/State)")


# ---- Running ---------------------------------------------------------------------------------------------------------

class Manager:
    """A manager on any free port, with a socket in a folder of its own; at the end of a `with` it has a `status`."""

    def __init__(self, program, folder, *flags):
        self.process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", "--socket", f"{folder}/manager.sock", "--print-address", "1", *flags],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        address = self.process.stdout.readline()  # listen HOST:PORT
        if not address:
            raise RuntimeError(f"{program} ended with {self.process.wait()} instead of serving")
        self.address = address.split()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.status = self.stop()

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Session:
    """The examples run one after another, with what earlier ones printed at hand as $name."""

    def __init__(self, tool, addresses):
        self.tool, self.addresses = tool, addresses  # of these, where each that is shown really is
        self.names, self.background = {}, []  # of these, the words and the process of each
        self.left_out = []  # commands

    def words_of(self, command):
        for name, value in self.names.items():
            command = re.sub(rf"\${name}\b", value, command)
        return shlex.split(command)

    def run(self, example):
        """What is wrong with an example, or nothing."""
        if example.command == "wait":
            return self.wait(example)
        words = self.words_of(example.command.removesuffix("&"))
        if not self.tool.understands(words):
            self.left_out.append(example.command)
            return ""
        command = self.tool.command(words, self.addresses)
        if example.command.endswith("&"):
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            self.background.append((words, process))
            return ""
        is_patient = self.background and any(map(READING.match, words))
        return self.until_same(example, command, words, PATIENCE if is_patient else 0)

    def until_same(self, example, command, words, patience, folder=None):
        """What is wrong still after so many seconds, or nothing as soon as it is right."""
        deadline = time.monotonic() + patience
        while True:
            run = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 timeout=60)
            failure = self.compare(example, run, words)
            if not failure or time.monotonic() > deadline:
                return failure
            time.sleep(0.05)

    def wait(self, example):
        """The same of the oldest command in the background, once it has ended."""
        if not self.background:
            return "nothing is in the background"
        words, process = self.background[0]
        try:
            printed, errors = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return f"it waits still: {shlex.join(words)}"
        self.background.pop(0)
        return self.compare(example, subprocess.CompletedProcess(words, process.returncode, printed, errors), words)

    def structure(self, run, words):
        return self.tool.structure(run, words)

    def compare(self, example, run, words):
        names = dict(self.names)
        if not same(structure_of(example.expected), self.structure(run, words), names):
            return f"expected:\n{example.expected}\nprinted:\n{run.stdout}{run.stderr}"
        self.names = names
        return ""

    def end(self):
        for command in self.left_out:
            print(f"left out, since {Path(self.tool.program).name} cannot do it: {command}")
        for _, process in self.background:
            process.kill()
            process.communicate()


def undocumented(examples, root):
    """Commands in README.md and docs that are none of the examples. Pages with examples of their own run as these."""
    known = {example.command for example in examples}
    of_their_own = {page for pattern in PAGES for page in root.glob(pattern)}
    for page in (root / "README.md", *sorted((root / "docs").rglob("*.md"))):
        if page.exists() and page not in of_their_own:
            blocks = re.findall(r"```\w*\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
            for example in (e for block in blocks for e in read_examples(block)):
                if example.command.startswith("grpcurl ") and example.command not in known:
                    yield f"{page.relative_to(root)} shows a command that is not tested: {example.command}"


def differing(program, tool, examples):
    """Runs the examples against a manager of their own; yields what is wrong with each."""
    with tempfile.TemporaryDirectory() as sockets:
        with Manager(program, sockets) as manager:
            session = Session(tool, {ADDRESS: manager.address})
            try:
                for example in examples:
                    if failure := session.run(example):
                        yield f"{example.title}\n$ {example.command}\n{failure}"
            finally:
                session.end()
    if manager.status != 0:
        yield f"the manager ended with status {manager.status}"


def main(arguments):
    if len(arguments) not in (3, 4):
        sys.exit(__doc__)
    program, data, folder = arguments[0], Path(arguments[1]).resolve(), Path(arguments[2]).resolve()
    tool = find_tool(folder, arguments[3] if len(arguments) == 4 else None)
    if tool is None:
        print("skipped: neither grpcurl (or go, to install it) nor npm (to install buf) is to be had")
        return SKIPPED

    is_page = data.suffix == ".md"
    examples = (read_page if is_page else read_examples)(data.read_text("utf-8"))
    wrong = [] if is_page else list(undocumented(examples, data.parents[1]))
    wrong += differing(program, tool, examples)
    print(*wrong, sep="\n\n")
    print(f"{len(examples)} documented commands of {data.name}, by {tool.program}: {len(wrong)} differ")
    return 1 if wrong or not examples else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Runs the commands that the documentation shows, through server reflection, against a live manager.

    documented_commands.py MANAGER EXAMPLES FOLDER [grpcurl|buf]

EXAMPLES holds them as data; its head says how. FOLDER is where a missing tool is installed: grpcurl by `go install`, or
else buf (whose `curl` speaks the same) by npm. Exit status 77: there is no tool, and nothing was tested.

Every `$ grpcurl …` in README.md and docs/*.md must be one of the examples.
"""

import base64
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

SKIPPED = 77
ADDRESS = "localhost:50051"  # what the examples say; replaced by where the manager really is
ERROR_PROTO = Path(__file__).resolve().parents[2] / "protos/mp/v1/error.proto"
PATIENCE = 10.0  # seconds, for what a command in the background is to bring about


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
        details = [json.loads(detail) for detail in re.findall(r"^\s*\d+\)\s*(\{.*?^\s*\})", text, re.DOTALL | re.MULTILINE)]
        field = lambda name: re.search(rf"^  {name}: (.*)$", text, re.MULTILINE).group(1)
        return {"code": field("Code"), "message": field("Message"), "details": details}
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


# ---- The tools -------------------------------------------------------------------------------------------------------

class Grpcurl:
    def __init__(self, program):
        self.program = program

    def understands(self, _words):
        return True

    def command(self, words, address):
        return [self.program, *(address if word == ADDRESS else word for word in words[1:])]

    def structure(self, run, _words):
        return structure_of((run.stdout + run.stderr).strip())


class Buf:
    """The same by `buf curl`. It describes no messages."""

    def __init__(self, program):
        self.program = program

    def understands(self, words):
        return "describe" not in words

    def command(self, words, address):
        options = [word for i, word in enumerate(words) if word in ("-d", "-H") or words[i - 1] in ("-d", "-H")]
        what = words[words.index(ADDRESS) + 1:]
        url = f"http://{address}"
        if what[0] == "list":
            options.append("--list-methods" if what[1:] else "--list-services")
        else:
            url += "/" + what[0]
            if "-d" not in options:
                options += ["-d", "{}"]
        return [self.program, "curl", "--http2-prior-knowledge", "--protocol", "grpc", *options, url]

    def structure(self, run, words):
        if "list" in words:
            return self.listing(run.stdout, words[words.index("list") + 1:])
        if run.returncode == 0:
            return json.loads(run.stdout)
        try:
            error = json.loads(run.stderr)
        except ValueError:
            return run.stderr
        details = [{"@type": "type.googleapis.com/" + detail["type"], **self.error_detail(detail["value"])}
                   for detail in error.get("details", [])]
        code = "".join(part.capitalize() for part in error["code"].split("_"))
        return {"code": code, "message": error["message"], "details": details}

    @staticmethod
    def error_detail(encoded):
        """An mp.v1.Error, which buf leaves undecoded: code = 1 as one byte, then message = 2."""
        data = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
        codes = dict(re.findall(r"^  (\w+) = (\d+);", ERROR_PROTO.read_text("utf-8"), re.MULTILINE))
        code = next(name for name, number in codes.items() if int(number) == data[1])
        start = 4 if data[3] < 0x80 else 5
        return {"code": code, "message": data[start:].decode("utf-8")}

    @staticmethod
    def listing(printed, service):
        lines = printed.split()
        if service:
            lines = [line.replace("/", ".") for line in lines if line.startswith(service[0] + "/")]
        return "\n".join(sorted(lines))


def install(command, program):
    """The program, if the command makes it."""
    print("installing:", *command, flush=True)
    try:
        subprocess.run(command, check=True, timeout=240, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as failure:
        print("failed:", failure)
    return program if Path(program).exists() else None


def find_grpcurl(folder):
    for program in (shutil.which("grpcurl"), Path.home() / "go/bin/grpcurl", folder / "grpcurl"):
        if program and Path(program).exists():
            return Grpcurl(str(program))
    if not shutil.which("go"):
        return None
    program = install(["env", f"GOBIN={folder}", "GOFLAGS=-mod=mod", "go", "install",
                       "github.com/fullstorydev/grpcurl/cmd/grpcurl@latest"], folder / "grpcurl")
    return program and Grpcurl(str(program))


def find_buf(folder):
    program = shutil.which("buf") or folder / "node_modules/.bin/buf"
    if not Path(program).exists():
        if not shutil.which("npm"):
            return None
        program = install(["npm", "install", "--silent", "--prefix", str(folder), "@bufbuild/buf"], program)
    return program and Buf(str(program))


# ---- Running ---------------------------------------------------------------------------------------------------------

class Manager:
    """A manager on any free port, with a socket in a folder of its own."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", "--socket", f"{folder}/manager.sock", "--print-address", "1"],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().split()[1]

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=20)


class Session:
    """The examples run one after another, with what earlier ones printed at hand as $name."""

    def __init__(self, tool, address):
        self.tool, self.address = tool, address
        self.names, self.background = {}, []

    def words_of(self, command):
        for name, value in self.names.items():
            command = re.sub(rf"\${name}\b", value, command)
        return shlex.split(command)

    def run(self, example):
        """What is wrong with an example, or nothing."""
        words = self.words_of(example.command.removesuffix("&"))
        if not self.tool.understands(words):
            return "" if isinstance(self.tool, Buf) else "not understood"
        command = self.tool.command(words, self.address)
        if example.command.endswith("&"):
            self.background.append(subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            return ""
        deadline = time.monotonic() + (PATIENCE if self.background else 0)
        while True:
            run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            names = dict(self.names)
            if same(structure_of(example.expected), self.tool.structure(run, words), names):
                self.names = names
                return ""
            if time.monotonic() > deadline:
                return f"expected:\n{example.expected}\nprinted:\n{run.stdout}{run.stderr}"
            time.sleep(0.05)

    def end(self):
        for process in self.background:
            process.kill()
            process.wait()


def undocumented(examples, root):
    """Commands in README.md and docs that are none of the examples."""
    known = {example.command for example in examples}
    for page in (root / "README.md", *sorted((root / "docs").rglob("*.md"))):
        if page.exists():
            blocks = re.findall(r"```\w*\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
            for example in (e for block in blocks for e in read_examples(block)):
                if example.command.startswith("grpcurl ") and example.command not in known:
                    yield f"{page.relative_to(root)} shows a command that is not tested: {example.command}"


def main(arguments):
    if len(arguments) not in (3, 4):
        sys.exit(__doc__)
    program, data, folder = arguments[0], Path(arguments[1]), Path(arguments[2]).resolve()
    examples = read_examples(data.read_text("utf-8"))
    wanted = arguments[3] if len(arguments) == 4 else None
    folder.mkdir(parents=True, exist_ok=True)
    tool = find_grpcurl(folder) if wanted != "buf" else None
    if tool is None and wanted != "grpcurl":
        tool = find_buf(folder)
    if tool is None:
        print("skipped: neither grpcurl (or go, to install it) nor npm (to install buf) is to be had")
        return SKIPPED

    wrong = list(undocumented(examples, data.resolve().parents[1]))
    with tempfile.TemporaryDirectory() as sockets:
        manager = Manager(program, sockets)
        session = Session(tool, manager.address)
        try:
            for example in examples:
                if failure := session.run(example):
                    wrong.append(f"{example.title}\n$ {example.command}\n{failure}")
        finally:
            session.end()
            status = manager.stop()
    if status != 0:
        wrong.append(f"the manager ended with status {status}")
    print(*wrong, sep="\n\n")
    print(f"{len(examples)} documented commands, by {tool.program}: {len(wrong)} differ")
    return 1 if wrong or not examples else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

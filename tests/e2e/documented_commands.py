#!/usr/bin/env python3
"""Runs the commands that the documentation shows, through server reflection, against a live manager.

    documented_commands.py MANAGER EXAMPLES FOLDER [grpcurl|buf]

EXAMPLES is docs/grpcurl-examples.txt, which says at its head how to read it, or a page with such examples in its
blocks, docs/objects/*.md. FOLDER is where a missing tool is installed: grpcurl by `go install`, or else buf (whose
`curl` speaks the same) by npm. Exit status 77: there is no tool, and nothing was tested.

With grpcurl-examples.txt, every `$ grpcurl …` in README.md and docs/*.md must be one of its examples.
"""

import base64
import contextlib
import fcntl
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from documented_examples import read_examples, read_page, same, structure_of

SKIPPED = 77
ADDRESS = "localhost:50051"  # what the examples say; replaced by where the manager really is
PAGES = ("docs/objects/*.md", "docs/guides/grpcurl-cookbook.md")  # whose examples are run as theirs
ERROR_PROTO = Path(__file__).resolve().parents[2] / "protos/mp/v1/error.proto"
PATIENCE = 10.0  # seconds, for what a command in the background is to bring about


# ---- The tools -------------------------------------------------------------------------------------------------------

class Grpcurl:
    def __init__(self, program):
        self.program = program

    def understands(self, _words):
        return True

    def command(self, words, addresses):
        return [self.program, *(addresses.get(word, word) for word in words[1:])]

    def structure(self, run, _words):
        return structure_of((run.stdout + run.stderr).strip())


def varint(data):
    """The number that begins a list of bytes, taken off it."""
    number, shift = 0, 0
    while True:
        byte = data.pop(0)
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number


class Buf:
    """The same by `buf curl`. It describes no messages, and does not say why reflection is refused."""

    def __init__(self, program):
        self.program = program

    def understands(self, words):
        return "describe" not in words and ("-cacert" not in words or "-H" in words)

    def command(self, words, addresses):
        place = next(i for i, word in enumerate(words) if word in addresses)
        taken = ("-d", "-H", "-cacert")
        options = [word for i, word in enumerate(words[:place]) if word in taken or words[i - 1] in taken]
        options = ["--cacert" if word == "-cacert" else word for word in options]
        plain = "-plaintext" in words
        options += ["--http2-prior-knowledge"] if plain else ["--reflect-header", "*"]
        what = words[place + 1:]
        url = f"{'http' if plain else 'https'}://{addresses[words[place]]}"
        if what[0] == "list":
            options.append("--list-methods" if what[1:] else "--list-services")
        else:
            url += "/" + what[0]
            if "-d" not in options:
                options += ["-d", "{}"]
        return [self.program, "curl", "--protocol", "grpc", *options, url]

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
        """An mp.v1.Error, which buf leaves undecoded: code = 1, message = 2, operation_index = 3, exception = 4,
        cycle = 5, whose members stay so."""
        data = list(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
        codes = dict(re.findall(r"^  (\w+) = (\d+);", ERROR_PROTO.read_text("utf-8"), re.MULTILINE))
        error = {}
        while data:
            tag, number = data.pop(0), varint(data)
            if tag == 0x08:
                error["code"] = next(name for name, known in codes.items() if int(known) == number)
            elif tag in (0x12, 0x22):
                error["message" if tag == 0x12 else "exception"] = bytes(data[:number]).decode("utf-8")
                del data[:number]
            elif tag == 0x2A:
                error.setdefault("cycle", []).append(str(bytes(data[:number])))
                del data[:number]
            else:
                error["operation_index"] = number if number < 1 << 63 else number - (1 << 64)
        return error

    @staticmethod
    def listing(printed, service):
        lines = printed.split()
        if service:
            lines = [line.replace("/", ".") for line in lines if line.startswith(service[0] + "/")]
        return "\n".join(sorted(lines))


@contextlib.contextmanager
def alone(folder):
    """One at a time: tests that run beside each other look for the tools in one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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


def find_tool(folder, wanted):
    """The wanted tool, by default grpcurl and else buf; None if it is not to be had."""
    with alone(folder):
        tool = find_grpcurl(folder) if wanted != "buf" else None
        if tool is None and wanted != "grpcurl":
            tool = find_buf(folder)
        return tool


# ---- Running ---------------------------------------------------------------------------------------------------------

class Manager:
    """A manager on any free port, with a socket in a folder of its own."""

    def __init__(self, program, folder, *flags):
        self.process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", "--socket", f"{folder}/manager.sock", "--print-address", "1", *flags],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().split()[1]

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=20)


class Session:
    """The examples run one after another, with what earlier ones printed at hand as $name."""

    def __init__(self, tool, addresses):
        self.tool, self.addresses = tool, addresses  # of these, where each that is shown really is
        self.names, self.background = {}, []  # of these, the words and the process of each

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
            return "" if isinstance(self.tool, Buf) else "not understood"
        command = self.tool.command(words, self.addresses)
        if example.command.endswith("&"):
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            self.background.append((words, process))
            return ""
        return self.until_same(example, command, words, PATIENCE if self.background else 0)

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
        manager = Manager(program, sockets)
        session = Session(tool, {ADDRESS: manager.address})
        try:
            for example in examples:
                if failure := session.run(example):
                    yield f"{example.title}\n$ {example.command}\n{failure}"
        finally:
            session.end()
            status = manager.stop()
    if status != 0:
        yield f"the manager ended with status {status}"


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

"""What calls a manager's services as the pages do: grpcurl, or else buf, whose `curl` speaks the same."""

import base64
import contextlib
import fcntl
import json
import re
import shutil
import subprocess
from pathlib import Path

from documented_examples import structure_of

ERROR_PROTO = Path(__file__).resolve().parents[2] / "protos/mp/v1/error.proto"


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

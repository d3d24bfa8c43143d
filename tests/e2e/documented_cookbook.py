#!/usr/bin/env python3
"""Plays the scene of docs/guides/grpcurl-cookbook.md with real processes, and runs the page's commands in it.

    documented_cookbook.py MANAGER CLUSTER PAGE FOLDER [grpcurl|buf]

MANAGER is mp-manager and CLUSTER the program of stuck_cluster.cc, whose processes are started one after another, until
one is stopped and the others wait. FOLDER and the exit status 77 are as in documented_commands.py. Beside the commands
that documented_commands.py knows, a page may show

    $ cat FILE, $ grep WORD FILE    what a process has printed, or what /proc tells of it
    $ kill -CONT PID                of a process of the scene
    $ name=$(cat FILE)              $name is what stands in the file from here on
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from documented_commands import ADDRESS, PATIENCE, SKIPPED, Manager, Session
from documented_examples import read_page
from grpc_tools import find_tool

GUARDED = "db1:50051"  # what the page calls the manager with a token and TLS
CERTIFICATES = Path(__file__).with_name("certificates.h")
TOKEN = "b2Zmc2l0ZSBvcGVu"

# The processes in the order in which they come, and when each is where it has to be.
ENDED, STOPPED, WAITS = "ended", "stopped", "waits"
SCENE = ((("payer1", "payer2"), ENDED), (("writer",), STOPPED), (("teller1",), WAITS), (("teller2",), WAITS),
         (("branch1",), WAITS), (("branch2",), WAITS), (("mailer",), WAITS))


def until(true, what, check=lambda: None):
    """Waits; `check` raises an error if there is nothing to wait for any more."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        check()
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.01)


class Cluster:
    """The processes of the scene. What each prints stands in a file of the folder."""

    def __init__(self, program, folder, manager, count_waiters):
        self.program, self.folder, self.manager, self.count_waiters = program, folder, manager, count_waiters
        self.processes = {}

    def play(self):
        for roles, place in SCENE:
            waiters = self.count_waiters()
            for role in roles:
                with open(self.folder / f"{role}.log", "wb") as log:
                    self.processes[role] = subprocess.Popen([self.program, self.manager, role], stdout=log, stderr=log,
                                                            stdin=subprocess.DEVNULL)
            reached = {ENDED: lambda of=roles: all(self.processes[role].poll() == 0 for role in of),
                       STOPPED: lambda of=roles: all(self.is_stopped(role) for role in of),
                       WAITS: lambda before=waiters: self.count_waiters() > before}[place]
            until(reached, f"{', '.join(roles)}: not {place} yet",
                  lambda of=roles, place=place: self.demand_alive(of, place))

    def demand_alive(self, roles, place):
        """Only those that are to end may, and well."""
        for role in roles:
            status = self.processes[role].poll()
            if status is not None and (place != ENDED or status != 0):
                raise ChildProcessError(f"{role} came to {status} before it was {place}")

    def is_stopped(self, role):
        status = Path(f"/proc/{self.processes[role].pid}/status").read_text("utf-8")
        return re.search(r"^State:\s+T", status, re.MULTILINE) is not None

    def owns(self, pid):
        return any(str(process.pid) == pid for process in self.processes.values())

    def end(self, patience):
        """Yields what is wrong with the end of each."""
        for role, process in self.processes.items():
            try:
                status = process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                status = "no end"
            if status != 0:
                yield f"{role} came to {status}, and printed: {(self.folder / f'{role}.log').read_text('utf-8')}"


class Reader(Session):
    """Somebody at a shell, who reads the page and types what stands there."""

    def __init__(self, tool, addresses, folder):
        super().__init__(tool, addresses)
        self.folder, self.cluster = folder, None

    def run(self, example):
        if assigned := re.fullmatch(r"(\w+)=\$\(cat (\S+)\)", example.command):
            self.names[assigned[1]] = (self.folder / assigned[2]).read_text("utf-8").strip()
            return ""
        words = self.words_of(example.command)
        if words[0] in ("cat", "grep") or words[:2] == ["kill", "-CONT"]:
            if words[0] == "kill" and not self.cluster.owns(words[2]):
                return "not a process of the scene"
            return self.until_same(example, words, words, PATIENCE, self.folder)
        if words[0] not in ("grpcurl", "wait"):
            return "nothing that this test runs"
        return super().run(example)

    def words_of(self, command):
        """With files as the folder has them."""
        words = super().words_of(command)
        return [str(self.folder / word) if words[i - 1] == "-cacert" else word for i, word in enumerate(words)]

    def count_waiters(self):
        command = self.tool.command(["grpcurl", "-plaintext", ADDRESS, "mp.v1.Admin/ListWaiters"], self.addresses)
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True)
        return len(json.loads(run.stdout).get("waiters", []))

    def structure(self, run, words):
        """What printed it says how it is to be read."""
        return self.tool.structure(run, words) if words[0] == "grpcurl" else (run.stdout + run.stderr).strip()


def write_secrets(folder):
    """The files of the manager that is guarded: whose certificate is for localhost."""
    blocks = dict(re.findall(r'char (k\w+)\[\] = R"\((.*?)\)"', CERTIFICATES.read_text("utf-8"), re.DOTALL))
    for name, text in (("ca.pem", blocks["kAuthority"]), ("cert.pem", blocks["kManagerCertificate"]),
                       ("key.pem", blocks["kManagerKey"]), ("token", TOKEN + "\n")):
        (folder / name).write_text(text, "utf-8")
    return ("--token-file", f"{folder}/token", "--tls-cert", f"{folder}/cert.pem", "--tls-key", f"{folder}/key.pem")


def differing(program, cluster_program, tool, examples, folder):
    """Yields what is wrong with each example, and with how all ended."""
    secrets = write_secrets(folder)
    for name in ("plain", "guarded"):
        (folder / name).mkdir()
    # What nobody can reach is to stay until the page has it collected.
    with (Manager(program, folder / "plain", "--collection-period", "1h") as plain,
          Manager(program, folder / "guarded", *secrets) as guarded):
        addresses = {ADDRESS: plain.address, GUARDED: guarded.address.replace("127.0.0.1", "localhost")}
        reader = Reader(tool, addresses, folder)
        reader.cluster = Cluster(cluster_program, folder, f"unix:{folder}/plain/manager.sock", reader.count_waiters)
        patience = 0
        try:
            reader.cluster.play()
            for example in examples:
                if failure := reader.run(example):
                    yield f"{example.title}\n$ {example.command}\n{failure}"
            patience = PATIENCE
        except (OSError, subprocess.SubprocessError) as failure:  # nobody is to go on, so nobody is waited for
            yield f"the scene failed: {failure}"
        finally:
            reader.end()
            endings = list(reader.cluster.end(patience))
    yield from endings
    for manager in (plain, guarded):
        if manager.status != 0:
            yield f"a manager ended with {manager.status}"


def main(arguments):
    if len(arguments) not in (4, 5):
        sys.exit(__doc__)
    page, tools = Path(arguments[2]), Path(arguments[3]).resolve()
    tool = find_tool(tools, arguments[4] if len(arguments) == 5 else None)
    if tool is None:
        print("skipped: neither grpcurl (or go, to install it) nor npm (to install buf) is to be had")
        return SKIPPED
    examples = read_page(page.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        wrong = list(differing(arguments[0], arguments[1], tool, examples, Path(folder)))
    print(*wrong, sep="\n\n")
    print(f"{len(examples)} commands of {page.name}, by {tool.program}: {len(wrong)} differ")
    return 1 if wrong or not examples else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

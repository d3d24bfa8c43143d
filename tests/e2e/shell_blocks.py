#!/usr/bin/env python3
"""Runs the blocks of shell that the pages show, command by command as they stand, in a network of their own.

    shell_blocks.py MANAGER BUILD

MANAGER is mp-manager, BUILD the folder of a build with examples. The commands run in a scratch tree with the page's
scripts, `./dev` among them. What takes long is stood in for, and says so where it is made: a build is BUILD, tests are
listed, the bench runs with tiny counts. What serves is waited for, asked for its health, and told to end.

Blocks below `<!-- run by: … -->` are run by what is named there. Exit status 77: no network of its own can be had here.
"""

import os
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lint"))
sys.dont_write_bytecode = True

from blocks import blocks_of  # noqa: E402
from commands import MANAGERS, lines_of  # noqa: E402

SKIPPED = 77
INSIDE = "--inside"  # the namespaces that this script makes, and starts itself in
ADDRESS = "localhost:50051"  # of the pages' managers
OTHER_HOST = "db1"  # whose manager the pages' relays speak to; here it is this host
TOOLS_OF_BENCH = ("redis-server",)
SECONDS = 100  # that a command may take; most take one


class Wrong(Exception):
    """A command does not do what its page says."""


# ---- The scratch tree ------------------------------------------------------------------------------------------------

# What would build finds everything built; what would test lists the tests, and there must be some.
STAND_INS = {
    "cmake": "#!/bin/sh\nexit 0\n",
    "ctest": "#!/bin/sh\n{ctest} \"$@\" -N | tee /dev/stderr | grep -q '^Total Tests: [1-9]'\n",
}
# Once instead of many times, and one row instead of all: a test of the bench's own runs them all.
BENCH = """#!/bin/sh
case " $* " in *" --only "* | *" --list "*) ;; *) set -- "$@" --only get ;; esac
case " $* " in *" --quick "* | *" --list "*) ;; *) set -- "$@" --repeats 1 ;; esac
exec "$(dirname "$0")/run-itself" "$@"
"""


def write_program(path, text):
    path.write_text(text, "utf-8")
    path.chmod(0o755)


def make_tree(folder, build):
    """What the pages' commands find around them, with BUILD as what every preset has built."""
    for name in ("bench", "docs"):  # into which something is written
        shutil.copytree(ROOT / name, folder / name)
    for name in ("dev", "CMakePresets.json"):
        shutil.copy2(ROOT / name, folder / name)
    for name in ("examples", "tests"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "bench/run").rename(folder / "bench/run-itself")
    write_program(folder / "bench/run", BENCH)
    for preset in ("dev", "release", "asan"):
        built = folder / "build" / preset
        built.mkdir(parents=True)
        for entry in build.iterdir():
            if entry.name != "Testing":  # of the ctest that runs this
                (built / entry.name).symlink_to(entry)
    failed = folder / "build/dev/Testing/Temporary/LastTestsFailed.log"
    failed.parent.mkdir(parents=True)
    failed.write_text("1:the first\n", "utf-8")
    (folder / "stand-ins").mkdir()
    for name, text in STAND_INS.items():
        write_program(folder / "stand-ins" / name, text.replace("{ctest}", shutil.which("ctest")))


def make_credentials(folder):
    """The files that the pages name, of one certificate, which is its own authority."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=test", "-addext",
                    f"subjectAltName=DNS:{OTHER_HOST},DNS:localhost"], cwd=folder, check=True, capture_output=True)
    for name in ("ca.pem", "clients.pem", "node.pem"):
        shutil.copy(folder / "cert.pem", folder / name)
    shutil.copy(folder / "key.pem", folder / "node-key.pem")
    (folder / "token").write_text("a-token-of-this-test\n", "utf-8")


# ---- What serves -----------------------------------------------------------------------------------------------------

class Server:
    """A command that serves until it is told to end, once it says where."""

    def __init__(self, command, folder, env):
        self.command = command
        reader, writer = os.pipe()
        self.process = subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=folder, stdin=subprocess.DEVNULL,
                                        pass_fds=(writer,), env={**env, "MP_PRINT_ADDRESS": str(writer)})
        os.close(writer)
        with open(reader, encoding="utf-8") as addresses:
            try:
                self.socket = dict(map(str.split, self.printed_to(addresses))).get("socket")
            except Wrong:
                self.kill()
                raise

    def printed_to(self, pipe):
        """Its lines, once it has closed the pipe."""
        text, deadline = "", time.monotonic() + SECONDS
        while select.select([pipe], [], [], max(0, deadline - time.monotonic()))[0]:
            more = os.read(pipe.fileno(), 4096).decode()
            text += more
            if not more and text:
                return text.splitlines()
            if not more:
                raise Wrong(f"it ended with {self.process.wait(SECONDS)} instead of serving: {self.command}")
        raise Wrong(f"it does not serve after {SECONDS} s: {self.command}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            status = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()
            status = "no end"
        if status != 0:
            raise Wrong(f"it came to {status} when it was told to end: {self.command}")


class Servers:
    """A manager at most, and a relay, of a block."""

    def __init__(self, program, folder, env):
        self.program, self.folder, self.env = program, folder, env
        self.manager = self.relay = None
        self.flags = None  # of the manager that stands by, or is shown, as far as others must know

    def show(self, command):
        self.stop()
        self.manager = Server(command, self.folder, self.env)
        self.flags = () if "--tls" not in command and "--listen" not in command else None

    def stand_by(self, flags=()):
        """A manager that nobody shows, for who is said to speak to one."""
        if self.manager is None or self.flags != flags:
            self.stop()
            self.manager = Server(shlex.join([self.program, "--socket", "none", *flags]), self.folder, self.env)
            self.flags = flags

    def show_relay(self, command):
        flags = ("--tls-cert", "cert.pem", "--tls-key", "key.pem") if "--relay-ca" in command else ()
        self.stand_by((*flags, "--tls-client-ca", "clients.pem") if "--relay-cert" in command else flags)
        self.stop_relay()
        self.relay = Server(command, self.folder, self.env)
        self.ask(self.relay.socket)

    def ask(self, address):
        subprocess.run([self.program, "--check", address], check=True, timeout=20)

    def stop_relay(self):
        relay, self.relay = self.relay, None
        if relay:
            relay.stop()

    def stop(self):
        try:
            self.stop_relay()
        finally:
            manager, self.manager = self.manager, None
            if manager:
                # Who runs it in the foreground ends it by ctrl-C.
                manager.stop(signal.SIGINT if manager.command.startswith("./dev") else signal.SIGTERM)


# ---- Blocks ----------------------------------------------------------------------------------------------------------

def run_to_its_end(command, folder, env):
    run = subprocess.run(["bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, timeout=SECONDS,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if run.returncode != 0:
        raise Wrong(f"it ended with {run.returncode}: {command}\n{run.stdout}")


def run_command(command, servers):
    words = shlex.split(command)
    if words[:2] == ["./dev", "serve"]:
        servers.show(command)
        servers.ask(ADDRESS)
    elif words[0] not in MANAGERS:
        if words[:2] == ["./dev", "demo"]:
            servers.stop()
        run_to_its_end(command, servers.folder, servers.env)
    elif "--relay" in words:
        servers.show_relay(command)
    elif "--check" in words:
        servers.stand_by()
        run_to_its_end(command, servers.folder, servers.env)
    elif "--help" in words:
        run_to_its_end(command, servers.folder, servers.env)
    else:
        servers.show(command)


def is_of_bench(command):
    return command.startswith(("./dev bench", "bench/"))


def run_block(block, program, folder, env):
    has_bench = all(map(shutil.which, TOOLS_OF_BENCH)) and (folder / "build/dev/bench").exists()
    servers = Servers(program, folder, env)
    try:
        for command in lines_of(block.text):
            if is_of_bench(command) and not has_bench:
                print(f"skipped, since the bench is not built or its tools are not there: {command}", flush=True)
                continue
            print(f"$ {command}", flush=True)
            run_command(command, servers)
    finally:
        servers.stop()


def shown(root):
    """Each block of shell that no page says another test runs, with its page."""
    for page in sorted(root.glob("*.md")) + sorted(root.glob("*/**/*.md")):
        if page.relative_to(root).parts[0] == "build":
            continue
        for block in blocks_of(page.read_text("utf-8")):
            if block.language == "sh" and not block.how:
                yield page, block


def run_all(program, build):
    blocks = list(shown(ROOT))
    failures = 0
    with tempfile.TemporaryDirectory(prefix="mp-blocks-") as name:
        folder = Path(name)
        make_tree(folder, build)
        make_credentials(folder)
        path = ":".join([str(folder / "stand-ins"), str(program.parent), os.environ["PATH"]])
        env = {**os.environ, "PATH": path, "XDG_RUNTIME_DIR": name, "no_grpc_proxy": f"localhost,{OTHER_HOST}"}
        for page, block in blocks:
            print(f"== {page.relative_to(ROOT)}", flush=True)
            try:
                run_block(block, str(program), folder, env)
            except (Wrong, subprocess.SubprocessError) as failure:
                failures += 1
                print(f"\n{page.relative_to(ROOT)}: {failure}\n", flush=True)
    print(f"{len(blocks)} blocks: {failures} fail")
    return 1 if failures or not blocks else 0


# ---- The namespaces --------------------------------------------------------------------------------------------------

def namespaces():
    """The command before another that gives it a network, mounts and processes of its own; None: it can't be had."""
    unshare = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = unshare if os.geteuid() == 0 else [*unshare, "--map-root-user"]
    tried = subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True, text=True, check=False)
    if tried.returncode == 0:
        return command
    print("skipped: no namespaces here:", tried.stderr.strip())
    return None


def set_up_network():
    """The loopback, a name for the other host, and a /run where anybody's socket may be."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    hosts = Path("/run/hosts")
    hosts.write_text(f"127.0.0.1 localhost {OTHER_HOST}\n", "utf-8")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)


def main(arguments):
    inside = arguments[:1] == [INSIDE]
    if len(arguments) != 2 + inside:
        sys.exit(__doc__)
    if inside:
        set_up_network()
        return run_all(*(Path(argument).resolve() for argument in arguments[1:]))
    command = namespaces()
    return subprocess.run([*command, sys.executable, __file__, INSIDE, *arguments], check=False).returncode \
        if command else SKIPPED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

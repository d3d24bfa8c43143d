"""Starting processes on a core, speaking with them by lines, and ending them."""

import ctypes
import json
import os
import select
import signal
import subprocess
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


class BenchError(Exception):
    """Why a measurement could not be made."""


class Running:
    """A process that was started here. What it writes to stderr is in a file, whose end an error quotes."""

    def __init__(self, name, command, cores, log, pass_fds=()):
        self.name, self.log = name, log
        self._unread = b""

        def before_exec():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # also where this program is killed
            os.sched_setaffinity(0, cores)

        with open(log, "wb") as errors:
            self._process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                pass_fds=pass_fds, preexec_fn=before_exec, start_new_session=True)

    @property
    def pid(self):
        return self._process.pid

    def error(self, what):
        lines = Path(self.log).read_text("utf-8", "replace").strip().splitlines()
        return BenchError(f"{self.name}: {what}" + (f": {lines[-1]}" if lines else ""))

    def ended(self):
        return self._process.poll() is not None

    def read_line(self, seconds):
        """The next line of its output."""
        deadline = time.monotonic() + seconds
        descriptor = self._process.stdout.fileno()
        while b"\n" not in self._unread:
            if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise self.error(f"said nothing for {seconds:.0f} s")
            received = os.read(descriptor, 65536)
            if not received:
                raise self.error(f"ended with status {self._process.wait()}")
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def write_line(self, line):
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self.error("does not listen any more") from None

    def resident_bytes(self):
        return self._bytes("VmRSS:")

    def peak_bytes(self):
        """What it had resident when it had most."""
        return self._bytes("VmHWM:")

    def switches(self):
        """How often any of its threads was taken to a processor or from one."""
        lines = (line.split() for task in Path(f"/proc/{self.pid}/task").iterdir()
                 for line in (task / "status").read_text().splitlines())
        return sum(int(words[1]) for words in lines if words[0].endswith("voluntary_ctxt_switches:"))

    def _bytes(self, field):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
        raise self.error("has no memory")

    def close(self, patience=5.0):
        """Ends it: at the end of its input if that ends it, else by SIGTERM, else by SIGKILL."""
        for end in (self._process.stdin.close, self._process.terminate, self._process.kill):
            try:
                end()
            except BrokenPipeError:
                pass  # it is about to end by itself
            try:
                self._process.wait(patience if end != self._process.stdin.close else 0.2)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Client(Running):
    """A client program; what it is asked and answers is in peer.h."""

    def __init__(self, name, command, cores, log):
        super().__init__(name, command, cores, log)
        try:
            if self.read_line(30) != "ready":
                raise self.error("did not get ready")
        except BaseException:
            self.close()
            raise

    def go(self):
        self.write_line("go")

    def result(self, seconds):
        return json.loads(self.read_line(seconds))

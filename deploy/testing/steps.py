"""Steps with their time, checks, commands and waits."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

LOGS = Path("build/log")


class Failure(Exception):
    """What did not hold, as a sentence."""


def check(holds, claim):
    if not holds:
        raise Failure(f"this does not hold: {claim}")


@contextlib.contextmanager
def step(what):
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print(f"{what:<70} failed after {time.monotonic() - start:.1f} s", flush=True)
        raise
    print(f"{what:<70} {time.monotonic() - start:.1f} s", flush=True)


def wait_until(condition, claim, seconds=30):
    """Looks until the condition holds. The state is another program's, so there is nothing to wait on."""
    deadline = time.monotonic() + seconds
    never = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"within {seconds} s it did not come about that {claim}")
        never.wait(0.1)


def run_to_its_end(command, env=None, seconds=120, stderr=subprocess.PIPE):
    try:
        return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
                              text=True, errors="replace", timeout=seconds)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"no end within {seconds} s: {' '.join(command)}") from None


def output_of(command, env=None, seconds=120, stderr=subprocess.PIPE):
    """Standard output of a command that must succeed; with standard error in it, if that is where it goes."""
    done = run_to_its_end(command, env, seconds, stderr)
    if done.returncode != 0:
        said = (done.stderr or "").strip() or done.stdout.strip()
        raise Failure(f"status {done.returncode} of {' '.join(command)}: {said}")
    return done.stdout


def succeeds(*command, seconds=60):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


def run_logged(name, command, env=None, folder=None, seconds=3600):
    """Runs what takes long; says every half minute how far it is. Its output, which is in a log, too."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"deploy-{name}.log"
    start = time.monotonic()
    with open(path, "wb") as log, \
            subprocess.Popen(command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                             start_new_session=True) as process:
        try:
            while process.poll() is None:
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    print(f"  {time.monotonic() - start:.0f} s  {last_line(path)}", flush=True)
                check(time.monotonic() - start < seconds, f"{name} ends within {seconds} s; its output is in {path}")
        except BaseException:
            end_group(process)
            raise
    if process.returncode != 0:
        print("\n".join(path.read_text(errors="replace").splitlines()[-40:]))
        raise Failure(f"{' '.join(command)} ended with {process.returncode}; its output is in {path}")
    return path.read_text(errors="replace")


def end_group(process):
    """With what it has started, and without its consent if it takes too long."""
    with contextlib.suppress(ProcessLookupError):  # it has just ended
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def last_line(path):
    lines = path.read_text(errors="replace").split("\n")
    return next((line[-90:].strip() for line in reversed(lines) if line.strip()), "")

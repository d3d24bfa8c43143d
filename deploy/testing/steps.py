"""Steps with their time, checks, commands and waits."""

import contextlib
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


def output_of(command, env=None, seconds=120):
    """Standard output of a command that must succeed."""
    try:
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=seconds)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"no end within {seconds} s: {' '.join(command)}") from None
    if done.returncode != 0:
        raise Failure(f"status {done.returncode} of {' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def succeeds(*command, seconds=60):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


def run_logged(name, command, env=None):
    """Runs what takes long, its output in a log; says every half minute how far it is."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"deploy-{name}.log"
    start = time.monotonic()
    with open(path, "wb") as log, \
            subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process:
        try:
            while process.poll() is None:
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    print(f"  {time.monotonic() - start:.0f} s  {last_line(path)}", flush=True)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        print("\n".join(path.read_text(errors="replace").splitlines()[-40:]))
        raise Failure(f"{' '.join(command)} ended with {process.returncode}; its output is in {path}")


def last_line(path):
    lines = path.read_text(errors="replace").split("\n")
    return next((line[-90:].strip() for line in reversed(lines) if line.strip()), "")

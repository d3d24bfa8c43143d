#!/usr/bin/env python3
"""Runs the word count of deploy/wordcount on this host, without containers, and disturbs it.

    word_count.py MANAGER FOLDER

MANAGER is mp-manager, FOLDER has the job's programs. Each member has a folder for sockets, and so a relay, of its own,
and reaches the manager over TLS, as in a container; it is killed and stopped with all of its processes, also the relay.
Whatever is done to the members and to the manager, the counts must be those that Python finds in the same texts.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy"))
sys.dont_write_bytecode = True

from testing.steps import Failure, check, output_of, step, wait_until  # noqa: E402
from testing.words import Story, await_any, check_result  # noqa: E402

FILES = 90
PACE = 500  # milliseconds a task takes at least
TIME_TO_LIVE = "2s"  # of a session without a sign of life
TASK = r"^(?:count|rank) ([^\s,]+)"
LOST_TASK = r"^\w+ {}, which was lost with a session$"


class Member:
    """A program, with its relay and its pool's processes: all that has this folder for its sockets."""

    def __init__(self, name, command, folder, settings):
        self.name = name
        self.command = command
        self.folder = folder / name
        self.folder.mkdir()
        self.env = {**os.environ, **settings, "XDG_RUNTIME_DIR": str(self.folder)}
        self.out, self.err = self.folder / "out", self.folder / "err"
        self.story = Story(name, lambda: self.err.read_text("utf-8", "replace"))
        self.start()

    def start(self):
        with open(self.out, "ab") as out, open(self.err, "ab") as err:
            self.process = subprocess.Popen(self.command, env=self.env, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=err)

    def processes(self):
        mark = f"XDG_RUNTIME_DIR={self.folder}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # ended meanwhile, or another user's
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    yield int(process.name)

    def signal_all(self, number):
        """Also those that are forked meanwhile."""
        told = set()
        while new := set(self.processes()) - told:
            for pid in new:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            told |= new

    def kill(self):
        self.signal_all(signal.SIGKILL)
        self.process.wait(10)

    def wait_exit(self):
        status = self.process.wait(60)
        check(status == 0, f"{self.name} ends with 0: {status}")


class Cluster:
    def __init__(self, manager, programs, folder):
        output_of([str(ROOT / "deploy/make-secrets"), str(folder / "secrets")])
        output_of([str(ROOT / "deploy/make-texts"), str(folder / "texts"), str(FILES)])
        self.folder, self.manager_program, self.programs = folder, manager, programs
        self.texts = folder / "texts"
        # Bound, so that no other process gets the port while the manager is dead; who listens may have it, too.
        self.port = socket.socket()
        self.port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.port.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.port.getsockname()[1]}"
        secrets = folder / "secrets"
        self.settings = {"MP_MANAGER_PROGRAM": manager, "MP_TOKEN_FILE": str(secrets / "token"),
                         "WORDCOUNT_CA": str(secrets / "ca.pem"), "WORDCOUNT_TEXTS": str(self.texts),
                         "WORDCOUNT_PACE": str(PACE)}
        self.members = []
        self.manager = self.add("manager", [manager, "--listen", self.address, "--socket", "none", "--tls-cert",
                                            str(secrets / "manager.pem"), "--tls-key", str(secrets / "manager.key"),
                                            "--session-time-to-live", TIME_TO_LIVE])

    def add(self, name, command):
        self.members.append(Member(name, command, self.folder, self.settings))
        return self.members[-1]

    def add_member(self, name, program):
        return self.add(name, [f"{self.programs}/wordcount-{program}", self.address])

    def others(self, member):
        return [other.story for other in self.members if other is not member and other.name.startswith("worker")]

    def remove(self):
        for member in self.members:
            member.signal_all(signal.SIGCONT)
            member.kill()

    def show_stories(self):
        for member in self.members:
            print(f"---- {member.name}", *member.story.lines()[-15:], sep="\n")


def await_task_of(cluster, worker):
    """The worker has begun a task; what all have told until then is over."""
    for story in cluster.others(worker):
        story.skip()
    worker.story.skip()
    worker.story.await_line(TASK)


def await_its_task_elsewhere(cluster, worker):
    """What the worker was about when it was struck."""
    await_any(cluster.others(worker), LOST_TASK.format(re.escape(worker.story.last(TASK))))


def worker_dies(cluster, worker):
    with step("a worker is killed: its task goes to another"):
        await_task_of(cluster, worker)
        worker.kill()
        await_its_task_elsewhere(cluster, worker)


def worker_is_stopped(cluster, worker):
    with step("a worker is stopped beyond its time to live: it comes too late, and is told"):
        await_task_of(cluster, worker)
        worker.signal_all(signal.SIGSTOP)
        await_its_task_elsewhere(cluster, worker)
        worker.signal_all(signal.SIGCONT)
        worker.story.await_line(r"lost the manager: mp::\w+: ")
        worker.story.await_line("^ready$")
        worker.story.await_line(TASK)


def leader_dies(cluster, coordinators):
    """Returns the other one, which leads now."""
    with step("the coordinator is killed: the one that stands by knows, and goes on"):
        leader, _ = await_any([member.story for member in coordinators], "^leads$")
        died = next(member for member in coordinators if member.story is leader)
        heir = next(member for member in coordinators if member is not died)
        leader.await_line(r"^count: \d+ tasks$")
        died.kill()
        heir.story.await_line("^leads, after one that died$")
    return heir


def worker_is_told_to_end(worker):
    with step("a worker is told to end: it does, after its task, and comes again"):
        worker.story.skip()
        worker.story.await_line(TASK)
        worker.process.terminate()
        worker.wait_exit()
        check(worker.story.lines()[-1] == "leaves", "it has left")
        worker.start()
        worker.story.await_line("^ready$")


def worker_is_told_to_end_alone(worker):
    """It ends, though there is no manager; and it comes again."""
    worker.process.terminate()
    worker.wait_exit()
    worker.start()


def manager_dies(cluster, phase, coordinator, workers, meanwhile=lambda: None):
    with step(f"the manager is killed in the phase {phase}, and starts empty: the phase starts over"):
        members = [coordinator, *workers]
        for member in members:
            member.story.skip()
        workers[0].story.await_line(rf"^{phase} ")
        cluster.manager.kill()
        meanwhile()
        cluster.manager.start()
        for member in members:
            member.story.await_line(r"lost the manager: mp::\w+: ")
        coordinator.story.await_line(rf"^{phase}: \d+ tasks$")


def run(cluster):
    with step("starts"):
        wait_until(lambda: "serving" in cluster.manager.err.read_text(), "the manager serves")
        workers = [cluster.add_member(f"worker{number}", "worker") for number in range(4)]
        coordinators = [cluster.add_member(f"coordinator{number}", "coordinator") for number in range(2)]
        viewer = cluster.add_member("viewer", "viewer")
        for worker in workers:
            worker.story.await_line("^ready$")
    leader = leader_dies(cluster, coordinators)
    stand_by = next(member for member in coordinators if member is not leader)
    manager_dies(cluster, "count", leader, workers, lambda: worker_is_told_to_end_alone(workers[3]))
    worker_dies(cluster, workers[0])
    left = workers[1:]
    worker_is_stopped(cluster, left[0])
    worker_is_told_to_end(left[1])
    check(not leader.story.said("workers have met"), "all that has happened while words were counted")
    with step("the workers meet between the phases"):
        leader.story.await_line(r"^all \d workers have met$")
    manager_dies(cluster, "rank", leader, left)
    with step("the coordinator is killed, too: the next one has no counts, and begins with the texts"):
        check([line[:5] for line in leader.story.lines() if "tasks" in line].count("count") == 1,
              "the leader has begun to count once, and not after it had counted all")
        leader.kill()
        stand_by.start()
        stand_by.story.await_line("^leads, after one that died$")
        stand_by.story.await_line(r"^count: \d+ tasks$")
    with step("all end with 0, and the counts are right"):
        for member in (stand_by, viewer, *left):
            member.wait_exit()
        check_result(stand_by.out.read_text(), cluster.texts)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="mp-") as folder:
        cluster = Cluster(arguments[0], arguments[1], Path(folder))
        try:
            run(cluster)
        except (Failure, subprocess.TimeoutExpired) as failure:
            cluster.show_stories()
            sys.exit(f"failed: {failure}")
        finally:
            cluster.remove()


if __name__ == "__main__":
    main(sys.argv[1:])

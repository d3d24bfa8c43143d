#!/usr/bin/env python3
"""A manager on one host, and a parent with four forked children and their relay on another, whose link is cut for a while.

    network_namespaces.py MP_MANAGER FOUR_CHILDREN

The hosts are network namespaces with a cable between them. Exits with 77 (skipped) where they can't be made.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

SERVER, CLIENT = f"mp-{os.getpid()}-a", f"mp-{os.getpid()}-b"
ADDRESS = "10.213.7.1:50051"
EXPECTED = "added 800, by turns 800, left 400"


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True)


def make_hosts():
    for host in (SERVER, CLIENT):
        ip("netns", "add", host)
        ip("-n", host, "link", "set", "lo", "up")
    ip("link", "add", "mp0", "netns", SERVER, "type", "veth", "peer", "name", "mp0", "netns", CLIENT)
    for host, last in ((SERVER, 1), (CLIENT, 2)):
        ip("-n", host, "address", "add", f"10.213.7.{last}/24", "dev", "mp0")
        ip("-n", host, "link", "set", "mp0", "up")


def on(host, *command, **options):
    return subprocess.Popen(["ip", "netns", "exec", host, *command], text=True, **options)


def cut_for(seconds):
    ip("-n", CLIENT, "link", "set", "mp0", "down")
    time.sleep(seconds)  # the length of the cut is what is tested
    ip("-n", CLIENT, "link", "set", "mp0", "up")


def run(manager, program, folder):
    reader, writer = os.pipe()
    with on(SERVER, manager, "--listen", ADDRESS, "--insecure", "--socket", "none", "--print-address", str(writer),
            pass_fds=[writer]) as server:
        try:
            os.close(writer)
            os.read(reader, 100)  # it serves
            variables = dict(os.environ, MP_MANAGER_PROGRAM=manager, XDG_RUNTIME_DIR=folder)
            with on(CLIENT, program, ADDRESS, env=variables, stdout=subprocess.PIPE) as parent:
                assert parent.stdout.readline() == "half\n", "the parent did not come half way"
                cut_for(1.5)
                said = parent.stdout.read().strip()
                assert parent.wait(60) == 0 and said == EXPECTED, f"exit {parent.returncode}: {said!r}"
        finally:
            server.terminate()


def clean_up(folder):
    for host in (SERVER, CLIENT):
        for pid in ip("netns", "pids", host, check=False).stdout.split():  # the relay among them
            os.kill(int(pid), 15)
        ip("netns", "delete", host, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def main():
    folder = tempfile.mkdtemp(prefix="mp-netns-")
    try:
        make_hosts()
    except (OSError, subprocess.CalledProcessError) as error:
        clean_up(folder)
        print(f"skipped: no network namespaces here: {getattr(error, 'stderr', '') or error}")
        return 77
    try:
        run(*sys.argv[1:3], folder)
    finally:
        clean_up(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Python's manager, as a server and as a client of the benchmarks.

    python_manager.py serve unix:PATH|HOST:PORT     prints `listen ADDRESS`; port 0: any free one
    python_manager.py --address ADDRESS --workload get|set|rate --seconds S

The client speaks with its runner as bench/peer.h says.
"""

import json
import sys
import time
from multiprocessing.managers import BaseManager, DictProxy

KEY, VALUE = "user:042", "sixteen letters."
AUTHKEY = b"bench"
WARM_UP_CALLS = 200


class Manager(BaseManager):
    pass


def place(address):
    """The address as multiprocessing writes it: a path, or a pair."""
    if address.startswith("unix:"):
        return address.removeprefix("unix:")
    host, port = address.rsplit(":", 1)
    return host, int(port)


def serve(address):
    entries = {}
    Manager.register("entries", callable=lambda: entries, proxytype=DictProxy)
    server = Manager(place(address), AUTHKEY).get_server()
    bound = server.address
    print("listen", f"unix:{bound}" if isinstance(bound, str) else f"{bound[0]}:{bound[1]}", flush=True)
    server.serve_forever()


def timed(operation, seconds):
    samples = []
    end = time.perf_counter_ns() + int(seconds * 1e9)
    while True:
        start = time.perf_counter_ns()
        operation()
        now = time.perf_counter_ns()
        samples.append((now - start) / 1e3)
        if now >= end:
            break
    samples.sort()
    return {"operations": len(samples), "p50": samples[int(0.5 * (len(samples) - 1))],
            "p99": samples[int(0.99 * (len(samples) - 1))]}


def counted(operation, seconds):
    operations, start = 0, time.perf_counter()
    while True:
        operation()
        operations += 1
        passed = time.perf_counter() - start
        if passed >= seconds:
            return {"operations": operations, "per_second": operations / passed}


def client(arguments):
    Manager.register("entries", proxytype=DictProxy)
    manager = Manager(place(arguments["--address"]), AUTHKEY)
    manager.connect()
    entries = manager.entries()

    def get():
        if entries[KEY] != VALUE:
            raise ValueError("a wrong value")

    def set_():
        entries[KEY] = VALUE

    for _ in range(WARM_UP_CALLS):
        set_()
        get()
    print("ready", flush=True)
    if not sys.stdin.readline():
        return
    measure = {"get": lambda s: timed(get, s), "set": lambda s: timed(set_, s), "rate": lambda s: counted(get, s)}
    print(json.dumps(measure[arguments["--workload"]](float(arguments["--seconds"]))), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2])
    else:
        client(dict(zip(sys.argv[1::2], sys.argv[2::2])))

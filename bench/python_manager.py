#!/usr/bin/env python3
"""Python's manager, as a server and as a client of the benchmarks.

    python_manager.py serve unix:PATH|HOST:PORT     prints `listen ADDRESS`; port 0: any free one
    python_manager.py --address ADDRESS --workload WORKLOAD ...

The client speaks with its runner as bench/peer.h says.
"""

import array
import json
import queue
import sys
import threading
from multiprocessing.managers import (AcquirerProxy, ArrayProxy, BarrierProxy, ConditionProxy, DictProxy, EventProxy,
                                      ListProxy, Namespace, NamespaceProxy, SyncManager, Value, ValueProxy)

sys.dont_write_bytecode = True

from python_workloads import KEY, VALUE, workload_of  # noqa: E402

AUTHKEY = b"bench"
WARM_UP_CALLS = 200
ITEMS = 100  # of the containers that are asked for one of them
NUMBERS = 1_000_000  # of a slice
CROWD = 8


class Manager(SyncManager):
    """One object of each kind, the same for all clients; and those that SyncManager makes for who asks."""


# Name: how the server makes it, and its proxy.
SHARED = {
    "entries": (dict, DictProxy),
    "shared_list": (lambda: [VALUE] * ITEMS, ListProxy),
    "shared_namespace": (lambda: Namespace(user=VALUE), NamespaceProxy),
    "shared_value": (lambda: Value("d", 0.5), ValueProxy),
    "shared_counter": (lambda: Value("q", 0), ValueProxy),
    "shared_array": (lambda: array.array("d", bytes(8 * ITEMS)), ArrayProxy),
    "shared_slice": (lambda: array.array("d", bytes(8 * NUMBERS)), ArrayProxy),
    "shared_lock": (threading.Lock, AcquirerProxy),
    "shared_rlock": (threading.RLock, AcquirerProxy),
    "shared_semaphore": (lambda: threading.Semaphore(4), AcquirerProxy),
    "shared_condition": (threading.Condition, ConditionProxy),
    "shared_event": (threading.Event, EventProxy),
    "shared_barrier": (lambda: threading.Barrier(CROWD), BarrierProxy),
    "shared_queue": (queue.Queue, None),
}


def register(serves):
    for name, (make, proxy) in SHARED.items():
        made = []  # when it is first asked for

        def one(make=make, made=made):
            if not made:
                made.append(make())
            return made[0]

        Manager.register(name, callable=one if serves else None, proxytype=proxy)


def place(address):
    """The address as multiprocessing writes it: a path, or a pair."""
    if address.startswith("unix:"):
        return address.removeprefix("unix:")
    host, port = address.rsplit(":", 1)
    return host, int(port)


def serve(address):
    register(serves=True)
    server = Manager(place(address), AUTHKEY).get_server()
    bound = server.address
    print("listen", f"unix:{bound}" if isinstance(bound, str) else f"{bound[0]}:{bound[1]}", flush=True)
    server.serve_forever()


def client(arguments):
    register(serves=False)
    manager = Manager(place(arguments["--address"]), AUTHKEY)
    manager.connect()
    entries = manager.entries()
    for _ in range(WARM_UP_CALLS):
        entries[KEY] = VALUE
        if entries[KEY] != VALUE:
            raise ValueError("a wrong value")
    measure = workload_of(manager, entries, arguments)
    print("ready", flush=True)
    if not sys.stdin.readline():
        return
    print(json.dumps(measure()), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2])
    else:
        client(dict(zip(sys.argv[1::2], sys.argv[2::2])))

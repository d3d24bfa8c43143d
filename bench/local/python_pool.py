#!/usr/bin/env python3
"""Python's Pool: python_pool.py --workload WORKLOAD --seconds SECONDS [--count ITEMS]

Speaks with its runner as bench/peer.h says.
"""

import json
import multiprocessing
import os
import sys
import time
from array import array

WORKERS = 2
TINY_TASKS = 2_000  # of a map with a chunksize of 1
TINY_ITEMS, MANY_ITEMS = 10_000, 100_000  # of one with the default chunksize
LARGE = 8 << 20  # doubles: 64 MiB
STREAM_CHUNK = 1_000
CORES = sorted(os.sched_getaffinity(0))
FORK = multiprocessing.get_context("fork")


def successor(number):
    return number + 1


def back(given):
    return given


def repeat_long(seconds, operations, once):
    once()
    count, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < seconds:
        once()
        count += operations
    return count, taken


def pool_on(cores, workers):
    """Its workers stay on these cores."""
    os.sched_setaffinity(0, cores)
    return FORK.Pool(workers)


def tiny(items, chunksize):
    def measure(seconds):
        with pool_on(CORES, WORKERS) as pool:
            return repeat_long(seconds, items, lambda: pool.map(successor, range(items), chunksize))

    return measure


def apply(seconds):
    with pool_on(CORES[-1:], 1) as pool:
        move_to_first_core()
        return repeat_long(seconds, 1, lambda: pool.apply(successor, (1,)))


def move_to_first_core():
    """With the threads of the pool."""
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), CORES[:1])


def large(seconds):
    numbers = array("d", [1.5]) * LARGE
    with pool_on(CORES[-1:], 1) as pool:
        move_to_first_core()
        return repeat_long(seconds, 2 * LARGE * 8 // 1000, lambda: pool.apply(back, (numbers,)))


def start(seconds):
    os.sched_setaffinity(0, CORES)

    def once():
        pool = FORK.Pool(4)
        pool.apply(successor, (1,))
        pool.close()
        pool.join()

    return repeat_long(seconds, 1, once)


def stream(items):
    with pool_on(CORES, WORKERS) as pool:
        began = time.perf_counter()
        total = sum(pool.imap(back, range(items), STREAM_CHUNK))
        if total != items * (items - 1) // 2:
            raise SystemExit("a wrong result")
        return items, time.perf_counter() - began


def main():
    arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    workloads = {
        "pool-tiny-1": tiny(TINY_TASKS, 1),
        "pool-tiny": tiny(TINY_ITEMS, None),
        "pool-many": tiny(MANY_ITEMS, None),
        "pool-apply": apply,
        "pool-large": large,
        "pool-start": start,
        "pool-imap": lambda _: stream(int(arguments["--count"])),
    }
    measure, seconds = workloads[arguments["--workload"]], float(arguments["--seconds"])
    os.sched_setaffinity(0, CORES[:1])
    print("ready", flush=True)
    if not sys.stdin.readline():
        return
    operations, taken = measure(seconds)
    each = taken / operations
    print(json.dumps({"ns": each * 1e9, "us": each * 1e6, "per_second": 1 / each}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Python's multiprocessing, without a manager: python_local.py --workload WORKLOAD --seconds SECONDS

Speaks with its runner as bench/peer.h says.
"""

import json
import multiprocessing
import os
import sys
import time

SMALL_ITEMS, LARGE_ITEMS = 1000, 16  # a queue holds at most so many
KILOBYTE, MEGABYTE = b"x" * 1024, b"x" * (1 << 20)
MESSAGE = b"thirty-two bytes there and back."
CORES = sorted(os.sched_getaffinity(0))
FORK = multiprocessing.get_context("fork")


def repeat(seconds, once):
    for _ in range(16):
        once()
    count, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < seconds:
        for _ in range(16):
            once()
        count += 16
    return count, taken


def partner(body, *args):
    def run():
        os.sched_setaffinity(0, CORES[-1:])
        body(*args)

    process = FORK.Process(target=run)
    process.start()
    return process


def lock(seconds):
    one = FORK.Lock()

    def once():
        one.acquire()
        one.release()

    return repeat(seconds, once)


def value(seconds):
    number = FORK.Value("q", 0)

    def once():
        with number.get_lock():
            number.value += 1

    return repeat(seconds, once)


def queue(item, maxsize):
    def measure(seconds):
        items, count = FORK.Queue(maxsize), FORK.Value("q", 0)

        def consume():
            got = 0
            while items.get() is not None:
                got += 1
            count.value = got

        consumer, start = partner(consume), time.perf_counter()
        while time.perf_counter() - start < seconds:
            items.put(item)
        items.put(None)
        consumer.join()
        return count.value, time.perf_counter() - start

    return measure


def pipe(seconds):
    ours, theirs = FORK.Pipe()

    def answer():
        while len(message := theirs.recv_bytes()) == len(MESSAGE):
            theirs.send_bytes(message)

    other = partner(answer)

    def once():
        ours.send_bytes(MESSAGE)
        ours.recv_bytes()

    result = repeat(seconds, once)
    ours.send_bytes(b"end")
    other.join()
    return result


def nothing():
    pass


def start(method):
    context = multiprocessing.get_context(method)

    def once():
        process = context.Process(target=nothing)
        process.start()
        process.join()

    return lambda seconds: repeat(seconds, once)


def barrier(seconds):
    meeting = FORK.Barrier(2)

    def meet():
        try:
            while True:
                meeting.wait()
        except Exception:  # broken, at the end
            pass

    other = partner(meet)
    result = repeat(seconds, meeting.wait)
    meeting.abort()
    other.join()
    return result


def condition(seconds):
    changed, turn = FORK.Condition(), FORK.RawValue("i", 0)

    def play(mine, following):
        with changed:
            changed.wait_for(lambda: turn.value == mine or turn.value < 0)
            goes_on = turn.value >= 0
            if goes_on:
                turn.value = following
            changed.notify()
            return goes_on

    def other_side():
        while play(1, 0):
            pass

    other = partner(other_side)
    result = repeat(seconds, lambda: play(0, 1))
    play(0, -1)
    other.join()
    return result


WORKLOADS = {
    "local-lock": lock,
    "local-value": value,
    "local-queue-int": queue(42, SMALL_ITEMS),
    "local-queue-1k": queue(KILOBYTE, SMALL_ITEMS),
    "local-queue-1m": queue(MEGABYTE, LARGE_ITEMS),
    "local-pipe": pipe,
    "local-fork": start("fork"),
    "local-spawn": start("spawn"),
    "local-barrier": barrier,
    "local-condition": condition,
}


def main():
    arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    measure, seconds = WORKLOADS[arguments["--workload"]], float(arguments["--seconds"])
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

"""Which children run, and how many processors there are for them."""

import os
import time
from multiprocessing import Process, active_children, cpu_count


def sleep_long():
    time.sleep(3600)


def print_children():
    names = sorted(child.name for child in active_children())
    print(" ".join(["active:", *names]))


if __name__ == "__main__":
    children = [Process(target=sleep_long) for _ in range(3)]
    for child in children:
        child.start()
    print_children()
    for child in children:
        child.terminate()
        child.join()
    print_children()

    fits = cpu_count() >= 1
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    # cpu_count() does not heed the affinity.
    print("processors:", "some," if fits else "none,", "then", len(os.sched_getaffinity(0)))

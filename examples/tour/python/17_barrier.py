"""Two processes wait for each other; two others do not."""

import time
from multiprocessing import Array, Barrier, Lock, Process, current_process


def with_barrier(barrier, lock, came, went, i):
    came[i] = time.monotonic()
    barrier.wait()
    went[i] = time.monotonic()
    with lock:
        print(current_process().name, "waited", flush=True)


def without_barrier(lock):
    with lock:
        print(current_process().name, "did not wait", flush=True)


if __name__ == "__main__":
    barrier = Barrier(2)
    lock = Lock()
    came = Array("d", 2)  # by process: the first two wait
    went = Array("d", 2)
    processes = [
        Process(name="p1", target=with_barrier, args=(barrier, lock, came, went, 0)),
        Process(name="p2", target=with_barrier, args=(barrier, lock, came, went, 1)),
        Process(name="p3", target=without_barrier, args=(lock,)),
        Process(name="p4", target=without_barrier, args=(lock,)),
    ]
    for p in processes:
        p.start()
    for p in processes:
        p.join()

    together = min(went) >= max(came)
    print("nobody went on before both had come" if together else "somebody went on alone")

"""Ten children count an element down, one step each, under a lock that they share.

The lock is an RLock: who holds it may call what acquires it again.
"""

from multiprocessing import Array, Process, RLock


def count(lock, array):
    with lock:
        array[0] -= 1


def count_and_print(lock, array):
    with lock:
        count(lock, array)
        print(array[0], flush=True)


if __name__ == "__main__":
    lock = RLock()
    array = Array("i", [10])
    processes = [Process(target=count_and_print, args=(lock, array)) for _ in range(10)]
    for p in processes:
        p.start()
    for p in processes:
        p.join()

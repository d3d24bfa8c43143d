"""Ten processes print whole lines, one at a time."""

from multiprocessing import Lock, Process


def acquire_and_release(lock, i):
    lock.acquire()
    print("hello", "world", i, flush=True)
    lock.release()


def guard(lock, i):
    with lock:
        print("hello", "world", i, flush=True)


if __name__ == "__main__":
    lock = Lock()
    processes = [Process(target=acquire_and_release, args=(lock, i)) for i in range(5)]
    processes += [Process(target=guard, args=(lock, i)) for i in range(5, 10)]
    for p in processes:
        p.start()
    for p in processes:
        p.join()

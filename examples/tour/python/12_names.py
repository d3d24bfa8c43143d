"""Processes one after another, with default names and given ones."""

from multiprocessing import Process, current_process


def worker(number):
    print(number, current_process().name)


def run(p):
    p.start()
    p.join()


if __name__ == "__main__":
    for i in range(3):
        run(Process(target=worker, args=(i,)))
    run(Process(target=worker, name="reader", args=(3,)))
    run(Process(target=worker, name="writer", args=(4,)))

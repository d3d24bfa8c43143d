"""Children that begin anew, with what they are handed."""

import multiprocessing
from multiprocessing import Process, Queue


def foo(q):
    q.put("hello")


def run(p, q):
    p.start()
    print(q.get())
    p.join()


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")

    q = Queue()
    run(Process(target=foo, args=(q,)), q)
    run(multiprocessing.get_context("spawn").Process(target=foo, args=(q,)), q)
    run(multiprocessing.get_context("forkserver").Process(target=foo, args=(q,)), q)

    try:
        multiprocessing.set_start_method("fork")
    except RuntimeError as error:
        print(error)

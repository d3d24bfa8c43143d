"""A pipe: the child sends a list through its end, and the parent receives it from the other."""

from multiprocessing import Pipe, Process


def f(connection):
    connection.send([42, None, "hello"])
    connection.close()


if __name__ == "__main__":
    parent, child = Pipe()
    p = Process(target=f, args=(child,))
    p.start()
    print(parent.recv())
    p.join()

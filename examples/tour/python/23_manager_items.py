"""One process after another sets an item of a manager's dict and prints all items."""

from multiprocessing import Manager, Process


def f(d, i):
    d["num"] = 100 + i
    print(d.items())


if __name__ == "__main__":
    with Manager() as manager:
        d = manager.dict()

        for i in range(10):
            p = Process(target=f, args=(d, i))
            p.start()
            p.join()

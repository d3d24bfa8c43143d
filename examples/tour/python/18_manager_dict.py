"""A manager's dict, filled by ten processes at once."""

from multiprocessing import Manager, Process


def f(d, i):
    d[i] = 2 * i


if __name__ == "__main__":
    with Manager() as manager:
        d = manager.dict()

        processes = [Process(target=f, args=(d, i)) for i in range(10)]
        for p in processes:
            p.start()
        for p in processes:
            p.join()

        for key, value in d.items():
            print(key, ":", value)

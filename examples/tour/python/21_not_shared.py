"""A plain list is not shared: each child appends to its own copy."""

from multiprocessing import Process

numbers = []  # every process has its own


def show(who):
    print(f"{who}: {numbers}")


def append(number):
    numbers.append(number)
    show("child")


if __name__ == "__main__":
    processes = [Process(target=append, args=(i,)) for i in range(5)]
    for p in processes:
        p.start()
    for p in processes:
        p.join()
    show("parent")

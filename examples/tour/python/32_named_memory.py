"""Memory that is found by its name, a list in it, and a scope that unlinks both at its end."""

from multiprocessing import Process
from multiprocessing.managers import SharedMemoryManager
from multiprocessing.shared_memory import SharedMemory


def square(name, list):
    shm = SharedMemory(name)
    with shm.buf.cast("d") as numbers:
        for i, number in enumerate(numbers):
            numbers[i] = number * number
        list[0] = "done"
        list[1] = len(numbers)
    shm.close()


if __name__ == "__main__":
    smm = SharedMemoryManager()
    smm.start()
    shm = smm.SharedMemory(size=4 * 8)
    list = smm.ShareableList(["to do", 0, 2.5, None])

    with shm.buf.cast("d") as numbers:
        for i, number in enumerate([1.5, 2.0, 3.0, 4.0]):
            numbers[i] = number
        worker = Process(target=square, args=(shm.name, list))
        worker.start()
        worker.join()
        print(*numbers)
    print(repr(list[0]), list[1], list.format)

    smm.shutdown()
    try:
        SharedMemory(shm.name)
    except FileNotFoundError:
        print("unlinked")

"""Ten children add to one element of an array, each under the array's lock.

Without the lock `array[0] += 100` would lose some: it reads and it writes.
"""

from multiprocessing import Array, Process


def add_100(array):
    with array.get_lock():
        array[0] = array[0] + 100
        print(array[0], flush=True)


if __name__ == "__main__":
    array = Array("i", [1, 2, 3, 4])
    processes = [Process(target=add_100, args=(array,)) for _ in range(10)]
    for p in processes:
        p.start()
    for p in processes:
        p.join()
    print(array[0])

"""A class of one's own that lives in a manager: processes call its methods through a proxy."""

import threading
from multiprocessing import Process
from multiprocessing.managers import BaseManager


class Counter:
    def __init__(self, value):
        self._value = value
        self._lock = threading.Lock()  # the manager has a thread for each client

    def increment(self, by):
        with self._lock:
            self._value += by
            return self._value

    def value(self):
        return self._value


class CounterManager(BaseManager):
    pass


CounterManager.register("Counter", Counter)


def work(shared):
    for by in range(1, 11):
        shared.increment(by)


if __name__ == "__main__":
    with CounterManager() as manager:
        counter = manager.Counter(100)

        workers = [Process(target=work, args=(counter,)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        print("value:  ", counter.value())
        print("by name:", counter._callmethod("value"))
        try:
            counter.decrement()
        except AttributeError:
            print("it has no method 'decrement'")

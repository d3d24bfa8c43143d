"""What is measured of Python's manager; what each workload means is in bench/README.md."""

import array
import itertools
import mmap
import os
import threading
import time

KEY, VALUE = "user:042", "sixteen letters."
END = "the end"
INDEX = 42
KIBI = 1024
WARM_UP_CALLS = 3
AT_ONCE = 1000


def require(right):
    if not right:
        raise ValueError("a wrong result")


# ---- One client ------------------------------------------------------------------------------------------------------

def work(seconds):
    """Computes for so long."""
    end = time.perf_counter_ns() + int(seconds * 1e9)
    while time.perf_counter_ns() < end:
        pass


def timed(operation, seconds, each=1, pause=0.0):
    """Each by itself; of several operations in turn, what one of them takes. Works for so long between two."""
    samples = []
    begin = time.perf_counter_ns()
    end = begin + int(seconds * 1e9)
    while True:
        start = time.perf_counter_ns()
        operation()
        now = time.perf_counter_ns()
        samples.append((now - start) / 1e3 / each)
        if pause:
            work(pause)
        if now >= end:
            break
    samples.sort()
    return {"operations": each * len(samples), "p50": samples[int(0.5 * (len(samples) - 1))],
            "p99": samples[int(0.99 * (len(samples) - 1))], "per_second": each * len(samples) / (now - begin) * 1e9}


def counted(operation, seconds):
    operations, start = 0, time.perf_counter()
    while True:
        operation()
        operations += 1
        passed = time.perf_counter() - start
        if passed >= seconds:
            return rate_of(operations, passed)


def rate_of(operations, seconds):
    return {"operations": operations, "seconds": seconds, "per_second": operations / seconds}


def at_once(count, operation):
    start = time.perf_counter()
    operation()
    return {"operations": count, "seconds": time.perf_counter() - start}


# ---- Of each kind, some operations in turn: what is done, and how many they are --------------------------------------

def getting_and_setting(manager, what):
    if what in ("list-get", "list-set"):
        items = manager.shared_list()
        return {"list-get": lambda: require(items[INDEX] == VALUE),
                "list-set": lambda: items.__setitem__(INDEX, VALUE)}[what]
    if what in ("namespace-get", "namespace-set"):
        space = manager.shared_namespace()
        return {"namespace-get": lambda: require(space.user == VALUE),
                "namespace-set": lambda: setattr(space, "user", VALUE)}[what]
    if what in ("array-get", "array-set"):
        numbers = manager.shared_array()
        return {"array-get": lambda: require(numbers[INDEX] in (0, 0.5)),
                "array-set": lambda: numbers.__setitem__(INDEX, 0.5)}[what]
    if what in ("slice-get", "slice-set"):
        numbers = manager.shared_slice()
        copy = numbers[:]
        return {"slice-get": lambda: require(len(numbers[:]) == len(copy)),
                "slice-set": lambda: numbers.__setitem__(slice(None), copy)}[what]
    if what == "value-get":
        value = manager.shared_value()
        return lambda: require(value.value == 0.5)
    return None


def values(entries, size):
    """Set and got in turn."""
    value = "v" * size

    def run():
        entries[KEY] = value
        require(entries[KEY] == value)

    return run


def adding(manager):
    """Atomic only under a lock: four round trips."""
    counter, lock = manager.shared_counter(), manager.shared_lock()

    def add():
        with lock:
            counter.value += 1

    return add


def pairs(manager, what):
    if what == "queue":
        line = manager.shared_queue()

        def run():
            line.put(VALUE)
            require(line.get() == VALUE)
    else:
        lock = getattr(manager, "shared_" + what)()

        def run():
            require(lock.acquire())
            lock.release()
    return run


def repeated(manager, what):
    if what in ("queue", "lock", "rlock", "semaphore"):
        return pairs(manager, what), 2
    if what == "value-add":
        return adding(manager), 1
    if what == "event":
        event = manager.shared_event()
        return lambda: require(not event.is_set()), 1
    if what == "condition":
        condition = manager.shared_condition()
        condition.acquire()
        return condition.notify, 1
    operation = getting_and_setting(manager, what)
    if operation is None:
        raise ValueError(f"there is no workload {what!r}")
    return operation, 1


# ---- A crowd: see bench/crowd.h --------------------------------------------------------------------------------------

class SharedNumber:
    """A number that all clients of a crowd see."""

    def __init__(self, path):
        with open(path, "r+b") as file:
            self._memory = memoryview(mmap.mmap(file.fileno(), 8)).cast("Q")

    def get(self):
        return self._memory[0]

    def set(self, number):
        self._memory[0] = number


def hand_over(lock, holder, seconds):
    taken_over, self, start = 0, os.getpid(), time.perf_counter()
    while True:
        with lock:
            if holder.get() != self:
                taken_over += 1
                holder.set(self)
        passed = time.perf_counter() - start
        if passed >= seconds:
            return rate_of(taken_over, passed)


def meet(barrier, last, seconds):
    """Whose time is over first says which round is the last, before that round: so all know it after."""
    barrier.wait()  # when the last has started
    rounds, start = 0, time.perf_counter()
    while True:
        if last.get() == 0 and time.perf_counter() - start >= seconds:
            last.set(rounds + 1)
        barrier.wait()
        rounds += 1
        if 0 < last.get() <= rounds:
            return rate_of(rounds, time.perf_counter() - start)


def produce(line, seconds):
    result = counted(lambda: line.put(VALUE), seconds)
    line.put(END)
    return result


def consume(line):
    items, start = 0, time.perf_counter()
    while (item := line.get()) != END:
        require(item == VALUE)
        items += 1
    return rate_of(items, time.perf_counter() - start)


# ---- Memory ----------------------------------------------------------------------------------------------------------

def fill(manager, into, count, size):
    texts = (str(i).rjust(size, ".") for i in range(count))
    if into == "array":
        held = manager.Array("d", array.array("d", bytes(8 * count)))
    elif into == "queue":
        held = manager.Queue()
        for text in texts:
            held.put(text)
    else:
        held = manager.dict() if into == "dict" else manager.list()
        entries = enumerate(texts) if into == "dict" else texts
        while batch := list(itertools.islice(entries, AT_ONCE)):
            held.update(batch) if into == "dict" else held.extend(batch)
    require((held.qsize() if into == "queue" else len(held)) == count)
    return held


def park(manager, kind, count):
    """A thread each, here as there, and a connection; all of them end with this process."""
    if kind == "queue":
        line = manager.Queue()
        connect, wait = line.qsize, line.get
    else:
        lock = manager.Lock()
        lock.acquire()
        connect, wait = lambda: lock.acquire(False), lock.acquire
    connected = threading.Barrier(count + 1)

    def run():
        connect()
        connected.wait()
        wait()

    for _ in range(count):
        threading.Thread(target=run, daemon=True).start()
    connected.wait()


# ---- All of them -----------------------------------------------------------------------------------------------------

def workload_of(manager, entries, arguments):
    """What is to be measured, ready to be run."""
    what = arguments["--workload"]
    seconds, count = float(arguments.get("--seconds", 0)), int(arguments.get("--count", 0))
    shared = arguments.get("--shared")
    kept = []  # until this process ends

    def get():
        require(entries[KEY] == VALUE)

    once = {
        "get": lambda: timed(get, seconds),
        "set": lambda: timed(lambda: entries.__setitem__(KEY, VALUE), seconds),
        "think": lambda: timed(get, seconds, pause=float(arguments["--think"])),
        "values-1k": lambda: timed(values(entries, KIBI), seconds, 2),
        "values-64k": lambda: timed(values(entries, 64 * KIBI), seconds, 2),
        "rate": lambda: counted(get, seconds),
        "handover": lambda: hand_over(manager.shared_lock(), SharedNumber(shared), seconds),
        "barrier": lambda: meet(manager.shared_barrier(), SharedNumber(shared), seconds),
        "produce": lambda: produce(manager.shared_queue(), seconds),
        "consume": lambda: consume(manager.shared_queue()),
        "fill": lambda: at_once(count, lambda: kept.append(
            fill(manager, arguments["--into"], count, int(arguments["--bytes"])))),
        "park": lambda: at_once(count, lambda: park(manager, arguments["--kind"], count)),
        "dicts": lambda: at_once(count, lambda: kept.extend(manager.dict() for _ in range(count))),
    }
    if what in once:
        return once[what]
    operation, each = repeated(manager, what)
    for _ in range(WARM_UP_CALLS):
        operation()
    return lambda: timed(operation, seconds, each)

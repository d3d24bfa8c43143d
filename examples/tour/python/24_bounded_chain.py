"""A bounded queue as a chain: each child gets the number of the one before it, and puts its own."""

from multiprocessing import Process, Queue


def pass_on(q, number):
    before = q.get()
    print(f"child {number} got {'its own' if before == number else 'a number'}")
    q.put(number)


if __name__ == "__main__":
    q = Queue(20)
    q.put(0)
    children = [Process(target=pass_on, args=(q, i)) for i in range(1, 11)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print("left in the queue:", q.qsize())

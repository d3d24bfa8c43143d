"""A producer and a consumer, as classes of processes that share a queue."""

import random
from multiprocessing import Process, Queue


class Producer(Process):
    def __init__(self, queue):
        super().__init__()
        self.queue = queue

    def run(self):
        for i in range(10):
            self.queue.put(random.randrange(256))
            print("Process Producer : item", i, "appended to queue", self.name)
            print("The size of queue is", self.queue.qsize())


class Consumer(Process):
    def __init__(self, queue):
        super().__init__()
        self.queue = queue

    def run(self):
        while not self.queue.empty():
            self.queue.get()
            print("Process Consumer : an item popped by", self.name)
        print("the queue is empty")


if __name__ == "__main__":
    queue = Queue()
    producer = Producer(queue)
    consumer = Consumer(queue)
    producer.start()
    producer.join()
    consumer.start()
    consumer.join()

"""A manager on a TCP port, with a key; one program puts into a queue of it, another one gets."""

from multiprocessing import AuthenticationError, Process
from multiprocessing.managers import BaseManager
from queue import Queue

letters = Queue()  # the one of the manager's process counts


def get_letters():
    return letters


class QueueManager(BaseManager):
    pass


QueueManager.register("letters", callable=get_letters)


def produce(address):
    manager = QueueManager(address, authkey=b"abracadabra")
    manager.connect()
    manager.letters().put("hello")


def consume(address):
    manager = QueueManager(address, authkey=b"abracadabra")
    manager.connect()
    print(manager.letters().get(), flush=True)


if __name__ == "__main__":
    with QueueManager(("127.0.0.1", 0), authkey=b"abracadabra") as manager:
        consumer = Process(target=consume, args=(manager.address,))
        producer = Process(target=produce, args=(manager.address,))
        consumer.start()
        producer.start()
        producer.join()
        consumer.join()

        try:
            QueueManager(manager.address, authkey=b"open sesame").connect()
        except AuthenticationError as error:
            print(error)

"""A process that others connect to, by an address and a key, whoever started them."""

from multiprocessing import Process
from multiprocessing.connection import Client, Listener


def ask(address):
    with Client(address, authkey=b"secret") as connection:
        connection.send([1, 2, 3])
        print("the sum is", connection.recv())


if __name__ == "__main__":
    with Listener(("localhost", 0), authkey=b"secret") as listener:
        child = Process(target=ask, args=(listener.address,))
        child.start()
        with listener.accept() as connection:
            connection.send(sum(connection.recv()))
        child.join()

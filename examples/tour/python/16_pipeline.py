"""Two pipes as a pipeline: one child makes the items, a second squares them, the parent prints them.

Each sees the end of file once its sender has closed the other end, and every process that does not send has closed its
copy of that end.
"""

from multiprocessing import Pipe, Process


def create_items(output):
    for item in range(10):
        output.send(item)
    output.close()


def multiply_items(input, input_end, output):
    input_end.close()
    try:
        while True:
            item = input.recv()
            output.send(item * item)
    except EOFError:
        output.close()


if __name__ == "__main__":
    items, items_end = Pipe()
    creator = Process(target=create_items, args=(items_end,))
    creator.start()

    squares, squares_end = Pipe()
    multiplier = Process(target=multiply_items, args=(items, items_end, squares_end))
    multiplier.start()

    items_end.close()
    squares_end.close()
    try:
        while True:
            print(squares.recv())
    except EOFError:
        print("end!")
    creator.join()
    multiplier.join()

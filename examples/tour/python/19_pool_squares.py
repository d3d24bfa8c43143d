"""Four workers square the numbers from 0 to 99."""

from multiprocessing import Pool


def square(x):
    return x * x


if __name__ == "__main__":
    pool = Pool(4)
    squares = pool.map(square, range(100))
    pool.close()
    pool.join()
    print(squares)

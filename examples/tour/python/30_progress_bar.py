"""A long map, and a bar on standard error that shows how far it is: the primes below a million are counted."""

import math
import sys
from multiprocessing import Pool

TASKS = 500
NUMBERS_PER_TASK = 2000


def is_prime(number):
    return number >= 2 and all(number % divisor for divisor in range(2, math.isqrt(number) + 1))


def count_primes(task):
    numbers = range(task * NUMBERS_PER_TASK, (task + 1) * NUMBERS_PER_TASK)
    return sum(map(is_prime, numbers))


def draw(done, total):
    width = 50
    bar = "#" * (width * done // total)
    print(f"\r[{bar:{width}}] {100 * done // total} %", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    with Pool() as pool:
        primes = 0
        for done, count in enumerate(pool.imap_unordered(count_primes, range(TASKS)), 1):
            primes += count
            draw(done, TASKS)
    print(file=sys.stderr)
    print(primes, "primes")

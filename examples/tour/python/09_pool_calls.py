"""What a pool of four workers does for its caller, who may wait, or not, or not any longer."""

import os
import time
from multiprocessing import Pool, TimeoutError


def f(x):
    return x * x


if __name__ == "__main__":
    with Pool(processes=4) as pool:
        print(pool.map(f, range(10)))

        print(sorted(pool.imap_unordered(f, range(10))))  # they come in any order

        res = pool.apply_async(f, (20,))
        print(res.get(timeout=1))

        pid = pool.apply_async(os.getpid)
        print(pid.get())

        results = [pool.apply_async(os.getpid) for _ in range(4)]
        for result in results:
            print(result.get())

        nap = pool.apply_async(time.sleep, (10,))
        try:
            print(nap.get(timeout=1))
        except TimeoutError:
            print("We lacked patience and got a multiprocessing.TimeoutError")

        print("For the moment, the pool remains available for more work")

    print("Now the pool is closed and no longer available")

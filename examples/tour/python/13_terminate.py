"""The states of a process that is terminated."""

import sys
import time
from multiprocessing import Process


def slow():
    time.sleep(3)


if __name__ == "__main__":
    p = Process(target=slow)
    print("before:", p, p.is_alive())
    p.start()
    print("running:", p, p.is_alive())
    p.terminate()
    print("terminated:", p, p.is_alive(), file=sys.stderr)  # started, or stopped by now
    p.join()
    print("joined:", p, p.is_alive())
    print("exit code:", p.exitcode)

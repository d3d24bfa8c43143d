"""Who is whose parent."""

import os
import sys
from multiprocessing import Process
from pathlib import Path


def info(title):
    print(title)
    print("program:", Path(sys.argv[0]).stem)
    print("parent process:", os.getppid())
    print("process id:", os.getpid())


def f(name):
    info("function f")
    print("hello", name)


if __name__ == "__main__":
    info("main line")
    p = Process(target=f, args=("bob",))
    p.start()
    p.join()

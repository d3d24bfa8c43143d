"""What becomes of children when their parent ends: a daemon is ended, any other is awaited."""

import time
from multiprocessing import Event, Process


def sleep_long(ready):
    try:
        Process(name="its child", target=print).start()
    except AssertionError as error:
        print(error, flush=True)
    ready.set()
    time.sleep(3600)
    print("daemon: not ended", flush=True)


def other(main_is_done):
    main_is_done.wait()
    print("child: done", flush=True)


if __name__ == "__main__":
    ready = Event()
    main_is_done = Event()
    d = Process(name="daemon", target=sleep_long, args=(ready,), daemon=True)
    c = Process(name="child", target=other, args=(main_is_done,))
    d.start()
    c.start()
    ready.wait()
    print("main: done", flush=True)
    main_is_done.set()

"""Threads in place of processes, by one line."""

import multiprocessing.dummy as backend  # or: import multiprocessing as backend


def work(words, letters, lock):
    while word := words.get():
        letters.value += len(word)
        with lock:
            print(word, flush=True)
        words.task_done()


if __name__ == "__main__":
    words = backend.JoinableQueue()
    letters = backend.Value("i", 0)
    lock = backend.Lock()
    worker = backend.Process(target=work, args=(words, letters, lock))
    worker.start()
    for word in ("the", "same", "program"):
        words.put(word)
    words.join()
    words.put("")  # the last one
    worker.join()
    print(letters.value, "letters, exit code", worker.exitcode)

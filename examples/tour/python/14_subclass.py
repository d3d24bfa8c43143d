"""A class of processes."""

from multiprocessing import Process


class Worker(Process):
    def run(self):
        print("In", self.name, flush=True)


if __name__ == "__main__":
    jobs = [Worker() for _ in range(5)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()

"""What processes log of themselves."""

import logging
import os
import sys
from multiprocessing import Manager, log_to_stderr

if __name__ == "__main__":
    os.dup2(sys.stdout.fileno(), sys.stderr.fileno())  # the test of this program reads standard output only

    logger = log_to_stderr()
    logger.setLevel(logging.INFO)
    logger.warning("doomed")

    manager = Manager()

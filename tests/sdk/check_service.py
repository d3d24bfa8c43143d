#!/usr/bin/env python3
"""Does mp-manager tell systemd that it serves, and does systemd understand its unit?

    check_service.py MANAGER UNIT
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

MANAGER, UNIT = sys.argv[1:3]


class Notification(unittest.TestCase):
    def ready(self, name, folder):
        """What is sent to the socket of this name, and what --check then says of the manager."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(name.replace("@", "\0", 1))
            listener.settimeout(60)
            path = f"{folder}/manager.sock"
            manager = subprocess.Popen([MANAGER, "--listen", "none", "--socket", path], stderr=subprocess.PIPE,
                                       env={**os.environ, "NOTIFY_SOCKET": name})
            try:
                return listener.recv(100), subprocess.run([MANAGER, "--check", path], check=False).returncode
            finally:
                manager.terminate()
                manager.communicate(timeout=60)

    def test_who_is_told_that_it_is_ready_can_use_it(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.ready(f"{folder}/notify", folder), (b"READY=1", 0))

    def test_the_socket_may_have_an_abstract_name(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.ready(f"@mp-test-{os.getpid()}", folder), (b"READY=1", 0))

    def test_a_manager_that_cannot_serve_is_never_ready(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(f"{folder}/notify")
            listener.setblocking(False)
            done = subprocess.run([MANAGER, "--listen", "none", "--socket", "/proc/no/such/folder.sock"],
                                  env={**os.environ, "NOTIFY_SOCKET": f"{folder}/notify"}, stderr=subprocess.PIPE,
                                  timeout=60, check=False)
            self.assertNotEqual(done.returncode, 0)
            with self.assertRaises(BlockingIOError):
                listener.recv(100)


class Unit(unittest.TestCase):
    def test_systemd_understands_it(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("there is no systemd-analyze")
        with tempfile.TemporaryDirectory() as folder:
            unit = Path(folder) / "mp-manager.service"
            text = Path(UNIT).read_text("utf-8").replace("/usr/bin/mp-manager", MANAGER)
            unit.write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE))  # it looks for the pages
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])

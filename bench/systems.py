"""What is compared: servers, and how a client of each is started."""

import os
import shutil
import socket
import time
from pathlib import Path
from typing import NamedTuple

from processes import BenchError, Client, Running
from rows import IDLE_LANES

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # the system's, whoever runs this


class System(NamedTuple):
    title: str
    server: str  # the name of a start_… function below; empty: it needs none
    client: str  # a program of this folder
    lane: str  # which of the server's addresses
    missing: str = ""  # why this build cannot be measured
    workload: str = ""  # what it does in any row, if not what the row says
    waiter: str = ""  # what a command that waits takes at its server, if more than memory


# What cannot be measured yet would say so here, with its reason: rows and report follow.
SYSTEMS = {
    "mp": System("mp, local lane", "manager", "mp_client", "unix"),
    "mp socket": System("mp, by the socket alone", "manager", "mp_client", "socket"),
    "mp stream": System("mp, session stream", "manager", "mp_stream_client", "tcp"),
    "mp relay": System("mp, through a relay", "relay", "mp_client", "unix"),
    "mp custom": System("mp, a type of one's own", "custom", "mp_client", "unix"),
    "mp unwatchful": System("mp, --deadlocks=off", "unwatchful", "mp_client", "unix"),
    "mp asleep": System("mp, --lane-spin=0", "asleep", "mp_client", "asleep"),
    "mp alone": System("mp, without TCP", "alone", "mp_client", "unix"),
    "mp among": System("mp, among idle lanes", "among", "mp_client", "unix"),
    "mp get": System("mp, d[k]", "manager", "mp_client", "unix", workload="get"),
    "mp set": System("mp, d[k] = v", "manager", "mp_client", "unix", workload="set"),
    "ping": System("bare ping-pong", "ping", "ping_client", "unix"),
    "echo": System("bare gRPC echo", "echo", "echo_client", "tcp"),
    "redis unix": System("Redis, Unix socket", "redis", "redis_client", "unix", waiter="a connection"),
    "redis tcp": System("Redis, TCP", "redis", "redis_client", "tcp"),
    "python unix": System("Python's manager, Unix", "python_unix", "python_manager.py", "unix", waiter="a thread"),
    "python tcp": System("Python's manager, TCP", "python_tcp", "python_manager.py", "tcp"),
    "mp local": System("mp, local objects", "", "local/mp_local", ""),
    "bare": System("bare system calls", "", "local/bare_local", ""),
    "boost": System("Boost.Interprocess", "", "local/boost_local", ""),
    "python": System("Python's multiprocessing", "", "local/python_local.py", ""),
    "mp pool": System("mp, Pool", "", "local/mp_pool", ""),
    "bare trip": System("bare round trip", "", "local/bare_local", "", workload="local-pipe"),
    "bare pool": System("bare processes and copies", "", "local/bare_pool", ""),
    "python pool": System("Python's Pool", "", "local/python_pool.py", ""),
}


def missing_tools(build):
    """What must be there before anything is measured."""
    programs = ["bin/mp-manager"] + [f"bench/{name}" for name in (
        "mp_client", "mp_stream_client", "custom_server", "redis_client", "ping_client", "ping_server", "echo_client", "echo_server",
        "local/mp_local", "local/bare_local", "local/boost_local", "local/mp_pool", "local/bare_pool")]
    missing = [str(build / program) for program in programs if not (build / program).exists()]
    missing += [tool for tool in ("redis-server", PYTHON) if not shutil.which(tool)]
    return missing


class Servers:
    """The servers of one placement, each started when it is first asked for, on these cores."""

    def __init__(self, build, folder, cores):
        self.build, self.folder, self.cores = build, folder, cores
        folder.mkdir(exist_ok=True)
        self._running = {}
        self._addresses = {}

    def address(self, system):
        server = SYSTEMS[system].server
        if server not in self._running:
            getattr(self, "_start_" + server)()
        return self._addresses[server, SYSTEMS[system].lane]

    def running(self, system):
        self.address(system)
        return self._running[SYSTEMS[system].server]

    def move(self, cores):
        """Takes all servers, with all their threads, to other cores."""
        for process in self._running.values():
            for thread in os.listdir(f"/proc/{process.pid}/task"):
                os.sched_setaffinity(int(thread), cores)

    def _start(self, server, *command, pass_fds=()):
        self._running[server] = Running(server, command, self.cores, self.folder / f"{server}.log", pass_fds)
        return self._running[server]

    def _start_mp(self, server, *options, program="bin/mp-manager"):
        """An mp-manager, or a program that is one too; returns once it serves."""
        path = self.folder / f"{server}.sock"
        reading, writing = os.pipe()
        try:
            process = self._start(server, self.build / program, "--socket", path, "--log-level", "warn",
                                  "--print-address", writing, *options, pass_fds=[writing])
        finally:
            os.close(writing)
        with os.fdopen(reading) as said:
            lines = dict(line.split(maxsplit=1) for line in said)  # until it has said all and closes
        if "socket" not in lines:
            raise process.error("did not start")
        self._addresses[server, "unix"] = f"unix:{path}"
        self._addresses[server, "socket"] = f"socket:unix:{path}"
        self._addresses[server, "asleep"] = f"asleep:unix:{path}"
        self._addresses[server, "tcp"] = lines.get("listen", "").strip()

    def _start_manager(self):
        self._start_mp("manager", "--listen", "127.0.0.1:0")

    def _start_custom(self):
        self._start_mp("custom", "--listen", "127.0.0.1:0", program="bench/custom_server")

    def _start_unwatchful(self):
        self._start_mp("unwatchful", "--listen", "127.0.0.1:0", "--deadlocks", "off")

    def _start_asleep(self):
        """Neither it nor its clients wait awake."""
        self._start_mp("asleep", "--listen", "127.0.0.1:0", "--lane-spin", "0ns")

    def _start_alone(self):
        """Without gRPC, whose timers wake some thread every second."""
        self._start_mp("alone", "--listen", "none")

    def _start_among(self):
        """A manager with lanes that were used, and are so no more."""
        self._start_mp("among", "--listen", "none")
        lanes = start_client("mp among", self, "lanes", self.cores, count=IDLE_LANES)
        self._running["among's lanes"] = lanes
        lanes.go()
        lanes.result(60)

    def _start_relay(self):
        self._start_mp("relay", "--relay", self.address("mp stream"))

    def _start_ping(self):
        process = self._start("ping", self.build / "bench/ping_server", self.folder / "ping.sock")
        self._addresses["ping", "unix"] = process.read_line(10).split()[1]

    def _start_echo(self):
        process = self._start("echo", self.build / "bench/echo_server")
        self._addresses["echo", "tcp"] = process.read_line(10).split()[1]

    def _start_python(self, lane, address):
        process = self._start(f"python_{lane}", PYTHON, HERE / "python_manager.py", "serve", address)
        self._addresses[f"python_{lane}", lane] = process.read_line(10).split()[1]

    def _start_python_unix(self):
        path = self.folder / "python.sock"
        path.unlink(missing_ok=True)  # which one that was ended leaves behind
        self._start_python("unix", f"unix:{path}")

    def _start_python_tcp(self):
        self._start_python("tcp", "127.0.0.1:0")

    def _start_redis(self):
        """Without persistence; its port must be known before, so a taken one is tried again."""
        path = self.folder / "redis.sock"
        for _ in range(5):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            process = self._start("redis", "redis-server", "--save", "", "--appendonly", "no", "--dir", self.folder,
                                  "--unixsocket", path, "--bind", "127.0.0.1", "--port", port, "--daemonize", "no")
            if self._redis_answers(process, path):
                self._addresses["redis", "unix"] = f"unix:{path}"
                self._addresses["redis", "tcp"] = f"127.0.0.1:{port}"
                return
            process.close()
        raise process.error("did not start")

    @staticmethod
    def _redis_answers(process, path, seconds=10.0):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not process.ended():
            try:
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.settimeout(seconds)
                    connection.connect(str(path))
                    connection.sendall(b"PING\r\n")
                    if connection.recv(64).startswith(b"+PONG"):
                        return True
            except OSError:
                time.sleep(0.01)
        return False

    def close(self):
        for process in self._running.values():
            process.close()
        self._running.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def start_client(system, servers, workload, cores, name=None, **options):
    """A client that is connected and waits for its go."""
    program = SYSTEMS[system].client
    command = [PYTHON, HERE / program] if program.endswith(".py") else [servers.build / "bench" / program]
    address = {"address": servers.address(system)} if SYSTEMS[system].server else {}
    for option, value in {**address, "workload": workload, **options}.items():
        command += [f"--{option}", value]
    name = name or f"{system} {workload}"
    return Client(name, command, cores, servers.folder / f"{name.replace(' ', '_')}.log")

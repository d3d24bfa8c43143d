"""One run of compose.yaml, seen from the host: containers, their states and logs, and the foreman's view."""

import ast
import json
import os
import re
import secrets
import shutil
import subprocess

from .images import environment
from .steps import Failure, output_of, succeeds, wait_until

WORKERS = ("worker1", "worker2", "worker3")


def find_compose():
    if succeeds("docker", "compose", "version"):
        return ["docker", "compose"]
    if succeeds("docker-compose", "version"):
        return ["docker-compose"]
    raise Failure("neither `docker compose` nor docker-compose is installed (apt-get install docker-compose)")


class Cluster:
    def __init__(self, folder):
        self.project = f"mp-test-{os.getpid()}-{secrets.token_hex(3)}"
        self.label = f"label=com.docker.compose.project={self.project}"
        self.compose_command = [*find_compose(), "--file", "deploy/compose.yaml", "--project-name", self.project]
        self.token = secrets.token_hex(16)
        token_file = folder / "token"
        token_file.write_text(self.token + "\n")
        folder.chmod(0o755)  # the containers' user reads it
        self.env = {**environment(), "MP_TOKEN_FILE": str(token_file), "MP_PORT": "0"}

    # ---- Compose and Docker ----

    def compose(self, *arguments, seconds=180):
        return output_of([*self.compose_command, *arguments], self.env, seconds)

    def up(self):
        self.compose("up", "--detach", "--no-build", "manager", *WORKERS)

    def container(self, service):
        """Its id, also when it has ended."""
        found = output_of(["docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", self.label,
                           "--filter", f"label=com.docker.compose.service={service}",
                           "--filter", "label=com.docker.compose.oneoff=False"]).split()
        if len(found) != 1:
            raise Failure(f"there is not one container of {service}, but {len(found)}")
        return found[0]

    def inspect(self, service):
        return json.loads(output_of(["docker", "inspect", self.container(service)]))[0]

    def address(self, service):
        return ",".join(net["IPAddress"] for net in self.inspect(service)["NetworkSettings"]["Networks"].values())

    def processes(self, service):
        """Pairs of user id and command line."""
        table = output_of(["docker", "top", self.container(service), "-eo", "pid,uid,args"]).splitlines()[1:]
        return [tuple(line.split(None, 2)[1:]) for line in table]

    def running(self, service):
        return self.inspect(service)["State"]["Running"]

    def logs(self, service):
        done = subprocess.run(["docker", "logs", self.container(service)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=True)
        return done.stdout

    def wait_healthy(self, service):
        wait_until(lambda: self.inspect(service)["State"]["Health"]["Status"] == "healthy", f"{service} is healthy", 60)

    def kill(self, service):
        output_of(["docker", "kill", self.container(service)])

    def start(self, service):
        output_of(["docker", "start", self.container(service)])

    def stop(self, service):
        output_of(["docker", "stop", "--time", "20", self.container(service)])

    def wait_exit(self, service):
        return int(output_of(["docker", "wait", self.container(service)], seconds=60))

    # ---- Clients that take no part in the work ----

    def foreman(self, *command):
        """The reports that it waited for."""
        return self.start_foreman(*command).reports()

    def start_foreman(self, *command):
        return Foreman([*self.compose_command, "run", "--rm", "--no-deps", "-T", "foreman", *command], self.env)

    def show(self):
        return self.start_foreman("show").lines()[-1]

    def wait_for_lock_waiters(self, holder, count):
        """Asks the manager, by its port on this host, who holds and who waits. Only with grpcurl."""
        if not shutil.which("grpcurl"):
            print("  there is no grpcurl here, so nobody is asked who waits for the lock", flush=True)
            return
        port = self.inspect("manager")["NetworkSettings"]["Ports"]["50051/tcp"][0]["HostPort"]
        ask = ["grpcurl", "-plaintext", "-H", f"authorization: Bearer {self.token}", "-d", '{"name": "cluster/turn"}',
               f"127.0.0.1:{port}", "mp.v1.Admin/DescribeObject"]

        def waiting():
            lock = json.loads(output_of(ask))
            hosts = [party["party"]["client"]["host"] for party in lock.get("holders", [])]
            return hosts == [holder] and len(lock.get("waiters", [])) == count

        wait_until(waiting, f"{holder} holds the lock and {count} wait for it")

    # ---- The end ----

    def show_logs(self):
        for service in ("manager", *WORKERS):
            try:
                lines = self.logs(service).splitlines()[-25:]
            except (Failure, subprocess.CalledProcessError) as error:
                lines = [str(error)]
            print(f"---- {service}", *lines, sep="\n", flush=True)

    def remove(self):
        """All that carries the project's label, and nothing else."""
        for kind, list_all, remove in (("container", ["--all"], ["--force", "--volumes"]), ("network", [], []),
                                       ("volume", [], [])):
            found = output_of(["docker", kind, "ls", *list_all, "--quiet", "--filter", self.label]).split()
            if found:
                output_of(["docker", kind, "rm", *remove, *found])


class Foreman:
    """A run of cluster-foreman. What it printed is there once it has ended: the reports, then what it sees."""

    def __init__(self, command, env):
        self.command = command
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, errors="replace")

    def reports(self):
        return self.lines()[:-1]

    def lines(self, seconds=180):
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise Failure(f"no end within {seconds} s: {' '.join(self.command)}") from None
        if self.process.returncode != 0:
            raise Failure(f"status {self.process.returncode} of {' '.join(self.command)}: {err.strip()} {out.strip()}")
        return [fields_of(line) for line in out.splitlines() if re.match(r"(Report|State)\(", line)]


def fields_of(line):
    """Of a record as the foreman prints it: Report(worker='worker1', event='done', …)."""
    record = ast.parse(line, mode="eval").body
    return {field.arg: ast.literal_eval(field.value) for field in record.keywords}

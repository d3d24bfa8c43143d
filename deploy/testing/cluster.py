"""Runs of compose.yaml, seen from the host: containers, their states, and what they say."""

import contextlib
import json
import os
import re
import secrets
import subprocess

from .steps import Failure, check, output_of, run_to_its_end, succeeds, wait_until
from .words import Story


def find_compose():
    if succeeds("docker", "compose", "version"):
        return ["docker", "compose"]
    if succeeds("docker-compose", "version"):
        return ["docker-compose"]
    raise Failure("neither `docker compose` nor docker-compose is installed (apt-get install docker-compose)")


class Container:
    def __init__(self, name, container_id):
        self.name = name
        self.id = container_id
        self.story = Story(name, self.logs)

    def inspect(self):
        return json.loads(output_of(["docker", "inspect", self.id]))[0]

    def address(self):
        return ",".join(net["IPAddress"] for net in self.inspect()["NetworkSettings"]["Networks"].values())

    def processes(self):
        """Pairs of user id and command line."""
        table = output_of(["docker", "top", self.id, "-eo", "pid,uid,args"]).splitlines()[1:]
        return [tuple(line.split(None, 2)[1:]) for line in table]

    def running(self):
        return self.inspect()["State"]["Running"]

    def logs(self):
        return output_of(["docker", "logs", self.id], stderr=subprocess.STDOUT)

    def printed(self):
        """What went to standard output."""
        return output_of(["docker", "logs", self.id])

    def wait_healthy(self):
        wait_until(lambda: self.inspect()["State"]["Health"]["Status"] == "healthy", f"{self.name} is healthy", 60)

    def kill(self):
        output_of(["docker", "kill", self.id])

    def start(self):
        output_of(["docker", "start", self.id])

    def stop(self):
        output_of(["docker", "stop", "--time", "20", self.id])

    def pause(self):
        output_of(["docker", "pause", self.id])

    def unpause(self):
        output_of(["docker", "unpause", self.id])

    def wait_exit(self):
        return int(output_of(["docker", "wait", self.id], seconds=120))


class Project:
    """All that compose makes under a name, which nobody else has."""

    def __init__(self):
        self.project = f"mp-test-{os.getpid()}-{secrets.token_hex(3)}"
        self.label = f"label=com.docker.compose.project={self.project}"

    def containers(self, service):
        """Those of a service, by their numbers, also if they have ended."""
        form = '{{.ID}} {{.Label "com.docker.compose.container-number"}}'
        found = output_of(["docker", "ps", "--all", "--no-trunc", "--format", form, "--filter", self.label,
                           "--filter", f"label=com.docker.compose.service={service}",
                           "--filter", "label=com.docker.compose.oneoff=False"]).splitlines()
        by_number = sorted((int(number), container_id) for container_id, number in map(str.split, found))
        return [Container(f"{service}{number}", container_id) for number, container_id in by_number]

    @contextlib.contextmanager
    def removed_at_the_end(self):
        """However it ends; after a failure with what the containers said."""
        try:
            yield
        except Exception:
            self.show_logs()
            raise
        finally:
            self.remove()

    def show_logs(self):
        for service in ("manager", "coordinator", "worker", "viewer"):
            for container in self.containers(service):
                lines = [line for line in container.story.lines() if not re.match("(word|letter) ", line)]
                print(f"---- {container.name}", *lines[-25:], sep="\n", flush=True)

    def rest(self):
        """What there is that carries the project's label: a kind and its ids each."""
        for kind, options in (("container", ["--all"]), ("network", []), ("volume", [])):
            found = output_of(["docker", kind, "ls", *options, "--quiet", "--filter", self.label]).split()
            if found:
                yield kind, found

    def remove(self):
        """All that carries the project's label, and nothing else; what of it can be removed, if not all can."""
        paused = output_of(["docker", "ps", "--quiet", "--filter", self.label, "--filter", "status=paused"]).split()
        commands = [["docker", "unpause", *paused]] if paused else []
        for kind, found in self.rest():
            options = ["--force", "--volumes"] if kind == "container" else []
            commands.append(["docker", kind, "rm", *options, *found])
        failures = []
        for command in commands:
            try:
                output_of(command)
            except Failure as failure:
                failures.append(str(failure))
        check(not failures, f"what was made is removed: {failures}")


class Cluster(Project):
    """With secrets, texts and a port of its own."""

    def __init__(self, folder, files, env):
        super().__init__()
        self.compose_command = [*find_compose(), "--file", "deploy/compose.yaml", "--project-name", self.project]
        self.texts = folder / "texts"
        output_of(["deploy/make-secrets", str(folder / "secrets")])
        output_of(["deploy/make-texts", str(self.texts), str(files)])
        folder.chmod(0o755)  # the containers' user reads the texts
        self.env = {**env, "MP_SECRETS": str(folder / "secrets"), "WORDCOUNT_TEXTS": str(self.texts), "MP_PORT": "0"}

    def compose(self, *arguments, seconds=180):
        return output_of([*self.compose_command, *arguments], self.env, seconds)

    def up(self, **scale):
        numbers = [word for service, number in scale.items() for word in ("--scale", f"{service}={number}")]
        self.compose("up", "--detach", "--no-build", *numbers)

    def refused(self, service, **variables):
        """What a one-off container of the service says that ends with a failure; None if it ends with 0."""
        settings = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
        command = [*self.compose_command, "run", "--rm", "--no-deps", "-T", *settings, service]
        run = run_to_its_end(command, self.env)
        return run.stderr if run.returncode != 0 else None

    def rolling_restart(self):
        return output_of(["deploy/rolling-restart", self.project], seconds=300)

    def network(self):
        return output_of(["docker", "network", "ls", "--quiet", "--filter", self.label]).strip()

    def cut_off(self, container):
        output_of(["docker", "network", "disconnect", self.network(), container.id])

    def join_again(self, container):
        output_of(["docker", "network", "connect", self.network(), container.id])

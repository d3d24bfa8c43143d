"""A new user's first run: the commands of deploy/README.md as they stand there, in a copy of the tree as of a clone."""

import os
import re
import shutil
from pathlib import Path

from .cluster import Project
from .steps import check, output_of, run_logged, step, succeeds
from .words import check_result

PAGE = Path("deploy/README.md")
FRONT_PAGE = Path("README.md")
BLOCK = re.compile(r"^<!-- run by: deploy/testing/page\.py -->\n```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SHOWN = re.compile(r"^```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OTHERS = ("COMPOSE_FILE", "COMPOSE_PROFILES", "MP_SECRETS", "WORDCOUNT_TEXTS")  # what would lead away from the copy
PACE = "200"  # a fifth of what the page speaks of
STAND_IN = 'docker-compose() { docker compose "$@"; }'  # where only Docker's own is installed


# ---- The clone -------------------------------------------------------------------------------------------------------

def files_of_clone():
    """Of the tree what a clone has in deploy/, and what it has for the images."""
    listed = re.findall("^!(.+)$", Path(".dockerignore").read_text("utf-8"), re.MULTILINE)
    wanted = [".dockerignore", "Dockerfile", "deploy", *listed]
    if succeeds("git", "ls-files", "--error-unmatch", "Dockerfile"):
        files = output_of(["git", "ls-files", "-z", "--", *wanted]).split("\0")
        return [file for file in files if os.path.lexists(file)]
    made = tuple(f"deploy{name}/" for name in Path("deploy/.gitignore").read_text("utf-8").split())
    found = {file for name in wanted for file in (Path(name), *Path(name).rglob("*")) if file.is_file()}
    return [file for file in map(Path.as_posix, found) if not file.startswith(made)]


def copy_tree(folder):
    for file in files_of_clone():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, folder / file, follow_symlinks=False)


# ---- The pages -------------------------------------------------------------------------------------------------------

def commands_of(block):
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in block.splitlines())
    return [line for line in lines if line]


def blocks_of_page():
    """Those that start the cluster, and those that end it, which are on one page only."""
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    check(len(blocks) == 2, f"{PAGE} says how the cluster is started and how it is ended: {len(blocks)} blocks")
    on_front = list(map(commands_of, BLOCK.findall(FRONT_PAGE.read_text("utf-8"))))
    check(on_front == [commands_of(blocks[0])], f"{FRONT_PAGE} shows the same commands as {PAGE}: {on_front}")
    return blocks


def outline(line):
    """A line of the viewer without what differs from one moment, and from one compose, to the next."""
    line = re.sub(r"\x1b\[\d*(;\d+)*m", "", line)
    line = re.sub(r"^viewer[_-]1 +\|", "viewer |", line.rstrip())
    return re.sub(r" +\d+ of (.*\[)[#-]+\]", r" N of \1]", line)


def said_by(service, printed):
    """Without the name before it."""
    return re.findall(rf"^{service}[_-]1 +\| (.*)$", printed, re.MULTILINE)


# ---- The run ---------------------------------------------------------------------------------------------------------

class FirstRun(Project):
    def __init__(self, root, env):
        super().__init__()
        self.root = self.folder = root  # where a new user begins, and where the next command is given
        self.env = {name: value for name, value in env.items() if name not in OTHERS}
        self.env.update(COMPOSE_PROJECT_NAME=self.project, MP_PORT="0", WORDCOUNT_PACE=PACE)

    def enter(self, name, block, seconds):
        """What a user sees who types it."""
        where = self.root.parent / "where"
        script = f"trap 'pwd >{where}' EXIT\n{block}"
        if not shutil.which("docker-compose"):
            script = f"{STAND_IN}\n{script}"
        printed = run_logged(name, ["bash", "-e", "-c", script], self.env, self.folder, seconds)
        self.folder = Path(where.read_text("utf-8").rstrip("\n"))
        return printed

    def start(self, block):
        with step("the page's first commands, in a copy: builds, starts, and shows how far it is"):
            printed = self.enter("page-starts", block, 3600)
            seen = set(map(outline, printed.splitlines()))
            for shown in SHOWN.search(PAGE.read_text("utf-8"))[1].splitlines():
                check(outline(shown) in seen, f"the viewer prints lines like {shown!r}: {sorted(seen)[-5:]}")

    def all_end(self):
        with step("all but the manager end with 0"):
            for service in ("coordinator", "viewer", "worker"):
                for member in self.containers(service):
                    status = member.wait_exit()
                    check(status == 0, f"{member.name} ended with {status}")
            check([member.running() for member in self.containers("manager")] == [True], "the manager still runs")

    def end(self, block):
        with step("the page's last commands: the counts are right, and nothing is left"):
            printed = self.enter("page-ends", block, 180)
            counts = [line for line in said_by("coordinator", printed) if re.match("(word|letter) ", line)]
            check_result("\n".join(counts), self.root / "deploy/texts")
            rest = list(self.rest())
            check(not rest, f"`docker-compose down` leaves nothing: {rest}")


def follow_page(folder, env):
    """In a folder of its own."""
    starts, ends = blocks_of_page()
    root = folder / "clone"
    copy_tree(root)
    run = FirstRun(root, env)
    with run.removed_at_the_end():
        run.start(starts)
        run.all_end()
        run.end(ends)

"""Are commands that a page shows there, with what they are given?

These are the project's own: `./dev` with its verbs, presets, labels and sets of packages; mp-manager with its flags; scripts of
the tree, with flags that stand in them; docker-compose with services of deploy/compose.yaml; and beside them a few of the
system's, which know nothing of the project. Any other command needs a test that runs it, which the page names: see blocks.py.
"""

import os
import re
import shlex

MANAGERS = ("mp-manager", "build/dev/bin/mp-manager")
OF_SYSTEM = ("cat", "chmod", "cp", "cut", "head", "mkdir", "sha256sum")
OF_COMPOSE = ("build", "config", "down", "exec", "kill", "logs", "ps", "pull", "restart", "run", "start", "stop", "up")
TAKING_A_VALUE = ("-f", "--file", "-p", "--project-name", "--profile", "--scale", "-e", "--env-file", "-t", "--timeout")
OF_CTEST = ("-L", "-LE", "-R", "-E", "-N", "-V", "-VV", "-j", "--rerun-failed")
LABELLED = re.compile(r"\bLABELS? +\"?(\w+)")


def lines_of(text):
    """Each command, in one line and without its comment."""
    for line in text.replace("\\\n", " ").splitlines():
        command = re.sub(r"(^|\s)#.*", "", line).strip()
        if command:
            yield command


def flags_of(words):
    return [word.split("=")[0] for word in words if re.match(r"--[a-z]", word)]


def unknown_flags(words, file):
    source = file.read_text("utf-8") if file.is_file() else ""
    for flag in flags_of(words):
        if not re.search(rf"(?<![\w-]){flag}(?![\w-])", source) and flag not in ("--help", "--version"):
            yield f"{file.name} knows no {flag}"


def array_of(script, name):
    """Of `name=(a b c)` in a shell script the words; of `declare -A name=(...)` the keys."""
    body = re.search(rf"^(?:declare -A )?{name}=\((.*?)\)$", script, re.DOTALL | re.MULTILINE)
    if body is None:
        return []
    return re.findall(r"\[(\w+)\]=", body[1]) or body[1].split()


def labels_of(root):
    lists = [*root.glob("tests/**/CMakeLists.txt"), *root.glob("examples/**/CMakeLists.txt")]
    return {label for file in lists for label in LABELLED.findall(file.read_text("utf-8"))}


def wrong_test(root, words, presets):
    if words and not words[0].startswith("-"):
        if words[0] not in presets:
            yield f"./dev has no preset {words[0]}"
        words = words[1:]
    for option, value in zip(words, [*words[1:], ""]):
        if option.startswith("-") and option not in OF_CTEST:
            yield f"./dev test {option}: is that one of ctest's?"
        if option in ("-L", "-LE"):
            for label in set(re.findall(r"\w+", value)) - labels_of(root):
                yield f"no test has the label {label}"


def wrong_dev(root, words):
    script = (root / "dev").read_text("utf-8")
    verbs = re.findall(r"^\./dev (\w+)", script, re.MULTILINE)  # those of its help
    verb, *words = words[1:] or ["help"]
    if verb not in verbs and verb != "help":
        yield f"./dev has no verb {verb}"
    elif verb == "test":
        yield from wrong_test(root, words, array_of(script, "presets"))
    elif verb in ("build", "setup"):
        known = array_of(script, {"build": "presets", "setup": "packages"}[verb])
        for word in words:
            if word not in known:
                yield f"./dev {verb} knows no {word}"
    elif verb == "serve":
        yield from unknown_flags(words, root / "server/options.cc")
    elif verb == "bench":
        yield from unknown_flags(words, root / "bench/run")


def wrong_compose(root, words):
    """docker-compose VERB [--option…] [SERVICE…]; what follows the service of `run` and `exec` is its own."""
    files = [file.read_text("utf-8") for file in root.glob("deploy/*compose*.y*ml")]
    below = [re.search(r"^services:\n((?:[ #].*|\n)*)", text, re.MULTILINE) for text in files]
    services = {name for found in below if found for name in re.findall(r"^  ([\w-]+):", found[1], re.MULTILINE)}
    verb, *named = [word for word, before in zip(words, ["", *words])
                    if not word.startswith("-") and before not in TAKING_A_VALUE] or [""]
    if verb not in OF_COMPOSE:
        yield f"docker-compose has no command {verb}"
    for service in named[:1] if verb in ("run", "exec") else named:
        if service not in services:
            yield f"no compose file in deploy has a service {service}"


def wrong_command(root, command):
    words = shlex.split(command)
    program, is_plain = words[0], not re.search(r"[|&;<>$]", re.sub(r"'[^']*'", "", command))
    if all(part.split()[0] in OF_SYSTEM for part in command.split("|")) and not re.search(r"[&;<$]", command):
        return
    if program == "cd" and is_plain:
        if not (root / words[1]).is_dir():
            yield f"there is no folder {words[1]}"
    elif (program == "docker-compose" or words[:2] == ["docker", "compose"]) and is_plain:
        yield from wrong_compose(root, words[2 if program == "docker" else 1:])
    elif program == "./dev" and is_plain:
        yield from wrong_dev(root, words)
    elif program in MANAGERS and is_plain:
        yield from unknown_flags(words[1:], root / "server/options.cc")
    elif "/" in program and (root / program).is_file() and is_plain:
        if not os.access(root / program, os.X_OK):
            yield f"{program} cannot be run"
        yield from unknown_flags(words[1:], root / program)
    else:
        yield f"no test is said to run: {command}"


def wrong(root, text):
    for command in lines_of(text):
        yield from wrong_command(root, command)


# For the test of this test: see check_docs.py.
PLANTED = {
    "dev": "cat <<TEXT\n./dev test [preset]   run\n./dev build   b\n./dev setup   s\n./dev serve  s\nTEXT\n"
           "declare -A packages=(\n  [build]=\"a b\"\n  [lint]=\"c\"\n)\npresets=(dev asan)\n",
    "tests/CMakeLists.txt": "mp_test(NAME x LABEL unit)\nset_tests_properties(x PROPERTIES LABELS e2e)\n",
    "tool.py": "parser.add_argument('--fast')\n",
    "deploy/compose.yaml": "x-a:\n  context: .\nservices:\n  # of all\n\n  manager:\n    image: x\nsecrets:\n  token:\n",
}
PLANTED_PAGES = (
    ("shell.md", "```sh\n./dev test   # all\n./dev test asan -L 'unit|e2e' -R 'A.*B'\n\n./dev build asan\n./dev setup lint\n"
                 "./dev serve --listen x:1\nmp-manager --listen=x:1\n```\n`./dev test -L unit` `./dev`\n"
                 "```\ncd deploy\nhead -c 9 x | cut -c 2 >y\ndocker-compose -f a.yaml up -d\n"
                 "docker compose run --rm manager work hard\n```\n", 0),
    ("misshell.md", "```sh\n./dev tset\n./dev test msan\n./dev test -L unti\n./dev test -X\n./dev build msan\n./dev setup all\n"
                    "./dev serve --lisen\nmp-manager --lisen\nmp-manager --listen x | cat\nmake\n./tool.py --slow\n```\n"
                    "`./dev tset`\n"
                    "```\ncd nowhere\nhead x | sh\nhead $(x)\ndocker-compose upp\ndocker-compose up worker\ndocker-compose up token\n```\n", 19),
)

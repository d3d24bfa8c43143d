#!/usr/bin/env python3
"""Compiles a file once for each mistake that it holds: the compiler must refuse it in the words behind `// says:`.

    check_mistakes.py FILE COMPILER [ARGUMENT...]
"""

import re
import subprocess
import sys


def compile_with(mistake, source, compiler):
    command = [*compiler, "-std=c++20", "-fsyntax-only", "-w", f"-DMISTAKE={mistake}", source]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def plain(text):
    """One line, without the quotes that a compiler puts between the parts of a long literal."""
    return re.sub(r"\s+", " ", text)


def main():
    source, *compiler = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        mistakes = re.findall(r"^#if MISTAKE == (\d+)  // says: (.+)$", file.read(), re.MULTILINE)
    if not mistakes:
        sys.exit(f"{source} holds no mistake")

    clean = compile_with(0, source, compiler)
    if clean.returncode != 0:
        sys.exit(f"{source} does not compile without a mistake:\n{clean.stderr}")

    failures = 0
    for number, words in mistakes:
        result = compile_with(number, source, compiler)
        if result.returncode == 0:
            print(f"mistake {number} compiles; the error should say: {words}")
        elif words not in plain(result.stderr):
            print(f"mistake {number} is refused without the words: {words}\n{result.stderr}")
        else:
            continue
        failures += 1
    print(f"{len(mistakes) - failures} of {len(mistakes)} mistakes are refused as they should be")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()

"""What the word count must give, counted here in another way, and what the coordinator has printed."""

import re
from collections import Counter
from pathlib import Path

from .steps import check, wait_until


def count_words(folder):
    """As the coordinator prints it: a line for each word, and one for each letter."""
    words = Counter()
    for text in Path(folder).iterdir():
        words.update(re.findall("[a-z]+", text.read_text("ascii").lower()))
    lines = {f"word {word} {number}" for word, number in words.items()}
    for letter in "abcdefghijklmnopqrstuvwxyz":
        own = {word: number for word, number in words.items() if word[0] == letter}
        most = min(own, key=lambda word: (-own[word], word), default="")
        lines.add(f"letter {letter} {sum(own.values())} {len(own)} {most}".rstrip())
    return lines


def check_result(printed, folder):
    """Each line that must be there is, once, and no other."""
    lines = [line.rstrip() for line in printed.splitlines()]
    expected = count_words(folder)
    wrong = [line for line in lines if line not in expected]
    missing = expected - set(lines)
    check(not wrong and not missing and len(lines) == len(expected),
          f"the counts are right: of {len(expected)} lines, {len(wrong)} differ ({wrong[:3]}), "
          f"{len(missing)} are missing ({sorted(missing)[:3]}), {len(lines)} are printed")


class Story:
    """What a program says, as it goes on: `read` gives all that it has said so far."""

    def __init__(self, name, read):
        self.name = name
        self.read = read
        self.seen = 0  # how many lines of it are known

    def lines(self):
        return self.read().splitlines()

    def skip(self):
        """From here on only what comes now counts."""
        self.seen = len(self.lines())

    def await_line(self, pattern, seconds=60):
        """The next line that fits, whatever comes before it."""
        return await_any([self], pattern, seconds)[1]

    def last(self, pattern):
        """What the pattern's group was the last time."""
        return [found[1] for line in self.lines() if (found := re.search(pattern, line))][-1]

    def said(self, pattern):
        return any(re.search(pattern, line) for line in self.lines())


def await_any(stories, pattern, seconds=60):
    """One of them says so next, whatever it says before. Which one, and what."""
    found = []

    def says():
        for story in stories:
            lines = story.lines()
            for number in range(story.seen, len(lines)):
                if line := re.search(pattern, lines[number]):
                    story.seen = number + 1
                    found.extend((story, line))
                    return True
        return False

    names = ", ".join(story.name for story in stories)
    wait_until(says, f"one of {names} says {pattern!r}" if len(stories) > 1 else f"{names} says {pattern!r}", seconds)
    return found

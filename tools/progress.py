"""How a tool tells how far it is: worked out from two readings of its lines, as a pattern with named groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

BEGINNING = 4
"""Characters of a line's shape by which it looks like another."""


class Reading(NamedTuple):
    """What one line says."""

    line: str
    doing: str
    words: str
    """The words that tell how far it is, as they stand in the line."""
    done: int | None
    total: int | None

    @property
    def percent(self) -> int | None:
        """0 to 100, None where the line does not say it."""
        if self.done is None or not self.total:
            return None
        return 100 * min(self.done, self.total) // self.total


def shape(text: str) -> str:
    """A text with its numbers made alike: two lines of one tool that tell of progress share it in those words."""
    return re.sub(r"\s+", " ", re.sub(r"\d+", "#", text)).strip()


def pattern_of(readings: Sequence[Reading]) -> str | None:
    """A pattern with the groups ``done``, ``doing`` and, where it is written, ``total``, that gives all the readings.

    None where the words of the readings differ in more than their numbers, or no one pattern gives them all.
    """
    if len({shape(reading.words) for reading in readings}) != 1 or not shape(readings[0].words):
        return None
    for pattern in _guesses(readings[0]):
        found = [read(pattern, reading.line) for reading in readings]
        if all(
            new is not None and (new.done, new.total) == (old.done, old.total)
            for new, old in zip(found, readings, strict=True)
        ):
            return pattern
    return None


def _guesses(reading: Reading) -> Iterable[str]:
    """Patterns made of a reading's words: each of its numbers may be what is done, and another the whole."""
    before, _, after = reading.line.partition(reading.words)
    numbers = list(re.finditer(r"\d+", reading.words))
    for done in numbers:
        if int(done[0]) != reading.done:
            continue
        wholes = [number for number in numbers if number is not done and int(number[0]) == reading.total]
        for total in wholes or (None,):
            words = _general(reading.words, done, total)
            if after.strip():
                yield rf"^{_around(before)}{words}[^\w\s]*\s*(?P<doing>.*)$"
            else:
                yield rf"^(?P<doing>.*?)\s*{words}\s*$"


def _general(words: str, done: re.Match[str], total: re.Match[str] | None) -> str:
    """The words with groups for the two numbers; other numbers may be any, and white space may differ."""
    parts = []
    for match in re.finditer(r"\d+|\s+|[^\d\s]+", words):
        if match.span() == done.span():
            parts.append(r"(?P<done>\d+)(?!\d)")
        elif total and match.span() == total.span():
            parts.append(r"(?P<total>\d+)(?!\d)")
        elif match[0].isspace():
            parts.append(r"\s+" if parts and parts[-1].endswith((r"\d)", r"\d+")) else r"\s*")
        else:
            parts.append(r"\d+" if match[0].isdigit() else re.escape(match[0]) + r"\s*")
    return "".join(parts)


def _around(before: str) -> str:
    """What stands before the words: its signs as they are; where words stand there, any, up to a number of its own."""
    if re.search(r"\w", before):
        return r".*?(?<![\w/])"
    return r"\s*" + "".join(re.escape(sign) + r"\s*" for sign in before.split())


def read(pattern: str, line: str) -> Reading | None:
    """What a line says by the pattern, None where it does not fit; a percentage has the total 100."""
    match = re.search(pattern, line)
    if match is None:
        return None
    groups = match.groupdict()
    done, total = int(groups["done"]), int(groups.get("total") or 100)
    if done > total or total == 0:
        return None
    return Reading(
        line, groups["doing"].strip() or line.strip(), line[match.start("done") : match.end("done")], done, total
    )


def explains(pattern: str, lines: Iterable[str]) -> bool:
    """Whether a pattern reads two lines at least, and all that look like them.

    A line looks like another where their beginnings have the same shape.
    """
    found, shapes, others = 0, set(), []
    for line in lines:
        start = shape(line)[:BEGINNING]
        if read(pattern, line):
            found += 1
            shapes.add(start)
        else:
            others.append(start)
    return found >= 2 and not shapes.intersection(others)

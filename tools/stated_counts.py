"""The words with which a text says how many there are of something."""

from __future__ import annotations

import itertools
import re

from tools.name_patterns import SPACE


def count_pattern(words: str) -> str:
    """A pattern of words that say how many, whatever the number; a plural counts as its singular."""
    words = re.sub(r"(?<=\d),(?=\d{3})", "", words.strip().strip("`'\""))
    parts = []
    for match in re.finditer(r"\d+(?:\.\d+)?|\s+|[A-Za-z]+|[^\w\s]|\w", words):
        token = match[0]
        if token[0].isdigit():
            parts.append(r"([\d,]+)" if token.isdigit() else r"\d+\.\d+")
        elif token.isspace():
            parts.append(rf"{SPACE}+")
        else:
            parts.append(re.escape(token[:-1]) + "s?" if re.fullmatch(r"[A-Za-z]{3,}s", token) else re.escape(token))
    return r"(?<![\w.])" + "".join(parts)


def totals(text: str, pattern: str) -> list[int]:
    """For each number of the pattern, its sum over all places where it stands: one tool may list several parts."""
    sums: list[int] = []
    for match in re.finditer(pattern, text):
        numbers = [int(group.replace(",", "") or 0) for group in match.groups()]
        sums = [a + b for a, b in itertools.zip_longest(sums, numbers, fillvalue=0)]
    return sums

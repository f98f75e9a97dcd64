"""What a pattern finds in a listing, and which of its lines look as if they had been left out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

WRITTEN_S = 10.0
"""Seconds in which a pattern that a model wrote has to have read a listing."""
APART = """import json, re, sys
pattern, text = json.load(sys.stdin)
json.dump([(match.span(), match.groupdict()) for match in re.finditer(pattern, text, re.MULTILINE)], sys.stdout)
"""


class Unreadable(ValueError):
    """A listing that a pattern does not explain; the message is a sentence for the model."""


class Match(NamedTuple):
    """What a pattern finds."""

    start: int
    end: int
    name: str
    seconds: str | None


def find(text: str, pattern: str, *, apart: bool) -> list[Match]:
    """What a pattern finds; one that a model wrote is run in a process of its own, which can be stopped.

    Raises:
        Unreadable: if it is no pattern, has no group ``name`` or takes too long.
    """
    try:
        if "name" not in re.compile(pattern, re.MULTILINE).groupindex:
            raise Unreadable("The pattern needs a group: (?P<name>...).")
    except re.error as error:
        raise Unreadable(f"It is no regular expression: {error}.") from error
    found: Iterable[tuple[Sequence[int], dict[str, str | None]]]
    if apart:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-c", APART],
                input=json.dumps([pattern, text]),
                capture_output=True,
                text=True,
                timeout=WRITTEN_S,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise Unreadable("The pattern takes too long.") from error
        found = json.loads(done.stdout)
    else:
        found = ((match.span(), match.groupdict()) for match in re.finditer(pattern, text, re.MULTILINE))
    return [
        Match(span[0], span[1], groups["name"], _number(groups.get("seconds")))
        for span, groups in found
        if groups["name"] and groups["name"].strip() and "\n" not in groups["name"]
    ]


def _number(text: str | None) -> str | None:
    return text if text and re.fullmatch(r"\d+(\.\d+)?", text) else None


def left_out(text: str, matches: Sequence[Match], rule: dict[str, Any]) -> str | None:
    """A line that no match lies in and that looks like those that have one.

    Whatever stands in the frame of the names looks like them. Between the first and the last, a line does where it is
    indented as one of them and has every punctuation mark that all of them have; where they have none in common, where
    it has as many words as one of them or any indentation. If the rule is not strict, it also has to have every word
    that all of them have.
    """
    if rule["frame"]:
        found_there = {match.start for match in matches}
        framed = find(text, rule["frame"], apart=False)
        if other := next((match for match in framed if match.start not in found_there), None):
            return text[other.start : other.end].strip()
    lines, starts = [], []
    place = matches[0].start
    place = text.rfind("\n", 0, place) + 1
    end = text.find("\n", matches[-1].end - 1)
    for line in text[place : end if end >= 0 else None].split("\n"):
        lines.append(line)
        starts.append(place)
        place += len(line) + 1
    matched, waiting = [False] * len(lines), iter(matches)
    match = next(waiting, None)
    for number, start in enumerate(starts):
        while match and match.start <= start + len(lines[number]):
            matched[number] = True
            match = next(waiting, None)
    having = [line for line, found in zip(lines, matched, strict=True) if found]
    common = set.intersection(
        *({mark for mark in line if not mark.isalnum() and mark not in "_ \t"} for line in having)
    )
    words = set.intersection(*(set(re.findall(r"\w+", line)) for line in having))
    indents = {_indent(line) for line in having}
    counts = {len(line.split()) for line in having}
    for line, found in zip(lines, matched, strict=True):
        if found or not line.strip() or _indent(line) not in indents:
            continue
        alike = common <= set(line) if common else bool(_indent(line)) or len(line.split()) in counts
        if alike and (rule["strict"] or (words and words <= set(re.findall(r"\w+", line)))):
            return line.strip()
    return None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]

"""Lets the model copy what shows how a listing of tests is read, and code infer the rest."""

from __future__ import annotations

import re
from itertools import groupby

from models.errors import Rejected
from nodes.session import Session
from nodes.verify.suite.answers import CopiedNames, NamePattern
from tools.listing import Reading, learn
from tools.listing_lines import Unreadable
from tools.quotations import stands_in

HEAD, TAIL, LINE = 1300, 700, 200
"""Characters of a listing's beginning and end that are shown, and of one line: about 600 tokens."""
FIRST, LAST = 6, 4
"""Lines that are shown of each run of lines that begin alike."""


def read_listing(session: Session, command: str, text: str, hint: str | None) -> Reading:
    """Let the model copy what shows how the listing is read; a model that can write may give the pattern instead.

    Raises:
        Rejected: if no reading was accepted.
    """
    readings: list[Reading] = []

    told: list[str] = []

    def explained(answer: CopiedNames) -> str | None:
        written = answer.pattern if isinstance(answer, NamePattern) else None
        # The name in between helps, but the oracles hold without it; words that stand nowhere say nothing.
        names = [answer.first, answer.another, answer.last]
        stated = answer.stated if not told or stands_in(answer.stated, text) else "none"
        for copied in (names, names[::2]):
            try:
                readings.append(learn(text, copied, stated, written))
            except Unreadable as error:
                told.append(str(error))
            else:
                return None
        return told[-2]

    shown = excerpt(text)
    try:
        session.ask("read_listing", CopiedNames, oracles=[explained], command=command, listing=shown, hint=hint)
    except Rejected as rejected:
        if session.asker.form != "free":
            raise
        session.ask(
            "listing_pattern",
            NamePattern,
            oracles=[explained],
            command=command,
            listing=shown,
            wrong=str(rejected),
            hint=hint,
        )
    return readings[-1]


def excerpt(text: str) -> str:
    """The first and the last lines of a listing, and of each run of lines that begin alike; all where it is short."""
    lines = [line[:LINE].rstrip() for line in text.strip("\n").split("\n")]
    if sum(len(line) + 1 for line in lines) <= HEAD + TAIL:
        return "\n".join(lines)
    shown: list[str] = []
    for _, run in groupby(lines, _beginning):
        alike = list(run)
        left = len(alike) - FIRST - LAST
        shown += alike if left <= 1 else [*alike[:FIRST], f"... {left} lines left out ...", *alike[-LAST:]]
    if sum(len(line) + 1 for line in shown) <= HEAD + TAIL:
        return "\n".join(shown)
    head, tail = _within(shown, HEAD), _within(shown[::-1], TAIL)[::-1]
    return "\n".join([*head, "... lines left out ...", *tail])


def _beginning(line: str) -> tuple[str, str]:
    """How a line is indented, and its first mark."""
    mark = re.search(r"[^\w\s]", line)
    return line[: len(line) - len(line.lstrip())], mark[0] if mark else ""


def _within(lines: list[str], characters: int) -> list[str]:
    kept = []
    for line in lines:
        characters -= len(line) + 1
        if characters < 0:
            break
        kept.append(line)
    return kept

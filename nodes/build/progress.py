"""Reads how far a build is: the model says what its lines mean, until a pattern can."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from nodes.build.answers import BuildProgress
from nodes.session import Session
from tools.progress import Reading, explains, pattern_of, read
from tools.quotations import stands_in

SLOWER, SELDOM_S = 1.5, 60.0
"""Where the lines tell no progress, each reading comes this much later than the one before, up to so many seconds."""
DEFIED = 20
"""Lines in a row that a pattern does not read, after which the model is asked again."""


class Reader:
    """Reads the lines of a build for its watcher, see `nodes.watch`.

    Two readings of the same shape make a pattern, kept in the recipe, by which progress costs no call until no line of
    the newest fits it.
    """

    def __init__(self, session: Session):
        self._session = session
        progress = session.settings.progress
        self._every = progress.seconds_embedded if session.asker.form == "small" else progress.seconds_remote
        self._before: Reading | None = None
        self._pattern: str | None = session.recipe.get("progress")
        self._unread = DEFIED
        self._new = 0

    def line(self, text: str) -> Reading | None:
        """Take one line of output; what it says, where the pattern reads it."""
        self._new += 1
        found = read(self._pattern, text) if self._pattern else None
        self._unread = 0 if found else self._unread + 1
        return found

    @property
    def every(self) -> float:
        """Seconds between two readings."""
        return self._every

    def due(self, since: float, least: float) -> bool:
        """Whether something new was printed that no pattern reads, and enough seconds have passed."""
        return bool(self._new and since >= max(self._every, least) and self._unread >= DEFIED)

    def ask(self, lines: str, facts: str, *, beside: bool) -> BuildProgress:
        """Let the model read the newest lines; ``beside`` where the build is busy.

        Raises:
            ModelError: if no answer was accepted, or none came.
        """
        self._new = 0
        return self._session.ask(
            "build_progress", BuildProgress, oracles=[_rests_on(lines)], beside=beside, lines=lines, facts=facts
        )

    def take(self, answer: BuildProgress, lines: str, printed: Sequence[str]) -> Reading:
        """Keep what the model read, and learn from it."""
        line = next((text for text in reversed(lines.splitlines()) if stands_in(answer.words, text)), "")
        reading = Reading(line, answer.doing, answer.words.strip(), answer.done, answer.total)
        share = "" if reading.percent is None else f" ({reading.percent} %)"
        self._session.run.record("build.progress", f"{answer.doing}{share}", **answer.model_dump())
        if line and reading.done is not None:
            self._learn(reading, printed)
        if not self._pattern:
            self._every = min(self._every * SLOWER, SELDOM_S)
        return reading

    def _learn(self, reading: Reading, printed: Sequence[str]) -> None:
        """Make a pattern of two readings of the same shape, if it explains what was printed so far."""
        before, self._before = self._before, reading
        if before is None or before.line == reading.line:
            return
        pattern = pattern_of([before, reading])
        if pattern and explains(pattern, printed):
            self._pattern, self._unread = pattern, 0
            self._session.recipe.put("progress", pattern, "two readings of the model, and every like line so far")


def _rests_on(lines: str) -> Callable[[BuildProgress], str | None]:
    """The oracle of a reading: its words, numbers and copied lines stand in the lines."""

    def oracle(answer: BuildProgress) -> str | None:
        for words in (answer.words, *answer.warnings, *answer.errors):
            if words and not stands_in(words, lines):
                return f"The words {words!r} do not stand in the lines."
        for number in (answer.done, answer.total):
            if number not in (None, 100) and not re.search(rf"(?<!\d){number}(?!\d)", lines):
                return f"The number {number} does not stand in the lines."
        if answer.done is not None and answer.total is not None and answer.done > answer.total:
            return "More is done than there is."
        return None

    return oracle

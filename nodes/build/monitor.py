"""Reads a running command with the model, on a thread of its own that never holds the command back."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any

from models.errors import ModelError, Rejected
from nodes.build.answers import BuildProgress
from nodes.session import Session
from tools.excerpts import stands_in, telling
from tools.movement import Movement
from tools.progress import Reading, explains, pattern_of, read, shape

TICK_S = 1.0
SOON_S = 2.0
"""The least time between two readings, however significant what is printed."""
SLOWER, SELDOM_S = 1.5, 60.0
"""Where the lines tell no progress, each reading comes this much later than the one before, up to so many seconds."""
NEWEST, KEPT = 6, 4000
"""Lines that the model is shown, and lines that a pattern is tried on."""
DEFIED = 20
"""Lines in a row that a pattern does not read, after which the model is asked again."""
REPEATS = 5
"""How often the same line of failure has to stand there, numbers aside, before it counts as going on for ever."""


class Monitor:
    """Shows output as it comes; the model says what it means, until a pattern can.

    Every few seconds, or when a line tells of a failure, the model reads the newest lines. Two readings of the same
    shape make a pattern, kept in the recipe, by which progress costs no call until no line of the newest fits it.

    Args:
        session: the run.
        phase: what the person is told that is going on.
        watching: False where a verified recipe is replayed, which costs no call.
    """

    def __init__(self, session: Session, *, phase: str = "build", watching: bool):
        progress = session.settings.progress
        self._session = session
        self._phase = phase
        self._embedded = session.asker.form == "small"
        self._every = progress.seconds_embedded if self._embedded else progress.seconds_remote
        self._still_s = progress.still_s
        self._fails = telling(session.settings.excerpt.failure_words)
        self._warns = re.compile("|".join(map(re.escape, progress.warning_words)), re.IGNORECASE)
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._failures: Counter[str] = Counter()
        self._before: Reading | None = None
        self._pattern: str | None = session.recipe.get("progress")
        self._new = self._significant = 0
        self._unread = DEFIED
        self._shown = 0.0
        self.warnings = 0
        self.movement = Movement()
        self.stop: str | None = None
        """Why the command is to be stopped, once an oracle agreed."""
        self._ended = threading.Event()
        # In the node's context, by which LangGraph knows where what is shown goes to.
        watch = partial(copy_context().run, self._watch)
        self._thread = threading.Thread(target=watch, daemon=True) if watching else None

    def line(self, _stream: str, text: str) -> None:
        """Take one line of output."""
        if not text.strip():
            return
        text = text.rstrip()[:300]
        self.movement.line()
        self._lines.append(text)
        self._new += 1
        if self._warns.search(text):
            self.warnings += 1
        if self._fails(text):
            self._significant += 1
            self._failures[shape(text)] += 1
        found = read(self._pattern, text) if self._pattern else None
        self._unread = 0 if found else self._unread + 1
        if time.monotonic() - self._shown > 0.2:
            self._shown = time.monotonic()
            self._session.show(text, kind="output")
            if found:
                self._show(found.doing, found.percent)

    def watching(self) -> dict[str, Any]:
        """What `Session.command` is given."""
        return {"on_line": self.line, "on_start": self.movement.started, "stop_if": lambda: self.stop}

    def __enter__(self) -> Monitor:
        """Begin to read."""
        self._session.show("", kind="progress", phase=self._phase, percent=None, warnings=0, ended=False)
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End with the command; a question that is under way is not waited for."""
        self._ended.set()
        self._session.show("", kind="progress", phase=self._phase, percent=None, warnings=self.warnings, ended=True)

    def _show(self, doing: str, percent: int | None) -> None:
        self._session.show(
            doing, kind="progress", phase=self._phase, percent=percent, warnings=self.warnings, ended=False
        )

    def _watch(self) -> None:
        asked = time.monotonic()
        patience = self._still_s
        while not self._ended.wait(TICK_S):
            self.movement.sample()
            still = self.movement.still_s >= patience
            if still:
                patience = 2 * self.movement.still_s  # asked again once it has been still for twice as long
            elif self.movement.still_s < self._still_s:
                patience = self._still_s
            if not still and not self._due(time.monotonic() - asked):
                continue
            self._new = self._significant = 0
            if not self._ask(still):
                return
            asked = time.monotonic()

    def _due(self, since: float) -> bool:
        """Whether the model is asked now: something new was printed that no pattern reads, or tells of a failure."""
        every = max(self._every, self._least())
        if self._significant and since >= min(every, max(SOON_S, self._least())):
            return True
        return bool(self._new and since >= every and self._unread >= DEFIED)

    def _least(self) -> float:
        """Seconds between two readings so that a model on these cores takes no more than its share of them."""
        if not self._embedded:
            return 0.0
        totals = self._session.asker.transcript.totals()
        return totals.seconds / totals.calls / self._session.settings.progress.share if totals.calls else self._every

    def _ask(self, still: bool) -> bool:
        """Let the model read; False where it cannot be asked any more."""
        lines = "\n".join(islice(reversed(self._lines), NEWEST))
        lines = "\n".join(reversed(lines.splitlines()))
        facts = []
        if still:
            facts.append(f"For {self.movement.still_s:.0f} s it printed nothing and used no processor time.")
        shapes, count = next(iter(self._failures.most_common(1)), ("", 0))
        facts.append(f"The same failure was printed {count} times: {shapes}" if count >= REPEATS else "")
        facts.append("" if self._failures else "No error line was printed.")
        try:
            answer = self._session.ask(
                "build_progress",
                BuildProgress,
                oracles=[_rests_on(lines)],
                lines=lines,
                facts=" ".join(filter(None, facts)),
            )
        except Rejected:
            return True  # a reading that does not stand is none; the next may
        except (ModelError, KeyboardInterrupt):
            return False  # the command goes on without a reader; the journal has the reason
        if self._ended.is_set():
            return False  # what it says is of a command that is over
        self._take(answer, lines)
        if not self._pattern:
            self._every = min(self._every * SLOWER, SELDOM_S)
        return True

    def _take(self, answer: BuildProgress, lines: str) -> None:
        line = next((text for text in reversed(lines.splitlines()) if stands_in(answer.words, text)), "")
        reading = Reading(line, answer.doing, answer.words.strip(), answer.done, answer.total)
        share = "" if reading.percent is None else f" ({reading.percent} %)"
        self._session.run.record("build.progress", f"{answer.doing}{share}", **answer.model_dump())
        self._show(answer.doing, reading.percent)
        if line and reading.done is not None:
            self._learn(reading)
        if answer.go_on == "abort":
            self.stop = self._gone_wrong()
            told = self.stop or "nothing confirms it: it still moves, and no failure repeats"
            self._session.say(f"  the model would stop it; {told}", step="build.progress")

    def _learn(self, reading: Reading) -> None:
        """Make a pattern of two readings of the same shape, if it explains what was printed so far."""
        before, self._before = self._before, reading
        if before is None or before.line == reading.line:
            return
        pattern = pattern_of([before, reading])
        if pattern and explains(pattern, list(self._lines)):
            self._pattern, self._unread = pattern, 0
            self._session.recipe.put("progress", pattern, "two readings of the model, and every like line so far")

    def _gone_wrong(self) -> str | None:
        """The oracle of an abort: it no longer moves, or the same failure is printed again and again."""
        self.movement.sample()
        if self.movement.still_s >= self._still_s:
            return (
                f"it no longer moved: no output, no processor time and no input or output "
                f"for {self.movement.still_s:.0f} s"
            )
        shapes, count = next(iter(self._failures.most_common(1)), ("", 0))
        return f"it printed the same failure {count} times: {shapes}" if count >= REPEATS else None


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

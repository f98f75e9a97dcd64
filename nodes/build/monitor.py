"""Reads a running build with the model, on a thread of its own that never holds the build back."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType

from models.errors import ModelError
from nodes.build.answers import BuildProgress
from nodes.session import Session
from tools.excerpts import stands_in


class Monitor:
    """Shows output as it comes; every few seconds the model says what it means.

    Args:
        session: the run.
        watching: False where a verified recipe is replayed, which costs no call.
    """

    def __init__(self, session: Session, *, watching: bool):
        progress = session.settings.progress
        embedded = session.asker.form == "small"
        self._every = progress.seconds_embedded if embedded else progress.seconds_remote
        self._session = session
        self._newest: deque[str] = deque(maxlen=6)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True) if watching else None
        self._shown = 0.0

    def line(self, _stream: str, text: str) -> None:
        """Take one line of output."""
        if text.strip():
            self._newest.append(text.rstrip()[:300])
        if time.monotonic() - self._shown > 0.2:
            self._shown = time.monotonic()
            self._session.show(text.rstrip(), kind="output")

    def __enter__(self) -> Monitor:
        """Begin to read."""
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End with the build; a question that is under way is not waited for."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(self._every):
            lines = "\n".join(self._newest)
            if not lines:
                continue
            try:
                progress = self._session.ask(
                    "build_progress",
                    BuildProgress,
                    oracles=[_rests_on(lines)],
                    lines=lines,
                )
            except (ModelError, KeyboardInterrupt):
                return  # the build goes on without a reader; the journal has the reason
            share = (
                f" ({100 * progress.done // progress.total} %)" if progress.done is not None and progress.total else ""
            )
            self._session.run.record("build.progress", f"{progress.doing}{share}")


def _rests_on(lines: str) -> Callable[[BuildProgress], str | None]:
    """The oracle of a reading: its words and numbers stand in the lines."""

    def oracle(answer: BuildProgress) -> str | None:
        if answer.words and not stands_in(answer.words, lines):
            return f"The words {answer.words!r} do not stand in the lines."
        for number in (answer.done, answer.total):
            if number not in (None, 100) and str(number) not in lines:
                return f"The number {number} does not stand in the lines."
        if answer.done is not None and answer.total is not None and answer.done > answer.total:
            return "More is done than there is."
        return None

    return oracle

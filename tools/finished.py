"""How a command ended."""

from __future__ import annotations

import signal as signals
from pathlib import Path
from typing import NamedTuple

FATAL = frozenset(
    getattr(signals, f"SIG{name}")
    for name in ("ABRT", "BUS", "FPE", "ILL", "INT", "KILL", "PIPE", "SEGV", "SYS", "TERM", "XCPU", "XFSZ")
)
"""Signals that a status of 128 + signal is taken to mean; programs also end with such a status by choice."""


LIMITS: dict[int, str] = {signals.SIGXFSZ: "limits.file_gib", signals.SIGXCPU: "limits.cpu_s"}
"""The setting whose limit a signal tells of."""


class Finished(NamedTuple):
    """How a command ended. A command that failed, or never began, is data and not an exception."""

    argv: tuple[str, ...]
    cwd: Path
    exit_status: int | None
    """None where a signal ended it or it never began."""
    signal: int | None
    """The signal that ended the process itself; see ``killed_by`` for what ran inside a shell or sandbox."""
    timed_out: bool
    stopped: str | None
    """Why we stopped it or could not start it, as the end of a sentence."""
    seconds: float
    log: Path
    """Both streams, as they came."""
    stdout: Path | None = None
    """Standard output alone, where it was asked for."""

    @property
    def ok(self) -> bool:
        """Whether it ran to its end and reported success."""
        return self.exit_status == 0 and self.stopped is None

    @property
    def started(self) -> bool:
        """Whether it ran at all."""
        return self.exit_status is not None or self.signal is not None

    @property
    def killed_by(self) -> int | None:
        """The signal that ended it, also where a shell or sandbox reports it as exit status 128 + signal."""
        if self.signal is not None or self.exit_status is None:
            return self.signal
        number = self.exit_status - 128
        return number if number in FATAL else None

    @property
    def in_words(self) -> str:
        """One sentence for a person or a model."""
        after = f"after {self.seconds:.1f} s"
        if not self.started:
            return f"It could not be started: {self.stopped}."
        if self.stopped:
            return f"It was stopped {after}, because {self.stopped}."
        if self.signal is not None:
            return f"It was killed by signal {self.signal} ({_signal_name(self.signal)}) {after}{_limit(self.signal)}."
        words = f"It ended with exit status {self.exit_status} {after}"
        if number := self.killed_by:
            killed = f"killed by signal {number} ({_signal_name(number)}){_limit(number)}"
            return f"{words}, as a command does that is {killed}."
        return f"{words}."


def _limit(number: int) -> str:
    name = LIMITS.get(number)
    return f": it went beyond a limit ({name} in the settings, if not one of the machine)" if name else ""


def _signal_name(number: int) -> str:
    try:
        return signals.Signals(number).name
    except ValueError:
        return "no standard signal"

"""What came of a case, held against its truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from benchmarks.runtime_faults.case import Case
from benchmarks.runtime_faults.check import wrong

Claim = Literal["done", "escalated", "none"]
"""What the agent says; none where it ended otherwise, such as by a limit."""
Outcome = Literal[
    "healthy",
    "recovered",
    "escalated rightly",
    "escalated wrongly",
    "given up",
    "false alarm",
    "false claim",
    "no end",
    "skipped",
]


class Trial(NamedTuple):
    """How an agent ended a case."""

    claim: Claim
    printed: str = ""
    """The results that it gave, one a line."""
    diagnosis: Mapping[str, Any] | None = None
    """``category``, ``cause``, ``fault`` and ``severity``."""
    alarms: list[str] = []  # noqa: RUF012 - a named tuple's default, which nobody changes
    """What it did or offered to do about a job that went on."""
    attempts: int = 0
    """Things that it changed or tried before doing the same again."""
    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0
    left: list[str] = []  # noqa: RUF012
    """Processes that it left behind."""
    note: str = ""
    """What a person should know, such as an exit code."""


class Result(NamedTuple):
    """One line of the table."""

    case: Case
    trial: Trial
    skipped: str = ""

    @property
    def wrong(self) -> str | None:
        """Why its results are not right, or None where they are."""
        return wrong(self.case, self.trial.printed)

    @property
    def outcome(self) -> Outcome:
        """How the claim stands to the truth."""
        claim = self.trial.claim
        if self.skipped:
            return "skipped"
        if claim == "none":
            return "no end"
        if claim == "done" and self.wrong:
            return "false claim"
        if self.case.kind == "healthy":
            return "false alarm" if claim == "escalated" or self.disturbed else "healthy"
        if claim == "done":
            return "recovered"
        if self.case.kind == "recoverable":
            return "given up"
        return "escalated rightly" if self.diagnosed else "escalated wrongly"

    @property
    def disturbed(self) -> bool:
        """Whether the agent took anything for a fault."""
        return bool(self.trial.diagnosis or self.trial.alarms or self.trial.attempts)

    @property
    def detected(self) -> bool:
        """Whether a fault was noticed."""
        return self.case.kind != "healthy" and (self.disturbed or self.trial.claim == "escalated")

    @property
    def diagnosed(self) -> bool:
        """Whether the category of a fault is right."""
        return bool(self.trial.diagnosis) and self._said("category") in self.case.category

    @property
    def blamed(self) -> bool:
        """Whether it is also said rightly whose fault it is."""
        return self.diagnosed and self._said("fault") in self.case.blame

    def _said(self, part: str) -> str:
        return str((self.trial.diagnosis or {}).get(part, ""))

    def as_json(self) -> dict[str, object]:
        """The result as plain JSON."""
        told: dict[str, object] = {"case": self.case.name, "kind": self.case.kind, "outcome": self.outcome}
        trial = {name: value for name, value in self.trial._asdict().items() if name != "printed"}
        truth = {"category": self.case.category, "fault": self.case.blame}
        return {**told, "truth": truth, "wrong": self.wrong, "skipped": self.skipped, **trial}

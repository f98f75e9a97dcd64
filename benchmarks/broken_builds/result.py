"""What came of a case, and what it cost."""

from __future__ import annotations

from typing import Literal, NamedTuple

from benchmarks.broken_builds.case import Case

Claim = Literal["built", "cannot", "none"]
"""What the agent says; none where it ended otherwise, such as by a limit."""
Outcome = Literal["verified", "escalated rightly", "escalated wrongly", "false claim", "no end", "skipped"]
OUTCOMES: tuple[Outcome, ...] = (
    "verified",
    "escalated rightly",
    "escalated wrongly",
    "false claim",
    "no end",
    "skipped",
)


class Trial(NamedTuple):
    """How an agent ended a case."""

    claim: Claim
    diagnosis: str = ""
    """Its last words on what is wrong."""
    attempts: int = 0
    """Things that it changed or tried before doing the same again."""
    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0
    note: str = ""
    """What a person should know, such as an exit code."""


class Result(NamedTuple):
    """One line of the table."""

    agent: str
    case: Case
    trial: Trial
    works: bool
    """What ``check`` says."""
    skipped: str = ""

    @property
    def outcome(self) -> Outcome:
        """How the claim stands to the truth."""
        if self.skipped:
            return "skipped"
        if self.trial.claim == "built":
            return "verified" if self.works else "false claim"
        if self.trial.claim == "none":
            return "no end"
        right = self.case.kind == "hopeless" and self.case.is_right(self.trial.diagnosis)
        return "escalated rightly" if right else "escalated wrongly"

    @property
    def needless(self) -> bool:
        """Whether a sound project was recovered."""
        return self.case.kind == "sound" and not self.skipped and self.trial.attempts > 0

    @property
    def diagnosed(self) -> bool:
        """Whether the agent said what is wrong, of a project with which something is wrong."""
        return self.case.kind != "sound" and bool(self.trial.diagnosis)

    def as_json(self) -> dict[str, object]:
        """The result as plain JSON."""
        told = {"agent": self.agent, "case": self.case.name, "kind": self.case.kind, "outcome": self.outcome}
        return {
            **told,
            "diagnosis_right": self.case.is_right(self.trial.diagnosis) if self.diagnosed else None,
            "check_passes": self.works,
            "skipped": self.skipped,
            **self.trial._asdict(),
        }

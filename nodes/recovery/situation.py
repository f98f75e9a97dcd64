"""What the questions of one recovery have in common."""

from __future__ import annotations

from typing import Any, NamedTuple

from graph.state import Attempt, Failure
from nodes.recovery.candidates import told
from nodes.recovery.facts import facts
from nodes.session import Session


class Situation(NamedTuple):
    """A failure that was diagnosed, and what was done about it so far."""

    session: Session
    failure: Failure
    diagnosis: dict[str, Any]
    attempts: list[Attempt]
    hint: str | None
    """What the person said last."""

    @property
    def mine(self) -> list[dict[str, Any]]:
        """The actions that were tried on this step."""
        return [attempt["action"] for attempt in self.attempts if attempt["step"] == self.failure["step"]]

    @property
    def history(self) -> str:
        """The attempts on this step with what came of them; for a model that can write, with what failed then."""
        return told(self.attempts, self.failure["step"], whole=self.session.asker.form == "free")

    @property
    def cause(self) -> str:
        """One decisive sentence: what the system itself said, or what the model took for the cause."""
        return facts(self.session, self.failure) or str(self.diagnosis["cause"])

    @property
    def commands_tried(self) -> set[str]:
        """Command lines that were run or used on this step."""
        keys = ("command", "old", "new")
        tried = {str(action[key]) for action in self.mine for key in keys if action.get(key)}
        return {*tried, self.failure["command"] or ""}

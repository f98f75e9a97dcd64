"""The budget of model calls, tokens and time of one run."""

from __future__ import annotations

import time

from configs.settings import Budget as Limits
from models.errors import BudgetSpent
from models.transcript import Transcript


class Budget:
    """Holds a run to the calls, tokens and seconds that its settings allow.

    Args:
        limits: the ``budget`` section of the settings.
        transcript: where the run's calls are counted, those before a resume included.
        started: when the run began, in seconds since the epoch.
    """

    def __init__(self, limits: Limits, transcript: Transcript, started: float):
        self.limits = limits
        self.transcript = transcript
        self.started = started

    @property
    def seconds_left(self) -> float:
        """Wall time that is left, below zero when it is overdrawn."""
        return self.started + self.limits.seconds - time.time()

    def check(self) -> None:
        """Say whether another call may be made.

        Raises:
            BudgetSpent: if the calls, the tokens or the seconds are used up.
        """
        spent = self.transcript.totals()
        if spent.calls >= self.limits.calls:
            raise BudgetSpent("calls", self.limits.calls)
        if spent.input_tokens + spent.output_tokens >= self.limits.tokens:
            raise BudgetSpent("tokens", self.limits.tokens)
        if self.seconds_left <= 0:
            raise BudgetSpent("seconds", self.limits.seconds)

from __future__ import annotations

import time
from pathlib import Path

import pytest

from configs.settings import Budget as Limits
from models.budget import Budget
from models.errors import BudgetSpent
from models.transcript import Transcript


@pytest.fixture
def transcript(tmp_path: Path) -> Transcript:
    return Transcript(tmp_path)


def limits(calls: int = 2, tokens: int = 100, seconds: float = 1000) -> Limits:
    return Limits(attempts=1, calls=calls, tokens=tokens, seconds=seconds)


def test_nothing_spent_is_within_any_budget(transcript: Transcript) -> None:
    Budget(limits(calls=1, tokens=1), transcript, time.time()).check()


def test_calls_and_tokens_are_counted_from_the_transcript(transcript: Transcript) -> None:
    budget = Budget(limits(), transcript, time.time())
    transcript.append({"input_tokens": 50, "output_tokens": 49})
    budget.check()
    transcript.append({"input_tokens": 0, "output_tokens": 0})
    with pytest.raises(BudgetSpent, match=r"2 calls.*budget\.calls") as caught:
        budget.check()
    assert (caught.value.what, caught.value.limit) == ("calls", 2)
    with pytest.raises(BudgetSpent, match="99 tokens"):
        Budget(limits(calls=9, tokens=99), transcript, time.time()).check()


def test_seconds_count_from_when_the_run_began(transcript: Transcript) -> None:
    Budget(limits(), transcript, time.time() - 900).check()
    with pytest.raises(BudgetSpent, match="1000 seconds"):
        Budget(limits(), transcript, time.time() - 1001).check()

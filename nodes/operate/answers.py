"""What operation asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

Look = Literal["program", "answer", "circuit"]
Expected = Literal["00 and 11 half each", "all four a quarter each", "00 only"]


class HealthPlan(BaseModel):
    """Which checks tell that a backend is healthy, and what they have to give."""

    checks: list[Look] = Field(
        min_length=1,
        max_length=3,
        json_schema_extra={
            "options": {
                "program": "the file is there and can be used",
                "answer": "it starts and answers",
                "circuit": "it runs a small circuit and the counts are right",
            }
        },
    )
    expected: Expected = Field(
        json_schema_extra={
            "options": {
                "00 and 11 half each": "two entangled qubits that always agree",
                "all four a quarter each": "two independent qubits, each in an equal superposition",
                "00 only": "two qubits that nothing was done to",
            }
        }
    )
    """What the small circuit has to give."""


class OwnCheck(BaseModel):
    """A check that a model designs."""

    what: str = Field(pattern=r"^[a-z][a-z0-9 -]*$", max_length=40)
    """What is verified, in a few words that name it."""
    command: str = Field(min_length=2, max_length=400)
    """A line for the shell that takes less than five seconds and writes nothing."""
    expected: str = Field(min_length=2, max_length=200)
    """What stands in its output where the backend is healthy."""
    notices: list[str] = Field(min_length=1, max_length=8)
    """The faults on which it fails, word for word."""


class FreeHealthPlan(HealthPlan):
    """The same, with checks of its own, by a model that can write them."""

    own: list[OwnCheck] = Field(max_length=2)
    """None where the others say everything."""


Means = Literal["part_missing", "part_damaged", "not_permitted", "does_not_start", "wrong_results", "unclear"]


class HealthMeaning(BaseModel):
    """What failed checks mean."""

    quote: str
    """The line that says most."""
    means: Means = Field(
        json_schema_extra={
            "options": {
                "part_missing": "a file, library or module that it needs is not there",
                "part_damaged": "a file is there, but empty, cut off or not what it was",
                "not_permitted": "something may not be executed, read or written",
                "does_not_start": "it ends at once for another reason, or hangs",
                "wrong_results": "it runs, and its counts are wrong",
                "unclear": "none of these",
            }
        }
    )
    cause: str = Field(min_length=8, max_length=200)
    """In one sentence what is wrong, for a person."""
    fix: str
    """What to do first."""


def meaning_among(lines: Sequence[str], fixes: Sequence[str]) -> type[HealthMeaning]:
    """A HealthMeaning whose quotation and fix are among those that there are."""
    literal: Any = Literal
    quote, fix = literal[tuple(lines)], literal[tuple(fixes)]
    return create_model("HealthMeaning", __base__=HealthMeaning, quote=(quote, ...), fix=(fix, ...))


class ReportSummary(BaseModel):
    """What a person reads first of a failure."""

    what: str = Field(min_length=10, max_length=200)
    """What went wrong, in one sentence."""
    why: str = Field(min_length=10, max_length=240)
    """Why, in one sentence."""
    effect: str = Field(min_length=10, max_length=200)
    """What it means for the backend, in one sentence."""
    analysis: str = Field(min_length=20, max_length=480)
    """How one thing led to the other, in two or three sentences."""


class Annotation(BaseModel):
    """What one line of a log means."""

    line: int = Field(ge=1)
    says: str = Field(min_length=5, max_length=160)


class Annotations(BaseModel):
    """What the telling lines of an excerpt mean."""

    notes: list[Annotation] = Field(min_length=1, max_length=3)


class NextSteps(BaseModel):
    """What the person can do, in order."""

    steps: list[str] = Field(min_length=1, max_length=4)


class NoiseLines(BaseModel):
    """Which shapes of lines have nothing to do with a failure."""

    noise: list[int] = Field(max_length=8)
    """Their numbers."""

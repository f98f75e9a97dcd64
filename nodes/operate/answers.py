"""What operation asks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

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

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

"""What is asked about a backend's speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

Metric = Literal["wall", "cpu", "memory", "accuracy"]
METRICS = {
    "wall": "how long a run takes",
    "cpu": "the processor time of a run",
    "memory": "the most memory that a run has",
    "accuracy": "how well the outcomes fit the circuit, also where there are many qubits",
}
ACCEPTABLE = {"as fast": 1.0, "ten times slower": 10.0, "a hundred times slower": 100.0}
"""What a benchmark may call acceptable -> how many times the reference's time that is at most."""


def plan_among(largest: Sequence[str], layers: Sequence[str], growths: Mapping[str, str]) -> type[BaseModel]:
    """A benchmark's plan: its largest circuit and depth out of what is possible, the growth out of named ones."""
    literal: Any = Literal
    described: Any = {"options": METRICS}
    named: Any = {"options": dict(growths)}
    return create_model(
        "BenchmarkPlan",
        largest=literal[tuple(largest)],
        layers=literal[tuple(layers)],
        metrics=(list[Metric], Field(min_length=1, max_length=len(METRICS), json_schema_extra=described)),
        growth=(literal[tuple(growths)], Field(json_schema_extra=named)),
        acceptable=literal[tuple(ACCEPTABLE)],
        why=(str, Field(min_length=5, max_length=240)),
    )


def explained_among(growths: Mapping[str, str]) -> type[BaseModel]:
    """What a measured growth means: its name out of named ones, and at most two sentences."""
    literal: Any = Literal
    named: Any = {"options": dict(growths)}
    return create_model(
        "GrowthExplained",
        growth=(literal[tuple(growths)], Field(json_schema_extra=named)),
        sentences=(str, Field(min_length=10, max_length=320)),
    )


class ReportedTime(BaseModel):
    """The time that a simulator says its simulation took."""

    unit: Literal["seconds", "milliseconds", "microseconds", "nanoseconds", "none"]
    number: str = Field(pattern=r"^([0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?)?$")
    """Copied; empty where there is none."""

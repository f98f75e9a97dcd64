"""What verification asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model


class TestResults(BaseModel):
    """What a test run says of itself."""

    __test__ = False

    passed: int = Field(ge=0)
    failed: int = Field(ge=0)
    skipped: int = Field(ge=0)
    failed_names: list[str] = Field(max_length=20)
    """Copied from the output."""


class ListCommands(BaseModel):
    """Commands that list the tests without running them."""

    commands: list[str] = Field(max_length=2)
    """The best first; empty where nothing lists them."""


class CopiedNames(BaseModel):
    """What shows how a listing is read."""

    first: str = Field(min_length=1, max_length=300)
    """The name of the first test."""
    another: str = Field(min_length=1, max_length=300)
    """That of one in between, or of the first again."""
    last: str = Field(min_length=1, max_length=300)
    stated: str = Field(max_length=120)
    """The words that say how many there are, or none."""


class NamePattern(CopiedNames):
    """The same, with a pattern of the model's own."""

    pattern: str = Field(min_length=3, max_length=300)


class Dependency(BaseModel):
    """A test that has to run after another."""

    test: str
    after: str


class Sorting(BaseModel):
    """What the names of tests tell."""

    smoke: list[str] = Field(max_length=5)
    """Names of quick tests to begin with."""
    integration: list[str] = Field(max_length=5)
    """Words in the names of tests of several parts together."""
    performance: list[str] = Field(max_length=5)
    """Words in the names of tests of speed."""
    dependencies: list[Dependency] = Field(max_length=5)
    command: str = Field(max_length=300)
    """What runs the first smoke test alone, or none."""


MOST_FILES = 20
"""Files that an answer may name; one that names so many may have left out others of their kind."""


class TestFiles(BaseModel):
    """Files that are tests."""

    __test__ = False

    files: list[str] = Field(max_length=MOST_FILES)
    command: str = Field(max_length=300)
    """What runs the first of them, or none."""


def test_files_of(files: Sequence[str]) -> type[TestFiles]:
    """A TestFiles whose files are some of the files."""
    literal: Any = Literal
    name: Any = literal[tuple(files)]
    listed: Any = list[name]
    return create_model("TestFiles", __base__=TestFiles, files=(listed, Field(max_length=MOST_FILES)))


class Metric(BaseModel):
    """A measured number that an output states."""

    name: str
    number: str


class TestOutcome(BaseModel):
    """What the run of one test says."""

    __test__ = False

    result: Literal["passed", "failed", "skipped"] = Field(
        json_schema_extra={
            "options": {
                "passed": "it did what it should",
                "failed": "it did not, or it broke off",
                "skipped": "it says that it did not test here",
            }
        }
    )
    reason: str = Field(max_length=300)
    """The line that says why, word for word; empty where it passed."""
    cause: Literal["always", "chance"] = Field(
        json_schema_extra={
            "options": {
                "always": "the same would happen again",
                "chance": "it rests on chance, time, load or a connection, so that another run may pass",
            }
        }
    )
    metrics: list[Metric] = Field(max_length=4)


class Expectation(BaseModel):
    """What a circuit is expected to give."""

    outcomes: Literal["00 and 11", "01 and 10", "00, 01, 10 and 11", "00"] = Field(
        json_schema_extra={
            "options": {
                "00 and 11": "half of the shots each",
                "01 and 10": "half of the shots each",
                "00, 01, 10 and 11": "a quarter of the shots each",
                "00": "all shots",
            }
        }
    )


class BitOrder(BaseModel):
    """What a sentence says of qubit 0 in a bit string."""

    place: Literal["first", "last", "elsewhere"] = Field(
        json_schema_extra={
            "options": {
                "first": "qubit 0 is the first character: the leftmost, the most significant bit, big-endian",
                "last": "qubit 0 is the last character: the rightmost, the least significant bit, little-endian",
                "elsewhere": "it does not say where qubit 0 stands in a bit string",
            }
        }
    )


class Way(BaseModel):
    """How the backend is driven."""

    way: str
    """One of the candidates, word for word."""


class CircuitFile(BaseModel):
    """A circuit in the backend's own format."""

    lines: list[str] = Field(min_length=2, max_length=40)


class SourceProgram(BaseModel):
    """A program that runs one circuit through a library, and how it is built and run."""

    suffix: str = Field(pattern=r"^\.\w{1,8}$")
    lines: list[str] = Field(min_length=3, max_length=120)
    command: str = Field(min_length=2, max_length=600)


class RunCommand(BaseModel):
    """The command that runs a circuit file."""

    command: str = Field(min_length=2, max_length=300)


class Outcome(BaseModel):
    """One outcome that an output names."""

    bits: str = Field(pattern="^[01]+$")
    number: str = Field(pattern=r"^[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$")


class Outcomes(BaseModel):
    """All outcomes that an output names."""

    outcomes: list[Outcome] = Field(min_length=1, max_length=16)


class Program(BaseModel):
    """A Python program that runs one circuit, in pieces."""

    imports: list[str] = Field(min_length=1, max_length=6)
    circuit: str
    more: list[str] = Field(max_length=4)
    hadamard: str
    controlled_not: str
    result: str


class Line(BaseModel):
    """One line or statement."""

    line: str = Field(min_length=1, max_length=200)


class GateName(BaseModel):
    """How a backend spells a gate."""

    name: str = Field(min_length=1, max_length=40)


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

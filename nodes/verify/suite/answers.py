"""What is asked about a backend's own tests."""

from __future__ import annotations

from collections.abc import Sequence
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

"""Results of tests as JUnit XML, which CI systems read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tools.filesystem import write_atomic

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for (section 2.2)."""
OUTPUT = 4000
"""Characters of a test's output that are kept, of its end."""


@dataclass
class Case:
    """What is known of one test."""

    name: str
    status: Literal["passed", "failed", "skipped", "flaky"]
    reason: str = ""
    """The line that says why, or what contradicts what."""
    runs: list[bool] = field(default_factory=list)
    """Each run and whether it passed, in order."""
    seconds: float | None = None
    """Of its last run alone."""
    output: str = ""
    metrics: dict[str, str] = field(default_factory=dict)
    """Measured numbers that the output states."""

    @property
    def record(self) -> str:
        """How often it passed, in words."""
        return f"{sum(self.runs)} of {len(self.runs)}"


def save(path: Path, suite: str, cases: Sequence[Case], properties: Mapping[str, str]) -> None:
    """Write the results, all or nothing.

    A flaky test is a failure of the type ``flaky`` with its record: it is never passed outright.

    Args:
        path: of the file.
        suite: what the tests are of.
        cases: each test of which something is known.
        properties: further facts, such as the counts that the suite itself told.
    """
    from junitparser import JUnitXml, TestSuite

    collected: Any = TestSuite(_legal(suite))
    for name, value in properties.items():
        collected.add_property(_legal(name), _legal(value))
    for case in cases:
        for name, value in case.metrics.items():
            collected.add_property(_legal(f"{case.name}: {name}"), _legal(value))
        collected.append(_element(case, suite))
    collected.update_statistics()
    xml: Any = JUnitXml()
    xml.append(collected)
    xml.update_statistics()
    write_atomic(path, xml.tostring())


def _element(case: Case, suite: str) -> object:
    from junitparser import Failure, Skipped, TestCase

    element = TestCase(_legal(case.name), classname=_legal(suite), time=case.seconds)
    reason = _legal(case.reason)
    if case.status == "skipped":
        element.result = [Skipped(reason)]
    elif case.status != "passed":
        told = f"flaky, passed {case.record}: {reason}" if case.status == "flaky" else reason
        element.result = [Failure(told, case.status)]
    if case.output:
        element.system_out = _legal(case.output[-OUTPUT:])
    return element


def _legal(text: str) -> str:
    return ILLEGAL.sub("", text)

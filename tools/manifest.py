"""The manifest of a backend's tests: what there is, how each is run and what it needs, as JSON in the run's folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypedDict

from tools.commands import Template
from tools.filesystem import write_atomic

Kind = Literal["unit", "integration", "performance"]


class ListedTest(TypedDict):
    """One test."""

    name: str
    kind: Kind | None
    """None where nothing was sorted."""
    smoke: bool
    """Whether it is one of those that run first."""
    command: str | None
    """What runs it alone, None where nothing is known that does."""
    expected_s: float | None
    """Seconds, as the listing says or an earlier run measured; None where neither does."""
    needs: list[str]
    """Tests that have to run before it."""


class Manifest(TypedDict):
    """All that is known of the tests before they run."""

    listed_by: str
    """The command that lists them, or how else they were found."""
    verified_by: str
    """The oracle that accepted the reading."""
    suite: list[str]
    """Commands that run them all, in order of preference."""
    alone: Template | None
    """What runs one of them."""
    tests: list[ListedTest]


MANIFEST = set(Manifest.__annotations__)
LISTED = set(ListedTest.__annotations__)


def load(path: Path) -> Manifest | None:
    """The manifest, None where there is none that can be read."""
    try:
        found: Manifest = json.loads(path.read_text())
        tests = found["tests"]
        whole = isinstance(tests, list) and all(set(test) >= LISTED for test in tests)
    except (FileNotFoundError, ValueError, RecursionError, LookupError, TypeError):
        return None
    return found if whole and set(found) >= MANIFEST else None


def save(path: Path, manifest: Manifest) -> None:
    """Write it, all or nothing."""
    write_atomic(path, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


def in_order(tests: Sequence[ListedTest]) -> list[ListedTest]:
    """The tests with what each needs before it; smoke tests first, otherwise as they were. A circle is cut."""
    known = {test["name"]: test for test in tests}
    ordered: dict[str, ListedTest] = {}

    def visit(test: ListedTest, waiting: tuple[str, ...]) -> None:
        if test["name"] in ordered or test["name"] in waiting:
            return
        for name in test["needs"]:
            if name in known:
                visit(known[name], (*waiting, test["name"]))
        ordered[test["name"]] = test

    for test in sorted(tests, key=lambda test: not test["smoke"]):
        visit(test, ())
    return list(ordered.values())

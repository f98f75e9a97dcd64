"""Asks what a failed check means and what to do; what may be done is worked out by code."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.ask import Asker
from models.fencing import plain
from nodes.operate.answers import HealthMeaning, meaning_among
from tools.parts import Change, changed_parts, recipe_of
from tools.standing import Finding, health_of

LINES, LINE, FILES, FIXES = 8, 200, 4, 5
BY_HAND = "read what the backend says and mend it by hand"


def fixes(entry: Mapping[str, Any], name: str, changed: Sequence[Change]) -> list[str]:
    """What can be done here, each with all that it needs; the first is the plainest."""
    found: list[str] = []
    workspace = Path(health_of(entry).get("workspace") or "/nonexistent")
    for change in changed:
        if change.what == "not executable":
            found.append(f"chmod +x {shlex.quote(str(change.path))}")
        elif change.what in ("gone", "empty") and not change.path.is_relative_to(workspace):
            found.append(f"install again what {change.path} belongs to")
    if rebuild := rebuilding(entry, name):
        found.append(rebuild)
    return list(dict.fromkeys([*found[-FIXES:], BY_HAND]))


def rebuilding(entry: Mapping[str, Any], name: str) -> str | None:
    """The command that builds it again from its recipe; None where its source or the recipe is not known any more."""
    source = health_of(entry).get("source")
    if not source or not (recipe := recipe_of(entry)) or not recipe.pieces:
        return None
    if source.startswith("/") and not Path(source).exists():
        return None
    return f"rigil up {shlex.quote(source)} --name {name}"


def evidence(finding: Finding, changed: Sequence[Change]) -> list[str]:
    """The lines that tell of the failure, those about files first."""
    said = [f"{o.what}: {line}" for o in finding.outcomes if not o.healthy for line in o.sentence.splitlines()]
    lines = [*(change.sentence for change in changed[:FILES]), *(said or [finding.why])]
    return list(dict.fromkeys(plain(line).strip()[:LINE] for line in lines if line.strip()))[:LINES]


def meaning(asker: Asker, name: str, entry: Mapping[str, Any], finding: Finding) -> dict[str, str]:
    """What a model makes of a finding that is not healthy, as ``means``, ``cause``, ``quote`` and ``fix``.

    Raises:
        Rejected: if no answer was accepted.
        ModelError: if the model cannot be asked.
    """
    changed = changed_parts(entry)
    lines, possible = evidence(finding, changed), fixes(entry, name, changed)

    def observed(answer: HealthMeaning) -> str | None:
        return contradicted(answer, finding, changed)

    answer = asker.ask(
        "health_meaning",
        meaning_among(lines, possible),
        oracles=[observed],
        name=name,
        status=finding.status,
        passed=[outcome.what for outcome in finding.outcomes if outcome.healthy],
        lines=lines,
        fixes=possible,
    )
    return {"means": answer.means, "cause": answer.cause, "quote": answer.quote, "fix": answer.fix}


def contradicted(answer: HealthMeaning, finding: Finding, changed: Sequence[Change]) -> str | None:
    """What was seen that an answer contradicts, as a sentence for the model; None where it contradicts nothing."""
    ran = [o for o in finding.outcomes if o.kind == "circuit" and o.answered and not o.healthy]
    if answer.means == "wrong_results" and not ran:
        return "No circuit ran to counts that differ: it is not wrong_results."
    if answer.means == "part_missing" and changed and not any(change.what == "gone" for change in changed):
        return f"No file that it had is gone; {changed[0].sentence}"
    if answer.fix.startswith("chmod") and answer.means != "not_permitted":
        return f"`{answer.fix}` mends a permission; what you say it means is {answer.means}."
    return None

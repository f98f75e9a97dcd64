"""Asks before a resumed run goes on with less around its commands than it began with."""

from __future__ import annotations

from typing import Any

from tools.permits import needs_person
from tools.runs import Run
from tools.sandbox import Permit, protection

ASKED = "asked_about_protection"
"""The fact of a run that the question was shown and waits."""
YES = ("yes", "y", "yes to all")


def question(run: Run) -> dict[str, Any] | None:
    """What has to be asked; None where commands are protected, where that was allowed, or nothing ran yet."""
    walls = protection()
    before = [line["protection"] for line in run.journal() if line.get("protection")]
    if before[-1:] in ([], [walls.name]) or not needs_person(
        Permit(run.workspace), run.facts["settings"]["approve"], walls
    ):
        return None
    return {
        "kind": "permit",
        "question": f"This run began in {before[-1]}, and now no sandbox protects this machine ({walls.why}): commands "
        "of its source would run with all your rights. Go on?",
        "answers": ["yes", "no"],
    }


def allowed(run: Run, given: str) -> bool:
    """Whether an answer lets the run go on; it is noted, and not asked again while it stays so."""
    walls, yes = protection(), given.strip().lower() in YES
    run.update(**{ASKED: False})
    run.record("person", f"The person says: {given}", **({"protection": walls.name} if yes else {}))
    return yes

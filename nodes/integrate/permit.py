"""Asks the person before what they wrote in their ProximA is changed: an entry of that name, a registry's code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph.state import State
from nodes.asked import YES, asked, settle, settled
from nodes.session import Session, session_of
from nodes.step import NotApproved
from tools.layout import bases_of, layout_of, places
from tools.permits import needs_person
from tools.proxima import ProximaError, home_of
from tools.sandbox import Permit, protection
from tools.theirs import Change, bound, changes

STEP = "integrate.permit"
WANTS = "proxima_wants"
"""The fact of a run that holds what registering found to be open."""


def permit(state: State) -> dict[str, Any]:
    """Find out what registering would change of a person's, and wait for their yes or the level set beforehand."""
    session = session_of(state)
    wants = session.run.facts.get(WANTS)
    try:
        home = home_of(state.get("proxima_home"))
        found = [Change(*change) for change in wants] if wants else _likely(home, session.run.name)
    except ProximaError:  # registration says what is wrong with the home
        found = []
    sha256 = bound(found)
    if found and settled(session, sha256) is None:
        told = "; ".join(change.told.partition("\n")[0].rstrip(":") for change in found)
        yes = not needs_person(Permit(session.shell.workspace, machine=True), session.settings.approve, protection())
        if not yes:
            question = f"May Rigil {'; and '.join(change.told for change in found)}\nA backup is made of each file."
            shown: dict[str, Any] = {"kind": "permit", "question": question, "answers": ["yes", "no"], "sha256": sha256}
            answer, shown = asked(session, STEP, shown)
            yes, sha256 = answer.lower() in YES, shown["sha256"]
        settle(session, sha256, yes=yes)
        session.say(f"  {'to be done' if yes else 'not allowed'}: {told}", step=STEP)
    session.run.update(**{WANTS: None})
    return {"at": None}


def allowed(session: Session, home: Path, registry: dict[str, Any] | None) -> str:
    """The hash of what registering changes of a person's, if they allow it, as it is now; empty if they do not.

    Raises:
        NotApproved: if that was not asked for.
        ProximaError: if the home cannot be understood.
    """
    found = changes(home, session.run.name, registry)
    if not found:
        return ""
    yes = settled(session, bound(found))
    if yes is None:
        session.run.update(**{WANTS: [list(change) for change in found]})
        raise NotApproved("; ".join(change.told for change in found))
    return bound(found) if yes else ""


def _likely(home: Path, name: str) -> list[Change]:
    """What registering will change, where it takes the first of the classes that adapters may derive from."""
    candidates = bases_of(home) if home.is_dir() and not (home / "backends.json").exists() else []
    registry = places(layout_of(home, candidates[0]))["registry"] if candidates else None
    return changes(home, name, registry)

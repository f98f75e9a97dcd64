"""Asks the person once where no sandbox protects them, or where the source itself needs the network."""

from __future__ import annotations

from typing import Any

from graph.state import State
from nodes.asked import YES, asked, settle, settled
from nodes.guards import tell_guards
from nodes.session import Session, session_of
from nodes.step import NotApproved
from tools.fingerprint import fingerprint
from tools.hosts import named_in
from tools.permits import describe, needs_person
from tools.sandbox import Permit, held_to_hosts, protection
from tools.source import CLONE, kind_of, staging_of


def permit(state: State) -> dict[str, Any]:
    """Wait for the person if what comes next may touch more than the workspace."""
    session = session_of(state)
    tell_guards(session, "survey.permit")
    question = _question(session, state["source"])
    if question is None or settled(session, question["sha256"]):
        return {"at": None}
    answer, shown = asked(session, f"survey.permit {state['source']}", question)
    settle(session, shown["sha256"], yes=answer.lower() in YES)
    if answer.lower() not in YES:
        session.say("The person said no.", step="survey.permit")
        return {"stopped": True}
    return {"at": None}


def ensure_allowed(session: Session, source: str) -> None:
    """Look whether a source may be fetched, by what it is and how this machine is protected now.

    Raises:
        NotApproved: if it may not, as long as nobody is asked.
    """
    question = _question(session, source)
    if question and not settled(session, question["sha256"]):
        raise NotApproved(question["question"])


def _question(session: Session, source: str) -> dict[str, Any] | None:
    """What the person is asked, with a hash of all of it; None where the level set beforehand covers it."""
    walls, workspace = protection(), session.shell.workspace
    remote = kind_of(source) == "git"
    if not needs_person(Permit(workspace, network=remote), session.settings.approve, walls):
        return None
    held = "" if held_to_hosts() else ", and what fetches it is not held to that host here"
    asks = [f"The source {source} is fetched over the network{held}. Fetch it?"] if remote else []
    if walls.name == "none":
        asks = [
            *asks,
            f"No sandbox protects this machine ({walls.why}): commands of this source run with all your rights. Go on?",
        ]
    told: dict[str, Any] = {"kind": "permit", "question": " ".join(asks), "answers": ["yes", "no"], "source": source}
    if remote:
        argv = [*CLONE, source, str(staging_of(workspace / "source"))]
        # What is granted while it is fetched does not change what was asked.
        permit = Permit(workspace, network=True, history=True, hosts=named_in(source))
        told |= describe(argv, permit, workspace, session.recipe.get("variables"), new=False)
    else:
        told["folder"] = str(workspace)
    return told | {"sha256": fingerprint(told)}

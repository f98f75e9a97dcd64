"""Asks the person once where no sandbox protects them, or where the source itself needs the network."""

from __future__ import annotations

from typing import Any

from langgraph.types import interrupt

from graph.state import State
from nodes.guards import tell_guards
from nodes.session import session_of
from tools.permits import needs_person
from tools.sandbox import Permit, held_to_hosts, protection
from tools.source import kind_of


def permit(state: State) -> dict[str, Any]:
    """Wait for the person if what comes next may touch more than the workspace."""
    session = session_of(state)
    walls = protection()
    remote = kind_of(state["source"]) == "git"
    wanted = Permit(session.shell.workspace, network=remote)
    tell_guards(session, "survey.permit")
    if not needs_person(wanted, session.settings.approve, walls):
        return {}
    question = (
        f"The source {state['source']} is fetched over the network{_held()}. Fetch it?"
        if walls.name != "none"
        else f"No sandbox protects this machine ({walls.why}): commands of this source run with all your rights. Go on?"
    )
    answer = interrupt({"kind": "permit", "question": question, "answers": ["yes", "no"]})
    if str(answer).strip().lower() not in ("yes", "y", "yes to all"):
        session.say("The person said no.", step="survey.permit")
        return {"stopped": True}
    return {}


def _held() -> str:
    return "" if held_to_hosts() else ", and what fetches it is not held to that host here"

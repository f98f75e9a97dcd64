"""Chooses what to change before the failed step is tried again, among what is really there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph.state import State
from models.errors import BudgetSpent, Rejected
from nodes.recovery import choose, job_remedies, remedies
from nodes.recovery.actions import Action
from nodes.recovery.candidates import RUNS_COMMANDS, candidates, plain, signature
from nodes.recovery.for_jobs import JOB, WHOLE, fitting
from nodes.recovery.situation import Situation
from nodes.session import session_of


def propose(state: State) -> dict[str, Any]:
    """Set ``action``: what to do, complete down to the command; None where nothing could be found."""
    session = session_of(state)
    failure, diagnosis = state["failure"], state["diagnosis"]
    assert failure is not None and diagnosis is not None
    if diagnosis["kind"] == "known":
        return {"action": dict(diagnosis["fix"])}
    attempts = state.get("attempts", [])
    offered = candidates(session, failure, attempts)
    if failure["step"] == JOB:
        offered = fitting(offered, diagnosis["kind"])
    situation = Situation(session, failure, diagnosis, attempts, state.get("hint"))
    action: Action | None
    if evident := plain(session, failure, offered, attempts):
        action = {"risk": "low", "chance": 50, **offered[evident], "text": evident}
    elif session.asker.form == "none":
        action = _in_order(situation, offered)
    else:
        action = None
        # Where no remedy of its own stands, a model that can write still chooses among what is really there.
        free = session.asker.form == "free" and failure["command"] and failure["step"] in (*RUNS_COMMANDS, JOB)
        own = [job_remedies.find] if failure["step"] == JOB else [remedies.find]
        for find in [*own, choose.find] if free else [choose.find]:
            try:
                action = action or find(situation, offered)
            except (Rejected, BudgetSpent) as error:
                session.say(f"  {error}", step="recovery.propose")
    if action is None:
        return {"action": None}
    changes = f"; then {action['changes']}" if action.get("changes") else ""
    session.say(
        f"  proposed: {action['text']} (risk {action['risk']}, chance {action['chance']} %{changes})",
        step="recovery.propose",
    )
    seen = session.excerpt(failure["log"]).failure if failure["log"] else None
    action = {**action, "step": failure["step"], "seen": seen}
    if failure["step"] == JOB:
        action["against"] = signature(session, failure)
    return {"action": action}


def _in_order(situation: Situation, offered: Mapping[str, Action]) -> Action | None:
    """Without a model: the first that is complete as it stands and changes nothing that was asked for."""
    for text, action in offered.items():
        if action["kind"] in WHOLE and not action.get("asks"):
            return {"risk": "low", "chance": 50, **action, "text": text}
    return None

"""Carries out what was proposed and permitted, and notes it as an attempt."""

from __future__ import annotations

from typing import Any

from graph.state import Attempt, State
from nodes.grants import grant_hosts
from nodes.recovery.actions import NEVER, REFUSED, do
from nodes.recovery.approval import holds, hosts_of
from nodes.recovery.candidates import signature
from nodes.session import session_of


def carry_out(state: State) -> dict[str, Any]:
    """Do it, if it is what was approved. What it came to is said by the failed step, which runs again."""
    session = session_of(state)
    failure, action = state["failure"], state["action"]
    assert failure is not None
    if action is None:
        return {"choice": "escalate"}
    if action.get("permit") and not holds(session, failure, action):
        session.say(f"  asked again: {action['text']} is not what was approved", step="recovery.carry_out")
        return {"action": {key: value for key, value in action.items() if key != "permit"}}
    refused = f"{NEVER}: {action['never']}" if action.get("never") else REFUSED
    if action.get("permit"):
        grant_hosts(session, hosts_of(session, failure, action))
    outcome = do(session, action) if action.get("permit") else refused
    attempt = Attempt(
        step=failure["step"],
        failure=failure["what"],
        signature=signature(session, failure),
        action=action,
        outcome=outcome,
    )
    session.say(f"  done: {action['text']}{'; ' + outcome if outcome else ''}", step="recovery.carry_out")
    attempts = [*state.get("attempts", []), attempt]
    if outcome:
        # It was not carried out, or failed itself: the step need not run to know that it still fails.
        return {"attempts": attempts, "choice": "recover"}
    return {"attempts": attempts, "choice": None, "failure": None, "at": failure["step"]}

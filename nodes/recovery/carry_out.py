"""Carries out what was proposed and permitted, and notes it as an attempt."""

from __future__ import annotations

import time
from typing import Any

from graph.state import Attempt, State
from nodes.build.plan import load_plan, save_plan
from nodes.grants import grant_network
from nodes.recovery.candidates import signature
from nodes.session import Session, session_of
from tools.excerpts import tail
from tools.sandbox import Permit

PAUSE_S = 5.0
REFUSED = "not permitted by the person"


def permit_of(session: Session, action: dict[str, Any]) -> Permit:
    """What an action may touch: installing goes to the machine, a stated command to the network, the rest stays."""
    kind = action["kind"]
    return Permit(
        session.shell.workspace,
        network=kind in ("network", "command"),
        machine=kind == "install",
    )


def carry_out(state: State) -> dict[str, Any]:
    """Do it. What it came to is said by the failed step, which runs again."""
    session = session_of(state)
    failure, action = state["failure"], state["action"]
    assert failure is not None
    if action is None:
        return {"choice": "escalate"}
    outcome = "" if action.get("permit") else REFUSED
    if not outcome:
        outcome = _done(session, action)
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


def _done(session: Session, action: dict[str, Any]) -> str:
    """Carry out one action; returns what went wrong, or nothing."""
    kind, step = action["kind"], action["step"]
    if kind == "network":
        grant_network(session, step)
    elif kind == "clean":
        save_plan(session, {**load_plan(session), "strategy": "clean"})
    elif kind == "wait":
        time.sleep(PAUSE_S)
    elif kind == "replace":
        _replace(session, step, action["old"], action["new"])
    else:
        wanted = permit_of(session, action)
        finished = session.command(action["command"], name="recovery", network=wanted.network, machine=wanted.machine)
        if not finished.ok:
            return f"it failed: {finished.in_words} {tail(finished.log, 3)[-300:]}"
    return ""


def _replace(session: Session, step: str, old: str, new: str) -> None:
    if step == "build.compile":
        plan = load_plan(session)
        for part in ("configure", "build"):
            plan[part] = [new if command == old else command for command in plan[part]]
        save_plan(session, plan)
    else:
        survey = session.recipe.get("survey")
        survey["commands"]["test"] = [new if line == old else line for line in survey["commands"]["test"]]
        if new not in survey["commands"]["test"]:
            survey["commands"]["test"].insert(0, new)
        session.recipe.put("survey", survey, "with a command changed by recovery")

"""The one shape of a node: what it does is a plain function, how it fails is the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from graph.state import Attempt, Failure, State, ended
from models.errors import BudgetSpent, Rejected
from nodes.recovery.facts import beside_http
from nodes.session import Session, StepFailed, session_at
from tools.machine import machine

Node = Callable[[State], dict[str, Any]]
Work = Callable[[Session, State], str]
"""Does a step and returns the sentence of the oracle that settled it; raises `StepFailed` otherwise."""


class NotApproved(Exception):
    """What a step is about to do was not asked for as it is now: its phase goes back to where the person is asked."""


def step(phase: str) -> Callable[[Work], Node]:
    """Make a node ``phase.name`` of a function that returns how its result was verified.

    A step that fails, or whose question found no acceptable answer, leaves a `Failure` in the state, from where the
    graph goes to recovery; what was not asked for as it is now sends the graph back to where the person is asked. A
    model that cannot be reached is not a failure of the step: the run stops there.
    """

    def make(work: Work) -> Node:
        name = f"{phase}.{work.__name__}"

        @wraps(work)
        def node(state: State) -> dict[str, Any]:
            session = session_at(state, name)
            try:
                settled = work(session, state)
            except NotApproved as found:
                session.say(f"  to be asked: {found}", step=name)
                return {"failure": None, "at": f"{phase}.permit"}
            except StepFailed as failed:
                # A step that the person skipped cannot be mended: then it is this one that failed.
                at = failed.step if failed.step and failed.step not in state.get("skipped", []) else name
                failure = Failure(
                    phase=phase,
                    step=at,
                    what=f"{failed.what} {beside_http(failed.log)}".strip(),
                    command=failed.command,
                    log=failed.log,
                    status=failed.status,
                )
            except (Rejected, BudgetSpent) as error:
                failure = Failure(phase=phase, step=name, what=str(error), command=None, log=None, status=None)
            else:
                session.say(f"✓ {name}: {settled}", step=name, settled=True)
                attempts = _closed(session, name, state.get("attempts", []))
                return {
                    "at": None,
                    "failure": None,
                    "hint": None,
                    "attempts": attempts,
                    "reached": {**state.get("reached", {}), name: settled},
                }
            facts = {"failed": failure["step"], "log": failure["log"], "machine": machine(session.run.folder)}
            session.say(f"✗ {name}: {failure['what']}", step=name, settled=False, **facts)
            return {"failure": failure, "at": failure["step"]}

        return node

    return make


LASTING = ("network", "install", "unpack", "command")
"""Actions that another machine needs too; what changed a command is in the recipe already."""


def _closed(session: Session, name: str, attempts: list[Attempt]) -> list[Attempt]:
    """Keep what was carried out for a step that now passes, as what to do first where it fails again."""
    closed = [
        ended(attempt, "the step then passed") if attempt["step"] == name and not attempt["outcome"] else attempt
        for attempt in attempts
    ]
    fixes = {fix["text"]: fix for fix in session.recipe.get("fixes") or []}
    for attempt in closed:
        carried_out = attempt["outcome"].startswith(("then another", "the step"))
        if attempt["step"] == name and carried_out and attempt["action"]["kind"] in LASTING:
            action = {key: value for key, value in attempt["action"].items() if key not in ("permit", "approved")}
            fixes[action["text"]] = action
    if list(fixes.values()) != (session.recipe.get("fixes") or []):
        session.recipe.put("fixes", list(fixes.values()), f"{name} passed after them")
    return closed

"""Holds an action that leaves the workspace until the person, or the level set beforehand, allows it."""

from __future__ import annotations

from typing import Any

from langgraph.types import interrupt

from graph.state import State
from nodes.recovery.carry_out import permit_of
from nodes.session import session_of
from tools.permits import describe, needs_person
from tools.sandbox import protection

YES = ("yes", "y", "yes to all")


def permit(state: State) -> dict[str, Any]:
    """Ask the person where it is needed. Nothing with a side effect stands before the question."""
    session = session_of(state)
    action = state["action"]
    if action is None:
        return {}
    wanted = permit_of(session, action)
    told = describe(action.get("command") or action["text"], wanted, session.tree)
    if not needs_person(wanted, session.settings.approve, protection()) or session.run.facts.get("yes_to_all"):
        return {"action": {**action, "permit": f"granted beforehand (--approve {session.settings.approve})"}}
    answer = str(
        interrupt(
            {
                "kind": "permit",
                "question": f"May Rigil do this? {action['text']}",
                "answers": ["yes", "no", "yes to all", "edit: COMMAND", "hint: WORDS"],
                **told,
            }
        )
    ).strip()
    if answer.lower() in YES:
        if answer.lower() == "yes to all":
            session.run.update(yes_to_all=True)
        return {"action": {**action, "permit": f"granted by the person ({told['sha256'][:12]})"}}
    if answer.lower().startswith("edit:"):
        command = answer[5:].strip()
        text = f"`{command}`, edited by the person"
        return {
            "action": {
                **action,
                "command": command,
                "text": text,
                "permit": "edited and granted by the person",
            }
        }
    hint = answer[5:].strip() if answer.lower().startswith("hint:") else None
    return {"action": {**action, "permit": None}, "hint": hint or state.get("hint")}

"""Holds an action that leaves the workspace until the person, or the level set beforehand, allows it."""

from __future__ import annotations

from typing import Any

from langgraph.types import interrupt

from graph.state import State
from nodes.recovery.actions import permit_of
from nodes.recovery.for_jobs import JOB
from nodes.session import session_of
from tools.permits import describe, needs_person
from tools.sandbox import protection

YES = ("yes", "y", "yes to all")


def permit(state: State) -> dict[str, Any]:
    """Ask the person where it is needed. Nothing with a side effect stands before the question."""
    session = session_of(state)
    action = state["action"]
    assert state["failure"] is not None
    if action is None:
        return {}
    wanted = permit_of(session, action)
    command = action.get("command") or action.get("new") or state["failure"]["command"] or action["text"]
    variables = {} if wanted.machine else dict(session.recipe.get("variables") or {})
    if action["kind"] == "variable":
        variables[action["name"]] = action["value"]
    told = describe(command, wanted, session.run.folder if wanted.machine else session.tree, variables)
    own = bool(action.get("asks")) or (action.get("risk") == "high" and action["step"] == JOB)
    asks = own and session.settings.approve != "all"
    # What a job runs itself was asked for by the person, with their own rights.
    within = action["step"] == JOB and not wanted.machine
    if not asks and (within or not needs_person(wanted, session.settings.approve, protection())):
        return {"action": {**action, "permit": f"granted beforehand (--approve {session.settings.approve})"}}
    if action["kind"] in session.run.facts.get("yes_to_all", []):
        return {"action": {**action, "permit": f"granted by the person for all of the kind {action['kind']}"}}
    answer = str(
        interrupt(
            {
                "kind": "permit",
                "question": f"May Rigil do this? {action['text']}{_change(action)}",
                "answers": ["yes", "no", "yes to all", "edit: COMMAND", "hint: WORDS"],
                **told,
            }
        )
    ).strip()
    if answer.lower() in YES:
        if answer.lower() == "yes to all":
            session.run.update(yes_to_all=[*session.run.facts.get("yes_to_all", []), action["kind"]])
        return {"action": {**action, "permit": f"granted by the person ({told['sha256'][:12]})"}}
    if answer.lower().startswith("edit:"):
        return {"action": _edited(action, answer[5:].strip(), state["failure"]["command"])}
    hint = answer[5:].strip() if answer.lower().startswith("hint:") else None
    return {"action": {**action, "permit": None}, "hint": hint or state.get("hint")}


def _change(action: dict[str, Any]) -> str:
    """What an edit takes out and puts in, for the person."""
    if action["kind"] != "edit":
        return ""
    lines = [*(f"- {line}" for line in action["edit"]["old"].splitlines())]
    lines += [f"+ {line}" for line in action["edit"]["new"].splitlines()]
    return "\n" + "\n".join(lines)


def _edited(action: dict[str, Any], command: str, failed: str | None) -> dict[str, Any]:
    """The action with the person's command, which takes the failed one's place where the action had none."""
    permit = {"text": f"`{command}`, edited by the person", "permit": "edited and granted by the person"}
    if action["kind"] in ("install", "command"):
        return {**action, "command": command, **permit}
    return {**action, "kind": "replace", "old": failed, "new": command, **permit}

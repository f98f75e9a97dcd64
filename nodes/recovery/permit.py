"""Holds an action that leaves the workspace until the person, or the level set beforehand, allows it."""

from __future__ import annotations

from typing import Any

from configs.settings import settings_file
from graph.state import Failure, State
from nodes.asked import YES, asked
from nodes.grants import refuse_host
from nodes.recovery.actions import NEVER, permit_of
from nodes.recovery.approval import identity, like, told
from nodes.recovery.for_jobs import JOB
from nodes.session import SEEN, Session, session_of
from tools.hosts import covered, host_of
from tools.permits import GRANTED, seen

RISKY = "\nThe model that proposes it says itself that its risk is high."


def permit(state: State) -> dict[str, Any]:
    """Ask the person where it is needed. Nothing with a side effect stands before the question."""
    session = session_of(state)
    action = state["action"]
    assert state["failure"] is not None
    if action is None:
        return {}
    wanted = permit_of(session, action)
    about = told(session, state["failure"], action)
    if about["never"]:
        return _never(session, action, about["never"])
    # What the model says of the risk can have the person asked, never spare them a question.
    risky = action.get("risk") == "high"
    asks = bool(about["held"]) or ((risky or bool(action.get("asks"))) and session.settings.approve != "all")
    # What a job runs itself was asked for by the person, with their own rights.
    within = action["step"] == JOB and not wanted.machine
    if not asks and (within or about["tier"] <= GRANTED[session.settings.approve]):
        return _granted(session, action, about, f"granted beforehand (--approve {session.settings.approve})")
    host = host_of(action.get("host") or "")
    if host and covered(session.hosts, host) != "named":
        return _reach(session, state["failure"], action, about)
    mark, alike = like(session, action, about)
    if mark in session.run.facts.get("yes_to_all", []):
        return _granted(session, action, about, f"granted by the person for all like it: {alike}")
    notes = RISKY if risky else ""
    notes += "\nIt is not what was approved before: it changed since." if action.get("approved") else ""
    question = {
        "kind": "permit",
        "question": f"May Rigil do this? {action['text']}{_change(action)}{notes}",
        "answers": ["yes", "no", "yes to all", "edit: COMMAND", "hint: WORDS"],
        "yes_to_all": f'"yes to all" covers {alike}.',
        **about,
    }
    answer, about = asked(session, identity(action), question)
    if answer.lower() in YES:
        mark, _ = like(session, action, about)
        if answer.lower() == "yes to all":
            session.run.update(yes_to_all=[*session.run.facts.get("yes_to_all", []), mark])
        return _granted(session, action, about, f"granted by the person ({about['sha256'][:12]})")
    if answer.lower().startswith("edit:"):
        edited = _edited(action, answer[5:].strip(), state["failure"]["command"])
        about = told(session, state["failure"], edited)
        if about["never"]:
            return _never(session, edited, about["never"])
        return _granted(session, edited, about, "edited and granted by the person")
    hint = answer[5:].strip() if answer.lower().startswith("hint:") else None
    return {"action": {**action, "permit": None}, "hint": hint or state.get("hint")}


def _reach(session: Session, failure: Failure, action: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    """Ask about a host; the answer holds for the run, or for good."""
    host = action["host"]
    question = f"May commands that fetch reach {host}?"
    always = f'"yes" holds for this run; "always" also adds {host} to `network: hosts:` in {settings_file()}.'
    asks = {"kind": "permit", "question": question, "answers": ["yes", "always", "no"], **about}
    answer, shown = asked(session, identity(action), {**asks, "may_touch": [*about["may_touch"], always]})
    answer = answer.lower()
    if answer not in (*YES, "always"):
        refuse_host(session, host)
        return {"action": {**action, "permit": None}}
    if answer == "always":
        action = {**action, "always": True}
    # What changed since it was shown is not approved.
    about = told(session, failure, action) if shown["sha256"] == about["sha256"] else shown
    return _granted(session, action, about, "granted by the person")


def _never(session: Session, action: dict[str, Any], why: str) -> dict[str, Any]:
    """It is not even asked for; recovery goes on with that in its history."""
    session.say(f"  {NEVER}: {action['text']}: {why}", step="recovery.permit")
    return {"action": {**action, "permit": None, "never": why}}


def _granted(session: Session, action: dict[str, Any], about: dict[str, Any], by: str) -> dict[str, Any]:
    if about["held"]:
        mark = seen(about["argv"], about["folder"], about["environment"])
        session.run.update(**{SEEN: sorted({*session.run.facts.get(SEEN, []), mark})})
    return {"action": {**action, "permit": by, "approved": about["sha256"]}}


def _change(action: dict[str, Any]) -> str:
    """What an edit takes out and puts in, for the person."""
    if action["kind"] != "edit":
        return ""
    lines = [*(f"- {line}" for line in action["edit"]["old"].splitlines())]
    lines += [f"+ {line}" for line in action["edit"]["new"].splitlines()]
    return "\n" + "\n".join(lines)


def _edited(action: dict[str, Any], command: str, failed: str | None) -> dict[str, Any]:
    """The action with the person's command, which takes the failed one's place where the action had none."""
    text = f"`{command}`, edited by the person"
    if action["kind"] in ("install", "unpack", "command"):
        return {**action, "command": command, "text": text}
    return {**action, "kind": "replace", "old": failed, "new": command, "text": text}

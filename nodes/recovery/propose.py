"""Chooses what to change before the failed step is tried again, among what is really there."""

from __future__ import annotations

from typing import Any

from graph.state import Attempt, Failure, State
from models.errors import BudgetSpent, Rejected
from nodes.recovery import packages
from nodes.recovery.answers import Missing, NewCommand, Place, action_among
from nodes.recovery.candidates import candidates, plain, told
from nodes.recovery.facts import facts
from nodes.session import Session, session_of
from tools.excerpts import stands_in
from tools.filesystem import listing


def propose(state: State) -> dict[str, Any]:
    """Set ``action``: what to do, complete down to the command; None where nothing could be found."""
    session = session_of(state)
    failure, diagnosis = state["failure"], state["diagnosis"]
    assert failure is not None and diagnosis is not None
    if diagnosis["kind"] == "known":
        return {"action": dict(diagnosis["fix"])}
    attempts = state.get("attempts", [])
    offered = candidates(session, failure, attempts)
    while offered:
        try:
            worth = [text] if (text := plain(session, failure, offered)) else list(offered)
            text, rated = _chosen(session, failure, diagnosis, attempts, worth, state.get("hint"))
        except (Rejected, BudgetSpent) as error:
            session.say(f"  {error}", step="recovery.propose")
            return {"action": None}
        text = _least(offered, text)
        try:
            filled = {**offered[text], **rated}
            action = _complete(session, filled, text, failure, diagnosis, attempts, state.get("hint"))
            if action is not None and action["kind"] == "command" and (stated := _stated(offered)):
                action = {**action, **offered[stated], "text": stated}
        except Rejected as error:
            session.say(f"  {error}", step="recovery.propose")
            action = None
        except BudgetSpent as error:
            session.say(f"  {error}", step="recovery.propose")
            return {"action": None}
        if action is not None:
            session.say(
                f"  proposed: {action['text']} (risk {action['risk']}, chance {action['chance']} %)",
                step="recovery.propose",
            )
            return {"action": {**action, "step": failure["step"]}}
        session.say(f"  nothing to carry out for: {text}", step="recovery.propose")
        del offered[text]
    return {"action": None}


def _least(offered: dict[str, dict[str, Any]], text: str) -> str:
    """What the documents state for getting what is missing goes before what touches the machine."""
    if offered[text]["kind"] != "install":
        return text
    return _stated(offered) or text


def _stated(offered: dict[str, dict[str, Any]]) -> str | None:
    return next((text for text, action in offered.items() if action["kind"] == "command"), None)


def _chosen(
    session: Session,
    failure: Failure,
    diagnosis: dict[str, Any],
    attempts: list[Attempt],
    texts: list[str],
    hint: str | None,
) -> tuple[str, dict[str, Any]]:
    if len(texts) == 1:
        return texts[0], {"risk": "low", "chance": 50}

    answer = session.ask(
        "action",
        action_among(texts),
        kind=diagnosis["kind"],
        cause=facts(session, failure) or diagnosis["cause"],
        attempts=told(attempts, failure["step"]),
        hint=hint,
        candidates=texts,
    )
    return answer.action, {"risk": answer.risk, "chance": answer.chance}


def _complete(
    session: Session,
    action: dict[str, Any],
    text: str,
    failure: Failure,
    diagnosis: dict[str, Any],
    attempts: list[Attempt],
    hint: str | None,
) -> dict[str, Any] | None:
    """Fill in what the choice leaves open: the package, the module, the command."""
    mine = [attempt["action"] for attempt in attempts if attempt["step"] == failure["step"]]
    if action["kind"] == "install":
        missing = _missing(session, failure, diagnosis["quote"])
        tried = [done["package"] for done in mine if done["kind"] == "install"]
        package, command = packages.choose(session, missing, diagnosis, tried) or (None, None)
        if command is None:
            return None
        return {
            **action,
            "package": package,
            "command": command,
            "text": f"install the package {package}: `{command}`",
        }
    if action["kind"] == "replace":
        tried = [command for done in mine if done["kind"] == "replace" for command in (done["old"], done["new"])]
        new = _replacement(session, failure, diagnosis, tried, told(attempts, failure["step"]), hint)
        if session.ask("place", Place, failed=failure["command"], other=new).place == "before":
            return _first(action, new, attempts)
        return {
            **action,
            "old": failure["command"],
            "new": new,
            "text": f"use `{new}` in place of `{failure['command']}`",
        }
    return {**action, "text": text}


def _missing(session: Session, failure: Failure, line: str) -> str:
    assert failure["log"] is not None

    def stands(answer: Missing) -> str | None:
        return (
            None
            if stands_in(answer.name, failure["log"] or "") or answer.name.lower() in log.lower()
            else (f"{answer.name!r} does not stand in the output.")
        )

    shown = session.excerpt(failure["log"])
    log = shown.text
    return session.ask("missing", Missing, oracles=[stands], log=log, line=line).name


def _first(action: dict[str, Any], command: str, attempts: list[Attempt]) -> dict[str, Any] | None:
    text = f"run `{command}` first"
    if any(attempt["action"]["text"] == text for attempt in attempts):
        return None
    return {**action, "kind": "command", "command": command, "text": text}


def _replacement(
    session: Session, failure: Failure, diagnosis: dict[str, Any], tried: list[str], done: str, hint: str | None
) -> str:
    def other(answer: NewCommand) -> str | None:
        same = answer.command.strip() == failure["command"] or answer.command in tried
        return "This command was tried and failed. Give another one." if same else None

    files = ", ".join(entry.path for entry in listing(session.tree, depth=2, limit=60))
    return session.ask(
        "new_command",
        NewCommand,
        oracles=[other],
        files=files,
        command=failure["command"],
        cause=diagnosis["cause"],
        quote=diagnosis["quote"],
        tried="; ".join(tried),
        done=done,
        hint=hint,
    ).command

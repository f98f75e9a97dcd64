"""Asks the person: an answer holds for what they were shown; whoever carries it out looks whether it is still that."""

from __future__ import annotations

from typing import Any

from langgraph.types import interrupt

from nodes.session import Session

YES = ("yes", "y", "yes to all")


def asked(session: Session, about: str, question: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The person's answer, and the question as it was shown to them.

    A node that asks is run again once it has its answer. What changed in between was not shown, and is not approved.

    Args:
        session: of the run.
        about: tells one question from another, however it is put.
        question: for the `interrupt`.
    """
    waiting = session.run.facts.get("asking") or {}
    shown = dict(waiting["shown"]) if waiting.get("about") == about else question
    session.run.update(asking={"about": about, "shown": shown})
    answer = str(interrupt(shown)).strip()
    session.run.update(asking=None)
    return answer, shown


def settle(session: Session, sha256: str, *, yes: bool) -> None:
    """Keep an answer, or what the level set beforehand says, by the hash of what it is about."""
    session.run.update(answered={**session.run.facts.get("answered", {}), sha256: yes})


def settled(session: Session, sha256: str) -> bool | None:
    """What was said of exactly this; None where it was not asked."""
    said: bool | None = session.run.facts.get("answered", {}).get(sha256)
    return said

"""Says what went wrong with a job: the evidence narrows it down, the model names it in a person's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph.state import Attempt, Failure
from models.errors import BudgetSpent, Rejected
from nodes.recovery.answers import FAULTS, Mishap, mishap_among
from nodes.recovery.candidates import told
from nodes.session import Session
from tools.excerpts import excerpt
from tools.mishaps import blamed, grave, possible, supported, why_not
from tools.postmortem import Evidence, kept
from tools.quotations import stands_in

LINES, CHARACTERS = 16, 1400


def diagnosed(session: Session, failure: Failure, attempts: list[Attempt], hint: str | None) -> dict[str, Any]:
    """The diagnosis: ``kind`` is its category, with ``cause``, ``quote``, ``fault`` and ``severity``.

    Without an answer that was accepted, it is what the evidence speaks for most, in the evidence's own words.
    """
    seen = kept(failure["log"]) or Evidence()
    speaks = supported(seen)
    found = {"file": "", "line": None, "fix": "", "automatic": True, "quote": _quote(session, failure)}
    among = possible(seen)

    def stands(answer: Mishap) -> str | None:
        return why_not(answer.category, seen) or _unlike(answer)

    try:
        answer = session.ask(
            "mishap",
            mishap_among(among, blamed(*among), grave(*among)),
            oracles=[stands],
            command=failure["command"],
            facts=" ".join(seen.in_words) or failure["what"],
            log=_shown(session, failure),
            line=found["quote"],
            attempts=told(attempts, failure["step"]),
            hint=hint,
        )
    except (Rejected, BudgetSpent) as error:
        session.say(f"  {error}", step="recovery.diagnose")
        category = among[0] if speaks else "unclear"
        cause = speaks.get(category, failure["what"])
        fault, severity = (_only(names) for names in (blamed(category), grave(category)))
        return {**found, "kind": category, "cause": cause, "fault": fault, "severity": severity}
    found["automatic"] = answer.severity != "critical"
    return {**found, "kind": answer.category, "cause": answer.cause, "fault": answer.fault, "severity": answer.severity}


def _only(names: list[str]) -> str:
    """The only one; where there are more, nothing says which."""
    return names[0] if len(names) == 1 else "unclear"


def _unlike(answer: Mishap) -> str | None:
    """What cannot be said of the category, as a sentence for the model."""
    for said, among in ((answer.fault, blamed(answer.category)), (answer.severity, grave(answer.category))):
        if said not in among:
            return f"A {answer.category} is never {said}, but {' or '.join(among)}."
    return None


def in_words(found: dict[str, Any]) -> str:
    """For the person."""
    whose = FAULTS.get(found["fault"])
    severity = "" if found["severity"] == "unclear" else f" ({found['severity']})"
    return f"{found['kind']}: {found['cause']}{f'; {whose}' if whose else ''}{severity}"


def _shown(session: Session, failure: Failure) -> str:
    if not failure["log"]:
        return ""
    return excerpt(Path(failure["log"]), session.settings.excerpt.failure_words, LINES, CHARACTERS).text


def _quote(session: Session, failure: Failure) -> str:
    """The line of the log that tells most."""
    if not failure["log"]:
        return failure["what"]
    found = session.excerpt(failure["log"])
    if found.failure and stands_in(found.failure, failure["what"]):
        return found.failure.strip()
    # What Rigil itself printed of it may be louder than the error.
    said = next(iter(failure["what"].partition(": ")[2].splitlines()), "")
    if stands_in(said, Path(failure["log"])):
        return said
    last = found.text.splitlines()[-1:]
    return (found.failure or (last[0].partition("| ")[2] if last else "") or failure["what"]).strip()

"""Says what went wrong: the model names it, and its quotation has to stand in the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph.state import Attempt, State, ended
from models.errors import BudgetSpent, Rejected
from nodes.recovery.answers import Diagnosis, Symptom
from nodes.recovery.candidates import signature, told
from nodes.recovery.facts import facts
from nodes.session import Session, session_of
from tools.excerpts import excerpt, stands_in
from tools.filesystem import read_text

WINDOW = 16
"""Lines that a small model is shown around the first failure, each cut at WIDTH."""
WIDTH = 150


def diagnose(state: State) -> dict[str, Any]:
    """Diagnose the failure, unless the recipe knows what helped against it before."""
    session = session_of(state)
    failure = state["failure"]
    assert failure is not None
    mark = signature(session, failure)
    attempts = [
        ended(
            attempt,
            f"then {'the same' if attempt['signature'] == mark else 'another'} failure: {failure['what'][:160]}",
        )
        if attempt["step"] == failure["step"] and not attempt["outcome"]
        else attempt
        for attempt in state.get("attempts", [])
    ]
    tried = [attempt["action"].get("text") for attempt in attempts]
    fixes = session.recipe.get("fixes") or []
    known = next((fix for fix in fixes if fix["step"] == failure["step"] and fix["text"] not in tried), None)
    if known:
        session.say(f"  known from the recipe: {known['text']}", step="recovery.diagnose")
        return {
            "diagnosis": {"kind": "known", "cause": failure["what"], "quote": "", "fix": known},
            "attempts": attempts,
        }
    if not failure["log"]:
        return {"diagnosis": {"kind": "unclear", "cause": failure["what"], "quote": ""}, "attempts": attempts}
    try:
        found = _quoted(session, state, attempts) if session.asker.form == "free" else _named(session, state, attempts)
    except (Rejected, BudgetSpent) as error:
        session.say(f"  no diagnosis: {error}", step="recovery.diagnose")
        found = {"kind": "unclear", "cause": failure["what"], "quote": ""}
    session.say(f"  diagnosis: {found['kind']}: {found['cause']}\n    “{found['quote']}”", step="recovery.diagnose")
    if "source" in found:
        session.say(found["source"], step="recovery.diagnose")
    return {"diagnosis": found, "attempts": attempts}


def _quoted(session: Session, state: State, attempts: list[Attempt]) -> dict[str, Any]:
    """The diagnosis of a model that can quote; the quotation, file and line have to be there."""
    failure = state["failure"]
    assert failure is not None and failure["log"] is not None
    log = Path(failure["log"])

    def quoted(answer: Diagnosis) -> str | None:
        if len(answer.quote.strip()) < 4 or not stands_in(answer.quote, log):
            return "The quoted line does not stand in the log. Copy one line of it, word for word."
        return None

    def located(answer: Diagnosis) -> str | None:
        if not answer.file or answer.kind in ("something_missing", "no_network"):
            return None
        path = (session.tree / answer.file).resolve()
        if not stands_in(answer.file, log) and not path.exists():
            return f"The file {answer.file!r} is neither in the log nor in the source."
        if answer.line and path.is_file() and answer.line > len(read_text(path).splitlines()):
            return f"{answer.file} has no line {answer.line}."
        return None

    answer = session.ask(
        "diagnosis",
        Diagnosis,
        oracles=[quoted, located],
        command=failure["command"],
        what=failure["what"],
        log=session.excerpt(log).text,
        facts=facts(session, failure),
        attempts=told(attempts, failure["step"]),
        hint=state.get("hint"),
    )
    found = answer.model_dump()
    path = session.tree / answer.file
    if answer.file and answer.line and path.is_file():
        found["source"] = f"    {answer.file}:{answer.line}: {read_text(path).splitlines()[answer.line - 1]}"
    return found


def _named(session: Session, state: State, attempts: list[Attempt]) -> dict[str, Any]:
    """The diagnosis of a small model: code finds the line, the model names what it means."""
    failure = state["failure"]
    assert failure is not None and failure["log"] is not None
    shown = excerpt(Path(failure["log"]), session.settings.excerpt.failure_words, WINDOW, WINDOW * 80)
    lines = [line.partition("|") for line in shown.text.splitlines()]
    marked = [text.strip() for number, _, text in lines if number.strip() == str(shown.failure_line)]
    quote = (marked or [text.strip() for _, _, text in lines if text.strip()][-1:] or [failure["what"]])[0]
    answer = session.ask(
        "symptom",
        Symptom,
        command=failure["command"],
        what=failure["what"],
        log="\n".join(line[:WIDTH] for line in shown.text.splitlines()),
        line=quote,
        facts=facts(session, failure),
        attempts=told(attempts, failure["step"]),
        hint=state.get("hint"),
    )
    return {**answer.model_dump(), "quote": quote}

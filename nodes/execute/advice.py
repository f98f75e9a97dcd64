"""Asks once up to how long a person should wait for a run, so that `rigil run` need not ask anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph.state import State
from models.errors import Rejected
from nodes.execute.answers import ENDED, PROGRESS, WAITS, RunAdvice
from nodes.session import Session, StepFailed
from nodes.step import step
from tools.documents import telling
from tools.excerpts import stands_in
from tools.expected import in_words
from tools.filesystem import read_text
from tools.growth import UNKNOWN
from tools.proxima import ProximaError, update
from tools.speed import number

WORDS = ("progress", "background", "minutes", "hours", "seconds", "long", "slow", "wait", "queue", "finished", "while")
TOLD, LONGEST = 1500, 200_000
OBSERVED = "when its process ended, the counts were there"


NONE: dict[str, Any] = {"quote": "", "progress": "nothing", "ended": "process", "wait_s": None}


@step("execute")
def advice(session: Session, state: State) -> str:
    """Ask, hold the answer to the documents and to what was observed, and enter it with the measured speed."""
    registration = session.recipe.get("registration")
    if registration is None:
        return "not asked: the backend is not registered"
    documents = "\n\n".join(
        read_text(session.tree / name, LONGEST) for name in session.recipe.get("survey")["documents"]
    )
    known = session.recipe.get("advice")
    if known and known["quote"] and not stands_in(known["quote"], documents):
        session.say("  what the documents say of running it has changed", step="execute.advice")
        known = None
    known = known or _asked(session, documents)
    try:
        update(Path(registration["home"]), registration["name"], advice={**known, "speed": _speed(session)})
    except ProximaError as error:
        raise StepFailed(str(error)) from error
    if known["wait_s"] is None:
        return "no advice was accepted, so that `rigil run` waits for every result"
    return (
        f"waiting is advised up to {in_words(known['wait_s'])}; {PROGRESS[known['progress']]}; "
        f"a run has ended when {ENDED[known['ended']]}"
    )


def _asked(session: Session, documents: str) -> dict[str, Any]:
    def stated(answer: RunAdvice) -> str | None:
        if answer.quote and not stands_in(answer.quote, documents):
            return "The quote does not stand in the documents; copy it exactly, or leave it empty."
        if answer.progress != "nothing" and not answer.quote:
            return f"Quote where the documents say that {PROGRESS[answer.progress]}, or answer nothing."
        return None

    def observed(answer: RunAdvice) -> str | None:
        return None if answer.ended == "process" else f"It was observed that {OBSERVED}: ended is process."

    try:
        answer = session.ask(
            "run_advice",
            RunAdvice,
            oracles=[stated, observed],
            documents=telling(documents, WORDS, TOLD),
            measured=_measured(session),
            observed=OBSERVED,
        )
    except Rejected as error:  # waiting is right for whoever was not advised otherwise
        session.recipe.put("advice", NONE, f"no answer was accepted: {error}")
        return NONE
    found = {**answer.model_dump(exclude={"wait"}), "wait_s": WAITS[answer.wait]}
    rests_on = "its quotation stands in the documents" if answer.quote else "the documents say nothing else"
    session.recipe.put("advice", found, f"{rests_on}; {OBSERVED}")
    return found


def _measured(session: Session) -> str:
    results = (session.recipe.get("benchmark") or {}).get("results")
    if not results:
        return "nothing"
    last = results["sizes"][-1]
    said = f"{last['qubits']} qubits and {last['gates']} gates in {number(last['wall_s']['median'])} s"
    return f"{said}; {results['growth']['sentence']}" if results["growth"] else said


def _speed(session: Session) -> dict[str, float] | None:
    """What a run's length is reckoned with; None where the growth could not be told."""
    results = (session.recipe.get("benchmark") or {}).get("results")
    growth = results["growth"] if results else None
    if not growth or growth["word"] == UNKNOWN:
        return None
    return {"start_up_s": growth["start_up_s"], "slope": growth["slope"], "intercept": growth["intercept"]}

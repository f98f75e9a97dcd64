"""Asks once up to how long a person should wait for a run, so that `rigil run` need not ask anybody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from graph.state import State
from models.errors import Rejected
from nodes.execute.answers import ENDED, NOTHING_SAID, PROGRESS, WAITS, advice_among
from nodes.session import Session, StepFailed
from nodes.step import step
from tools.documents import sentences
from tools.expected import in_words
from tools.filesystem import read_inside
from tools.growth import UNKNOWN
from tools.proxima import ProximaError
from tools.quotations import stands_in
from tools.registration import update
from tools.speed import number

WORDS = ("progress", "background", "minutes", "hours", "seconds", "long", "slow", "wait", "queue", "finished", "while")
"""What is commonly said with them: a place to look."""
MOST, LONGEST = 8, 200_000
OBSERVED = "when its process ended, the counts were there"


NONE: dict[str, Any] = {"quote": "", "progress": "nothing", "ended": "process", "wait_s": None}


@step("execute")
def advice(session: Session, state: State) -> str:
    """Ask, hold the answer to the documents and to what was observed, and enter it with the measured speed."""
    registration = session.recipe.get("registration")
    if registration is None:
        return "not asked: the backend is not registered"
    documents = "\n\n".join(
        read_inside(session.tree, name, LONGEST) for name in session.recipe.get("survey")["documents"]
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
    def stated(answer: Any) -> str | None:
        if answer.progress != "nothing" and answer.says == NOTHING_SAID:
            return f"Choose the sentence that says that {PROGRESS[answer.progress]}, or answer nothing."
        return None

    def observed(answer: Any) -> str | None:
        return None if answer.ended == "process" else f"It was observed that {OBSERVED}: ended is process."

    try:
        answer: Any = session.ask(
            "run_advice",
            advice_among(_telling(documents)),
            oracles=[stated, observed],
            measured=_measured(session),
            observed=OBSERVED,
        )
    except Rejected as error:  # waiting is right for whoever was not advised otherwise
        session.recipe.put("advice", NONE, f"no answer was accepted: {error}")
        return NONE
    quote = "" if answer.says == NOTHING_SAID else answer.says
    found = {"quote": quote, "progress": answer.progress, "ended": answer.ended, "wait_s": WAITS[answer.wait]}
    rests_on = "its quotation stands in the documents" if quote else "the documents say nothing of it"
    session.recipe.put("advice", found, f"{rests_on}; {OBSERVED}")
    return found


def _telling(documents: str) -> list[str]:
    """The sentences with the most of the words that such things are said with, in the documents' order."""
    found = [text for text in sentences(documents) if stands_in(text, documents)]
    spoken = {text: sum(bool(re.search(rf"\b{word}", text, re.IGNORECASE)) for word in WORDS) for text in found}
    best = sorted((text for text in found if spoken[text]), key=lambda text: -spoken[text])[:MOST]
    return [text for text in found if text in best]


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

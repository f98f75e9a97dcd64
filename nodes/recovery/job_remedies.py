"""The free form for a job: whole remedies in order of preference, by a model that can write."""

from __future__ import annotations

from typing import Any

from nodes.execute.plan import load_job, value_of
from nodes.recovery.actions import Action
from nodes.recovery.answers import JobRemedies, JobRemedy
from nodes.recovery.choose import complete
from nodes.recovery.for_jobs import CHANGES_RESULT, parameters_of
from nodes.recovery.situation import Situation
from tools.filesystem import read_inside
from tools.postmortem import kept
from tools.quotations import stands_in
from tools.transforms import allowed, check

OWN = ("parameter", "variable")
"""Kinds that name a thing and its value; the others are among what is offered."""


def find(situation: Situation, offered: dict[str, Action]) -> Action | None:
    """Ask for remedies and take the first that can be carried out and was not tried on this failure.

    Raises:
        Rejected: if none of them stands.
        BudgetSpent: if the run may make no more calls.
    """
    session, failure = situation.session, situation.failure
    plan = load_job(session.run)
    parameters = {name: entry for name, entry in parameters_of(plan).items() if entry.get("supported")}
    seen = kept(failure["log"])

    def stands(answer: JobRemedies) -> str | None:
        why = [_why_not(situation, offered, parameters, remedy) for remedy in answer.remedies]
        return None if None in why else " ".join(dict.fromkeys(sentence for sentence in why if sentence))

    answer = session.ask(
        "job_remedies",
        JobRemedies,
        oracles=[stands],
        parameters=[
            f"{name}: {allowed(entry)}; now {value_of(plan, 'parameter', name) or entry.get('default') or 'not set'}"
            for name, entry in parameters.items()
        ],
        kind=situation.diagnosis["kind"],
        cause=situation.diagnosis["cause"],
        facts=" ".join(seen.in_words) if seen else failure["what"],
        log=session.excerpt(failure["log"]).text if failure["log"] else failure["what"],
        candidates=[text for text, action in offered.items() if action["kind"] not in OWN],
        attempts=situation.history,
        hint=situation.hint,
    )
    for remedy in answer.remedies:
        if _why_not(situation, offered, parameters, remedy) is None and (action := _action(situation, offered, remedy)):
            return action
    return None


def _why_not(
    situation: Situation, offered: dict[str, Action], parameters: dict[str, Any], remedy: JobRemedy
) -> str | None:
    """Why a remedy cannot be carried out, as a sentence for the model; None where it can."""
    if remedy.kind == "candidate":
        return None if remedy.name in offered else f"{remedy.name!r} is none of the candidates, word for word."
    if any(done["text"] == _text(remedy) for done in situation.mine):
        return f"`{_text(remedy)}` was tried."
    if remedy.kind == "parameter":
        entry = parameters.get(remedy.name)
        if entry is None:
            return f"There is no parameter {remedy.name!r}; there are {', '.join(parameters)}."
        return check(remedy.name, entry, _value(remedy.value))
    if not remedy.name.isidentifier() or not remedy.value.strip():
        return f"{remedy.name}={remedy.value} sets no variable."
    log, survey = situation.failure["log"], situation.session.recipe.get("survey") or {"documents": []}
    documents = "\n".join(read_inside(situation.session.tree, name) for name in survey["documents"])
    if (log and stands_in(remedy.name, situation.session.excerpt(log).text)) or stands_in(remedy.name, documents):
        return None
    return f"The variable {remedy.name} stands neither in the output nor in the documents."


def _action(situation: Situation, offered: dict[str, Action], remedy: JobRemedy) -> Action | None:
    told: Action = {"risk": remedy.risk, "chance": remedy.chance, "changes": remedy.changes}
    if remedy.kind == "candidate":
        return complete(situation, {**offered[remedy.name], **told}, remedy.name)
    before = value_of(load_job(situation.session.run), remedy.kind, remedy.name)
    found = {"kind": remedy.kind, "name": remedy.name, "value": remedy.value, "before": before}
    asks = remedy.kind == "parameter" and remedy.name in CHANGES_RESULT
    return {**found, **told, "asks": asks, "text": _text(remedy)}


def _text(remedy: JobRemedy) -> str:
    return f"{'run it with' if remedy.kind == 'parameter' else 'set'} {remedy.name}={remedy.value}"


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text

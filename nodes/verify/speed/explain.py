"""Lets the model say what a measured growth means; it may not contradict the fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.errors import Rejected
from nodes.session import Session
from nodes.verify.speed.answers import ACCEPTABLE, explained_among
from tools.growth import UNKNOWN, WORDS, Growth, spelled
from tools.speed import number, table

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
MOST = 2
"""Sentences."""
UNLIKELY, TOLERANCE = 4.0, 0.05
"""Standard errors, and what is allowed beside them, by which a fidelity may differ from 1."""
KEPT = {"doubles": "state vector", "quadruples": "density matri"}
"""What a simulator keeps where the time grows so; said of another growth it contradicts the fit."""
UNTOLD = {UNKNOWN: "the runs do not tell"}


def explained(session: Session, results: Mapping[str, Any], growth: Growth | None, *, asked: bool) -> str | None:
    """The model's sentences on a growth, None where nothing was fitted or they do not hold.

    Args:
        session: the run.
        results: of the benchmark.
        growth: what was fitted.
        asked: whether the model may be asked; else what it said of an earlier measurement is held to this one.
    """
    if growth is None:
        return None
    lines, facts = "\n".join(table(results)), "; ".join(facts_of(results))
    holds = _holds(growth, f"{lines} {facts} {growth.in_words}", _ratio(results))
    if not asked:
        before = session.recipe.get("growth_explained")
        return before["sentences"] if before and holds(explained_among(WORDS | UNTOLD)(**before)) is None else None
    try:
        answer: Any = session.ask(
            "explain_growth",
            explained_among(WORDS | UNTOLD),
            oracles=[holds],
            name=session.run.name,
            summary=session.recipe.get("survey")["summary"],
            table=lines,
            facts=facts,
            fit=growth.in_words,
        )
    except Rejected as error:
        session.say(f"  no explanation of the growth was accepted: {error}", step="verify.benchmark")
        return None
    session.recipe.put("growth_explained", answer.model_dump(), "it says the growth that was fitted, in its numbers")
    said: str = answer.sentences
    return said


def _holds(growth: Growth, told: str, ratio: float | None) -> Callable[[Any], str | None]:
    """The oracle: the growth is the fit's, every number one of what is told, and slow or fast as was measured."""
    known = {float(text) for text in _NUMBER.findall(told)}

    def oracle(answer: Any) -> str | None:
        if answer.growth != growth.word:
            return f"The fit says that it {growth.word!r}."
        for text in _NUMBER.findall(answer.sentences):
            if float(text) not in known:
                return f"The number {text} stands neither in the table nor in the fit."
        for word in WORDS:
            if word != growth.word and re.search(rf"\b{word}\b", answer.sentences, re.IGNORECASE):
                return f"The fit says {growth.word!r}, not {word!r}."
        wrong = None if ratio is None else "slower" if ratio < 1 else "faster"
        if wrong and re.search(rf"\b{wrong} than the reference\b", answer.sentences, re.IGNORECASE):
            return f"It takes {number(ratio)} times the reference's time, which is not {wrong}."
        for word, kept in KEPT.items():
            if word != growth.word and kept in answer.sentences.lower():
                return f"The fit says {growth.word!r}, which is not what a {kept} does."
        if len(re.findall(r"[.!?](?:\s|$)", answer.sentences)) > MOST:
            return "Give at most two sentences."
        return None

    return oracle


def _ratio(results: Mapping[str, Any]) -> float | None:
    """How many times the reference's time the largest compared circuit takes."""
    ratios = [row["ratio"] for row in results["sizes"] if row["ratio"]]
    if not ratios:
        return None
    beyond = ratios[-1]["beyond_start_up"]
    return float(ratios[-1]["whole"] if beyond is None else beyond)


def _unlike(fidelity: Sequence[float] | None) -> bool:
    """Whether outcomes cannot be the circuit's own, also by chance."""
    return fidelity is not None and abs(fidelity[0] - 1) > UNLIKELY * fidelity[1] + TOLERANCE


def unlike(results: Mapping[str, Any]) -> list[int]:
    """The numbers of qubits on which the outcomes do not fit the circuit."""
    return [row["qubits"] for row in results["sizes"] if _unlike(row["fidelity"])]


def facts_of(results: Mapping[str, Any]) -> list[str]:
    """What code sees beside the growth: how it does beside the reference, what was expected, what is off the line."""
    facts = []
    growth, plan = results["growth"], results["plan"]
    compared = [row for row in results["sizes"] if row["ratio"]]
    if compared:
        row = compared[-1]
        which = "start-up included" if row["ratio"]["beyond_start_up"] is None else "beyond start-up"
        ratio = _ratio(results) or 0.0
        facts.append(
            f"{number(ratio)} times the time of {results['reference']['name']} on {row['qubits']} qubits, {which}"
        )
        if (limit := ACCEPTABLE.get(plan["acceptable"] or "")) is not None:
            kept = "within" if ratio <= limit else "beyond"
            facts.append(f"that is {kept} what the plan called acceptable ({plan['acceptable']})")
    elif results["reference"]["ended"]:
        facts.append(f"the reference could not be measured: {results['reference']['ended']}")
    if wrong := unlike(results):
        facts.append(f"the outcomes on {spelled(wrong)} qubits do not fit the circuit")
    if growth and plan["growth"] and plan["growth"] != growth["word"]:
        facts.append(f"the plan expected that it {plan['growth']}")
    if growth and growth["off_line"]:
        facts.append(f"off the fitted line: {spelled(growth['off_line'])} qubits")
    return facts

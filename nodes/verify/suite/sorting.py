"""Sorts the tests by their names: which come first, of which kind each is, and what runs one alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from models.errors import Rejected
from nodes.session import Session
from nodes.verify.suite.answers import Sorting
from nodes.verify.suite.listed import complaint, telling_of_tests
from tools.commands import Template, filled, template_of
from tools.manifest import Kind

MOST_SHOWN, CHARACTERS = 40, 1500
"""Names that are shown, and their characters."""
NONE = re.compile(r"\W*none\W*", re.IGNORECASE)

Sorted = dict[str, Any]
"""``smoke`` (names), ``integration`` and ``performance`` (words), ``needs`` (name -> names), ``alone`` (a template)."""

UNSORTED: Sorted = {"smoke": [], "integration": [], "performance": [], "needs": {}, "alone": None}


def sort(
    session: Session, names: Sequence[str], listed_by: str | None, alone: Template | None, hint: str | None
) -> Sorted:
    """What the model makes of the names; what does not hold after it was told so costs itself alone.

    Args:
        session: the run.
        names: of all tests.
        listed_by: the command that lists them.
        alone: what runs one of them, where that is known; it is not asked for then.
        hint: what the person said last.
    """
    known: Sorted | None = session.recipe.get("sorting")
    there = set(names)
    if known and all(name in there for name in known["smoke"]):
        return known
    suite = session.recipe.get("survey")["commands"]["test"][:2]
    told: list[str] = []

    def holds(answer: Sorting) -> str | None:
        wrong = _wrong(session, answer, there, alone)
        if not wrong or told:
            return None
        told.extend(wrong)
        return " ".join(wrong)

    sample = stratified(names)
    try:
        answer = session.ask(
            "sort_tests",
            Sorting,
            oracles=[holds],
            names="\n".join(sample),
            total=len(names),
            shown=len(sample),
            suite=suite,
            listed_by=listed_by,
            one=filled(alone, sample[0]) if alone else None,
            told=telling_of_tests(session),
            hint=hint,
        )
    except Rejected as rejected:
        session.say(f"  {rejected}", step="verify.discover")
        session.recipe.put("sorting", {**UNSORTED, "alone": alone}, "no answer was accepted")
        return {**UNSORTED, "alone": alone}
    found = _kept(session, answer, there, alone)
    session.recipe.put("sorting", found, "the names are tests, the words stand in names, the command names its test")
    return found


def kind_of(name: str, found: Sorted) -> Kind | None:
    """The kind of a test by the words of its name."""
    if not (found["smoke"] or found["integration"] or found["performance"]):
        return None
    kinds: tuple[Kind, ...] = ("performance", "integration")
    for kind in kinds:
        if any(word.lower() in name.lower() for word in found[kind]):
            return kind
    return "unit"


def stratified(names: Sequence[str]) -> list[str]:
    """Names that hold as many different words as can be shown, in their order."""
    chosen: dict[int, None] = {}
    seen: set[str] = set()
    left = CHARACTERS
    for least in (2, 1, 0):
        for number, name in enumerate(names):
            new = words_in(name) - seen
            if len(chosen) == MOST_SHOWN or left <= 0:
                break
            if number not in chosen and len(new) >= least and len(name) < left:
                chosen[number] = None
                seen |= new
                left -= len(name) + 1
    return [names[number] for number in sorted(chosen)]


def words_in(name: str) -> set[str]:
    """The words that a name is made of, in lower case, without its numbers."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def _wrong(session: Session, answer: Sorting, there: set[str], alone: Template | None) -> list[str]:
    """What does not hold of an answer, as sentences."""
    wrong = [f"`{name}` is none of the tests." for name in answer.smoke if name not in there]
    words = (*answer.integration, *answer.performance)
    wrong += [f"`{word}` stands in no name." for word in words if not _stands(word, there)]
    for pair in answer.dependencies:
        wrong += [f"`{name}` is none of the tests." for name in (pair.test, pair.after) if name not in there]
    if not alone and not NONE.fullmatch(answer.command):
        template = _template(answer, there)
        if template is None:
            wrong.append(f"`{answer.command}` does not name the first smoke test as a word of its own.")
        elif sentence := complaint(session, answer.command):
            wrong.append(sentence)
    return wrong


def _kept(session: Session, answer: Sorting, there: set[str], alone: Template | None) -> Sorted:
    needs: dict[str, list[str]] = {}
    for pair in answer.dependencies:
        if {pair.test, pair.after} <= there and pair.test != pair.after:
            needs.setdefault(pair.test, []).append(pair.after)
    if not alone and not NONE.fullmatch(answer.command) and complaint(session, answer.command) is None:
        alone = _template(answer, there)
    return {
        "smoke": [name for name in dict.fromkeys(answer.smoke) if name in there],
        "integration": [word for word in dict.fromkeys(answer.integration) if _stands(word, there)],
        "performance": [word for word in dict.fromkeys(answer.performance) if _stands(word, there)],
        "needs": needs,
        "alone": alone,
    }


def _stands(word: str, names: set[str]) -> bool:
    return bool(re.search(r"\w", word)) and any(word.lower() in name.lower() for name in names)


def _template(answer: Sorting, there: set[str]) -> Template | None:
    """What the command is without its test: the first smoke test that it names, the longest where several."""
    smoke = sorted((name for name in answer.smoke if name in there), key=len, reverse=True)
    return next((found for name in smoke if (found := template_of(answer.command, name))), None)

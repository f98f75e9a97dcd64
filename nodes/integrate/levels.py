"""How a value of ours may be turned into the backend's: the candidates that runs then have to bear out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.errors import Rejected
from nodes.integrate.answers import LEVELS, PARAMETERS, NoiseUnit, each_one_of
from nodes.integrate.settable import Settable
from nodes.session import Session
from tools.stated import choices_in, templates_in

GIVEN, LEFT_OUT, NEITHER = "given", "left out", "none of these"
SWITCH = {GIVEN: True, LEFT_OUT: False}
TRUTH = {"True": True, "False": False}
UNITS: dict[str, dict[str, Any]] = {
    "percent": {"transform": "scale", "factor": 100},
    "fidelity": {"transform": "expression", "expression": "1 - value"},
}
DIRECT = {"transform": "direct"}


def transforms(session: Session, found: Settable, name: str) -> Iterator[dict[str, Any]]:
    """Transforms to be tried, the likeliest first; the model is asked where the help does not settle it."""
    if name not in LEVELS:
        yield DIRECT
        yield from ({"transform": "format", "template": template} for template in templates_in(found.option.text))
        yield from _unit(session, found)
        return
    words = words_of(found)
    numbers = all(str(word).isdigit() for word in words)
    if words and (name == "precision" or not numbers):
        yield from _words(session, found, name, words)
    if found.option.value:
        yield DIRECT


def words_of(found: Settable) -> list[str]:
    """The words that the option's line lets one choose from; of a switch, whether it is given."""
    if not found.option.value:
        return list(SWITCH)
    return choices_in(found.option.text) or (list(TRUTH) if found.default in TRUTH else [])


def _unit(session: Session, found: Settable) -> Iterator[dict[str, Any]]:
    """What the model says the number is, where the number as it is did not do what it must."""
    try:
        unit = session.ask("noise_unit", NoiseUnit, line=found.option.text).unit
    except Rejected:
        return
    if unit in UNITS:
        yield UNITS[unit]


def _words(session: Session, found: Settable, name: str, words: list[str]) -> Iterator[dict[str, Any]]:
    """The table of words that the model fills in; every word stands in the option's line."""
    ours = LEVELS[name]

    def differ(answer: Any) -> str | None:
        chosen = {word for word in answer.model_dump(by_alias=True).values() if word != NEITHER}
        return None if len(chosen) != 1 else "Different values cannot all mean the same word."

    try:
        answer: Any = session.ask(
            "level_words",
            each_one_of("LevelWords", list(ours), [*words, NEITHER]),
            oracles=[differ],
            line=found.option.text,
            what=PARAMETERS[name],
            words=words,
            values="\n".join(f"{value} = {meaning}" for value, meaning in ours.items()),
        )
    except Rejected:
        return
    chosen = {ours: word for ours, word in answer.model_dump(by_alias=True).items() if word != NEITHER}
    table = {value: _literal(found, word) for value, word in chosen.items()}
    if table:
        yield DIRECT if all(value == word for value, word in table.items()) else {"transform": "map", "mapping": table}


def _literal(found: Settable, word: str) -> Any:
    """A word as it is written for the backend: a switch, a number, a truth value of Python, or text."""
    if not found.option.value:
        return SWITCH[word]
    if word.isdigit():
        return int(word)
    return TRUTH.get(word, word) if found.default is not None else word

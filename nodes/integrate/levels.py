"""How a value of ours may be turned into the backend's: the candidates that runs then have to bear out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.errors import Rejected
from nodes.integrate.answers import LEVELS, PARAMETERS, SWITCHED, NoiseUnit, Switch, each_one_of
from nodes.integrate.settable import Settable
from nodes.session import Session
from tools.stated import choices_in, templates_in

NEITHER = "none of these"
TRUTH = ("True", "False")
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
    if is_switch(found):
        yield from _switch(session, found, name)
        return
    words = choices_in(found.option.text)
    if words and (name == "precision" or not all(word.isdigit() for word in words)):
        yield from _words(session, found, name, words)
    yield DIRECT


def is_switch(found: Settable) -> bool:
    """Whether it takes no value but is given or not, or true or false."""
    return not found.option.value or found.default in TRUTH


def _unit(session: Session, found: Settable) -> Iterator[dict[str, Any]]:
    """What the model says the number is, where the number as it is did not do what it must."""
    try:
        unit = session.ask("noise_unit", NoiseUnit, line=found.option.text).unit
    except Rejected:
        return
    if unit in UNITS:
        yield UNITS[unit]


def _switch(session: Session, found: Settable, name: str) -> Iterator[dict[str, Any]]:
    """What the model says that the switch turns on or off; the other values are had without it."""
    what, on, off = SWITCHED[name]
    try:
        does = session.ask("switch_level", Switch, line=found.option.text, what=what).does
    except Rejected:
        return
    if does != "neither":
        table = {value: (value in on) == (does == "on") for value in (*off, *on)}
        yield {"transform": "map", "mapping": table}


def _words(session: Session, found: Settable, name: str, words: list[str]) -> Iterator[dict[str, Any]]:
    """The table of words that the model fills in; every word stands in the option's line."""
    ours = LEVELS[name]

    def differ(answer: Any) -> str | None:
        chosen = [word for word in answer.model_dump(by_alias=True).values() if word != NEITHER]
        return "Different values cannot all mean the same word." if len(chosen) > 1 == len(set(chosen)) else None

    try:
        answer: Any = session.ask(
            "level_words",
            each_one_of("LevelWords", list(ours), [*words, NEITHER]),
            oracles=[differ],
            line=found.option.text,
            what=PARAMETERS[name],
            words=words,
            values=_listed(ours),
        )
    except Rejected:
        return
    chosen = {value: word for value, word in answer.model_dump(by_alias=True).items() if word != NEITHER}
    table = {value: int(word) if word.isdigit() else word for value, word in chosen.items()}
    if table:
        same = len(table) == len(ours) and all(value == word for value, word in table.items())
        yield DIRECT if same else {"transform": "map", "mapping": table}


def _listed(ours: dict[str, str]) -> str:
    return "\n".join(f"{value} = {meaning}" for value, meaning in ours.items())

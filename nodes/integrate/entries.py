"""The entries of a mapping: what a value may be, and what holds without one, as the help states it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from nodes.integrate.answers import NOT_STATED
from nodes.integrate.settable import Settable
from tools.mapping import DEFAULTS, STANDARD
from tools.options import FLAG, Option
from tools.stated import default_in, range_in
from tools.transforms import check, meant

LEVEL_WORDS = {"none": 0, "low": 1, "medium": 1, "high": 2}
"""What people say of how much is optimised."""


def entry(name: str, to: str, observed: str, **transform: Any) -> dict[str, Any]:
    """A parameter that is supported, see `tools.transforms`; ``to`` shows a person where the value goes."""
    made: dict[str, Any] = {
        "supported": True,
        "backend_param": None,
        "to": to,
        "transform": "direct",
        **transform,
        "default": DEFAULTS.get(name),
        "default_words": "the wrapper's own" if name in DEFAULTS else NOT_STATED,
        "validation": dict(STANDARD[name]),
        "validation_words": NOT_STATED,
        "observed": observed,
    }
    if made["transform"] == "map":
        ours = [int(value) if value.isdigit() else value for value in made["mapping"]]
        kind = "integer" if all(isinstance(value, int) for value in ours) else "word"
        made["validation"] = {"type": kind, "choices": ours}
    return made


def unsupported(why: str) -> dict[str, Any]:
    """A parameter that the backend does not have."""
    return {"supported": False, "why": why, "observed": ""}


def complete(name: str, made: dict[str, Any], found: Settable, taken: tuple[Any, ...] = ()) -> dict[str, Any]:
    """The entry with what the option's line states: the option, the range and the default, each with its words.

    Args:
        name: of the parameter.
        made: the entry.
        found: the option.
        taken: values that were tried and that the backend takes; others are not allowed where no range is stated.
    """
    made = {**made, "backend_param": found.name, "validation": dict(made["validation"])}
    rules, text = made["validation"], found.option.text
    factor = {"direct": 1, "scale": made.get("factor")}.get(made["transform"])
    stated = range_in(text)
    if stated and factor and rules["type"] != "word" and "choices" not in rules:
        made["validation_words"] = stated.words
        if stated.least is not None and stated.least / factor > rules.get("minimum", 0):
            rules["minimum"] = _number(stated.least / factor)
        if stated.most is not None and stated.most / factor < rules.get("maximum", float("inf")):
            rules["maximum"] = _number(stated.most / factor)
    elif taken and ("choices" in rules or name == "optimization_level"):
        rules["choices"] = list(taken)
    if name == "optimization_level":
        words = dict(LEVEL_WORDS)
        if "choices" not in rules and "maximum" in rules:
            words["high"] = rules["maximum"]
        made["words"] = {word: level for word, level in words.items() if check(name, made, level) is None}
    default, words_of_it = _default(name, made, found)
    if words_of_it:
        made["default_words"] = f"{made['default_words']}; stated: {words_of_it}" if name in DEFAULTS else words_of_it
    if default is not None and name not in DEFAULTS:
        made["default"] = default
    return made


def stated_beside(name: str, made: dict[str, Any], every: Sequence[Option]) -> dict[str, Any]:
    """The entry of what the verified command sets already, with what the help states of the option that it names."""
    named = re.match(rf"({FLAG}|[A-Za-z_]\w*(?==))", made["to"])
    if named is None:
        return made
    beside = next((option for option in every if option.name == named[1]), Option(named[1], True, False, ""))
    return complete(name, made, Settable(beside, ()))


def place(whole: str, name: str) -> str:
    """The words around a slot, for a person."""
    line = next(line for line in whole.splitlines() if f"⟨{name}⟩" in line)
    words = line.split()
    at = next(i for i, word in enumerate(words) if f"⟨{name}⟩" in word)
    return " ".join(words[max(0, at - 1) : at + 1]) if words[at] == f"⟨{name}⟩" else words[at]


def _default(name: str, made: dict[str, Any], found: Settable) -> tuple[Any, str | None]:
    """(what holds without a value, as ours; the words that state it)."""
    stated = default_in(found.option.text)
    if stated is None and found.default is not None:
        stated = (found.default, f"{found.name}={found.default}")
    if stated is None:
        return None, None
    value, words = stated
    ours: Any = None
    if made["transform"] == "map":
        table = made["mapping"]
        ours = next((key for key, word in table.items() if str(word) == value), None)
        ours = int(ours) if ours is not None and ours.isdigit() else ours
    elif made["transform"] == "direct":
        ours = meant(made, value)
    elif made["transform"] == "scale" and re.fullmatch(r"[\d.]+", value):
        ours = _number(float(value) / made["factor"])
    return (ours if ours is not None and check(name, made, ours) is None else None), words


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value

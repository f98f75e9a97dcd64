"""Holds prose to facts: it may name no number, file, line or option that does not stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable

NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?")
NAMES = "two three four five six seven eight nine ten eleven twelve"
WORDS = {name: number for number, name in enumerate(NAMES.split(), 2)}
LINE = re.compile(r"(?i)\blines?\s+(\d+)")
SHOWN_LINE = re.compile(r"(?im)^ *(\d+)\||[:(](\d+)|\blines?\s+(\d+)")
PLACE = re.compile(r"(?<![\w/.~-])[~.]{0,2}[\w+@-]*(?:/[\w.+@⟨⟩-]*)+|(?<![\w/])[\w+-]*\w{2}\.[A-Za-z]\w{0,7}\b(?!\.\w)")
"""A path, or a name with an ending as files have it."""
QUOTED = re.compile(r"`([^`\n]+)`|“([^”\n]+)”")
OPTION = re.compile(r"(?<![\w-])--[A-Za-z][\w-]*")


def ungrounded(prose: str, facts: str) -> str | None:
    """The first thing that the prose names and the facts do not, in a sentence for the model; None if there is none."""
    for quoted in QUOTED.finditer(prose):
        words = quoted[1] or quoted[2]
        if _folded(words) not in _folded(facts):
            return f"{words!r} does not stand in the facts word for word. Do not quote it."
    lines = {number for found in SHOWN_LINE.findall(facts) for number in found if number}
    for found in LINE.finditer(prose):
        if found[1] not in lines:
            return f"The facts show no line {found[1]}."
    for place in PLACE.finditer(prose):
        named = place[0].rstrip(".,;:)")
        if not re.search(rf"(?<![\w-]){re.escape(named)}(?![\w-])", facts):
            return f"The facts name no file {named!r}."
    for option in OPTION.finditer(prose):
        if not re.search(rf"{re.escape(option[0])}(?![\w-])", facts):
            return f"The facts name no option {option[0]!r}."
    known = {_value(number) for number in NUMBER.findall(_apart(facts))}
    for number in NUMBER.findall(_apart(prose)):
        if _value(number) not in known:
            return f"The number {number} does not stand in the facts."
    for word in re.findall(r"(?i)\b(?:" + "|".join(WORDS) + r")\b", prose):
        if float(WORDS[word.lower()]) not in known and not re.search(rf"(?i)\b{word}\b", facts):
            return f"The number {word!r} does not stand in the facts."
    return None


def grounded(facts: str, *fields: str) -> Callable[[object], str | None]:
    """The oracle for an answer whose named fields are prose."""

    def oracle(answer: object) -> str | None:
        return next(filter(None, (ungrounded(str(getattr(answer, field)), facts) for field in fields)), None)

    return oracle


def _apart(text: str) -> str:
    """The text with what stands in a name set apart, so that its numbers are numbers too."""
    return re.sub(r"(?<=[A-Za-z_:(\[#])(?=\d)", " ", re.sub(r"(?<=\d)(?=[A-Za-z_%:)\]|/-])", " ", text))


def _value(number: str) -> float | str:
    try:
        return float(number.replace(",", ""))
    except ValueError:  # a version, such as 3.4.1
        return number


def _folded(text: str) -> str:
    return " ".join(text.lower().split())

"""What the line of an option states of its values: words to choose from, a range, a default, each as it is written."""

from __future__ import annotations

import re
from typing import NamedTuple

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
WORD = r"[A-Za-z_][\w.+-]*\w|[A-Za-z]|\d+"
_LISTS = (
    r"\{([^{}]*[,|][^{}]*)\}",
    r"\[((?:[^\[\]|,]+\|)+[^\[\]|,]+)\]",
    r"<((?:[^<>|,]+\|)+[^<>|,]+)>",
    rf"(?<![\w|])((?:{WORD})(?:\|(?:{WORD}))+)(?![\w|])",
)
_QUOTED = rf"['\"`]?(?:{WORD})['\"`]?"
_MEANT = r"(?: \([^()]*\))?"
_PROSE = rf"(?:{_QUOTED}{_MEANT},\s*)*{_QUOTED}{_MEANT},?\s+or\s+{_QUOTED}"
_RANGES = (
    rf"(?:from|between)\s+({NUMBER})\s+(?:to|and)\s+({NUMBER})",
    rf"[\[(]\s*({NUMBER})\s*(?:,|;|\.\.+|-|to)\s*({NUMBER})\s*[\])]",
    rf"({NUMBER})\s*(?:\.\.+|to)\s*({NUMBER})",
    rf"({NUMBER})\s*<=?\s*\w+\s*<=?\s*({NUMBER})",
)
_LEAST = rf"(?:at least|>=|≥|minimum(?: of)?:?)\s*({NUMBER})|({NUMBER}) or (?:more|greater|above)"
_MOST = rf"(?:at most|<=|≤|maximum(?: of)?:?|up to)\s*({NUMBER})|({NUMBER}) or (?:less|fewer|below)"


class Range(NamedTuple):
    """The least and the largest value, None where it is not stated."""

    least: float | None
    most: float | None
    words: str
    """How it is written."""


def choices_in(text: str) -> list[str]:
    """The words that a text lets one choose from: ``{a,b}``, ``[a|b]``, ``a|b``, or ``a, b or c``."""
    for pattern in _LISTS:
        if found := re.search(pattern, text):
            words = [word.strip(" '\"`") for word in re.split(r"[,|]", found[1])]
            if len(words) > 1 and all(re.fullmatch(WORD, word) for word in words):
                return list(dict.fromkeys(words))
    if found := re.search(_PROSE, text):
        parts = re.split(r",?\s+or\s+|,\s*", re.sub(r" \([^()]*\)", "", found[0]))
        return list(dict.fromkeys(part.strip(" '\"`") for part in parts if part.strip()))
    return []


def default_in(text: str) -> tuple[str, str] | None:
    """(value, the words that state it), None where no default is stated."""
    found = re.search(rf"\bdefaults?\b(?:\s+(?:to|is|value))?\s*[:=]?\s*['\"`]?({NUMBER}|{WORD})", text, re.IGNORECASE)
    return (found[1], found[0]) if found else None


def range_in(text: str) -> Range | None:
    """The range that a text states for a number, None where it states none."""
    for pattern in _RANGES:
        if (found := re.search(pattern, text)) and float(found[1]) < float(found[2]):
            return Range(float(found[1]), float(found[2]), found[0])
    least, most = re.search(_LEAST, text, re.IGNORECASE), re.search(_MOST, text, re.IGNORECASE)
    if not least and not most:
        return None
    low, high = (float(next(filter(None, found.groups()))) if found else None for found in (least, most))
    return Range(low, high, "; ".join(found[0] for found in (least, most) if found))


def templates_in(text: str) -> list[str]:
    """Texts around a number that stand in a line, such as ``depol:0.01`` or ``depol:P``, with {value} for it."""
    found = re.findall(rf"(?<![\w-])([A-Za-z]\w*[:(=])({NUMBER}|[A-Z]\w{{0,5}}|<\w+>)(\)?)(?!\w)", text)
    made = (f"{before}{{value}}{after}" for before, _, after in found if after == ")" or not before.endswith("("))
    return list(dict.fromkeys(made))

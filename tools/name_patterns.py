"""Guesses how names stand in the lines of a listing: patterns made of what stands around some of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SPACE = r"[^\S\n]"
PLACES = 3
"""Places of a copied name that are tried: it may stand in a heading or a path as well."""
IN_A_ROW = r"(?<![^\s,;|])"
"""How a pattern begins whose names stand side by side in one line."""
SPACED = r"\S+?(?: \S+?)*?"
"""A name in which single spaces stand."""

_Form = tuple[int, str]
"""A part of a pattern, and how general it is."""


def places(text: str, name: str) -> list[int]:
    """Where a name stands whole, not as a part of a longer word."""
    return [match.start() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]


class Candidate(NamedTuple):
    """A pattern that may read a listing."""

    pattern: str
    frame: str | None
    """The same with any name, where more than white space stands around it: what it finds looks like a test."""


def candidates(text: str, copied: Sequence[str]) -> Iterator[Candidate]:
    """Patterns that may give the copied names, the most special first.

    Args:
        text: the listing.
        copied: the names; that of the last test comes last, and of its places the last is tried first.
    """
    chosen = list(dict.fromkeys(copied))
    spots = [places(text, name) for name in chosen]
    spots = [found[:PLACES] for found in spots[:-1]] + [spots[-1][-PLACES:][::-1]]
    kinds = _named(chosen)
    for combination in itertools.product(*spots):
        lines = [line_around(text, place) for place in combination]
        befores = [text[start:place] for (start, _), place in zip(lines, combination, strict=True)]
        ends = [place + len(name) for place, name in zip(combination, chosen, strict=True)]
        afters = [text[end:stop] for end, (_, stop) in zip(ends, lines, strict=True)]
        forms = itertools.product(_before(befores), _after(afters), kinds)
        for before, after, kind in sorted(forms, key=lambda form: sum(level for level, _ in form)):
            framed = any(re.search(r"[^\s\d]", part) for part in (*befores, *afters)) and before[1] + after[1] != ""
            frame = f"^{before[1]}(?P<name>{SPACED}){after[1]}$" if framed else None
            yield Candidate(f"^{before[1]}(?P<name>{kind[1]}){after[1]}$", frame)
        if len({start for start, _ in lines}) < len(chosen):
            for _, kind_in_a_row in kinds[:2]:
                yield Candidate(rf"{IN_A_ROW}(?P<name>{kind_in_a_row})(?![^\s,;|])", None)


def near(found: Sequence[int]) -> list[int]:
    """The first and the last of the places of a name."""
    return list(dict.fromkeys([*found[:PLACES], *found[-PLACES:]]))


def line_around(text: str, place: int) -> tuple[int, int]:
    """Where the line begins and ends in which a place lies."""
    start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
    return start, len(text) if end < 0 else end


def _before(parts: Sequence[str]) -> list[_Form]:
    """What may stand before a name, the most special first."""
    forms = _alike(parts)
    ending = _common([part[::-1] for part in parts])[::-1]
    ending = re.sub(r"^\w+", "", ending)
    if not ending or (not ending.strip() and forms):
        return forms
    return [*forms, (2 if ending.strip() else 7, ".*?" + _general(ending, exact=False))]


def _after(parts: Sequence[str]) -> list[_Form]:
    """What may stand after a name, the most special first."""
    forms = _alike(parts)
    beginning = re.match(r"[^\w\n]*", _common(parts))
    if beginning and beginning[0]:
        forms.append((2, _general(beginning[0], exact=False) + ".*"))
    return forms if all(parts) else [*forms, (6, rf"(?:{SPACE}.*)?")]


def _alike(parts: Sequence[str]) -> list[_Form]:
    """The one text that all parts are, but for their numbers; then but for their white space."""
    forms = [{_general(part, exact=exact) for part in parts} for exact in (True, False)]
    return [(level, found.pop()) for level, found in enumerate(forms) if len(found) == 1]


def _general(text: str, *, exact: bool) -> str:
    parts = []
    for match in re.finditer(r"\d+|\s+|[^\d\s]+", text):
        if match[0].isdigit():
            parts.append(r"\d+")
        elif match[0].isspace():
            edge = "*" if match.start() == 0 else "+"
            parts.append(re.escape(match[0]) if exact else SPACE + edge)
        else:
            parts.append(re.escape(match[0]))
    return "".join(parts)


def _named(names: Sequence[str]) -> list[_Form]:
    """What may be a name: of the marks of the copied ones, without white space, then with single spaces."""
    marks = sorted({mark for name in names for mark in re.findall(r"[^\w\s]", name)})
    shared = sorted(set.intersection(*(set(re.findall(r"[^\w\s]+", name)) for name in names)))
    spaced = any(re.search(r"\s", name) for name in names)
    kinds = [] if spaced else [rf"[\w{re.escape(''.join(marks))}]", r"\S"]
    holding = [f"{_holding(kind, shared)}{kind}+?" for kind in kinds] + [_holding(".", shared) + SPACED]
    return list(enumerate([*holding, *(f"{kind}+?" for kind in kinds), SPACED] if shared else holding))


def _holding(kind: str, marks: Sequence[str]) -> str:
    """That marks stand in what comes next, each somewhere."""
    return "".join(f"(?={kind}*?{re.escape(mark)})" for mark in marks)


def _common(texts: Sequence[str]) -> str:
    """What all the texts begin with."""
    same = itertools.takewhile(lambda characters: len(set(characters)) == 1, zip(*texts, strict=False))
    return "".join(characters[0] for characters in same)

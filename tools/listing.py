"""How a line of a listing becomes a test: worked out from a few names that stand in it, as a pattern."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tools import headings
from tools.listing_lines import Match, Unreadable, find, left_out
from tools.name_patterns import IN_A_ROW, Candidate, candidates, line_around, near, places
from tools.stated_counts import count_pattern, totals

LINE = 400
"""Characters of a line that are read; what is longer is no test's name."""
MOST_TRIED = 60


class Reading(NamedTuple):
    """How a listing is read, as plain data (``rule``), and what it gives."""

    rule: dict[str, Any]
    """``pattern`` with the group ``name`` and perhaps ``seconds``; ``frame``, see `tools.name_patterns`; ``skipped``,
    how many matches before the first test and after the last are none; ``stated``, a pattern of the words that say how
    many there are, or None; ``written``, whether a model wrote the pattern; ``strict``, how alike a line has to be to
    count as left out; ``heading`` and ``joiner``, see `tools.headings`."""
    names: list[str]
    """In the listing's order, each once."""
    seconds: dict[str, float]
    """How long a test takes, for those of which the listing says it."""
    stated: int | None
    """How many there are, where the listing says it."""

    @property
    def in_words(self) -> str:
        """The oracle that accepts it."""
        if self.stated is not None:
            return f"as many as the listing says, {self.stated}"
        return "the listing says no number; no line that looks like a test's was left out"


def learn(text: str, copied: Sequence[str], words: str, written: str | None = None) -> Reading:
    """Work out how a listing is read.

    Of the patterns that give the copied names exactly, from the most special to the most general, the first counts
    whose matches are as many as the listing says or, where it says no number, that leaves out no line that looks like
    those it reads.

    Args:
        text: the listing.
        copied: names of tests that stand in it, that of the first one first and that of the last one last.
        words: the words that say how many there are; without a digit where none do.
        written: a pattern of the model's own in the place of those that are worked out.

    Raises:
        Unreadable: if no pattern does.
    """
    text = _cut(text)
    copied = [name.strip() for name in copied]
    missing = next((name for name in copied if not name or not places(text, name)), None)
    if missing is not None:
        parts = [headings.split(text, name) for name in copied]
        if not missing or written or None in parts or len({part.joiner for part in parts if part}) != 1:
            raise Unreadable(f"`{missing}` does not stand in the listing as a name.")
        return _under_headings(text, copied, [part for part in parts if part], words)
    stated = count_pattern(words) if re.search(r"\d", words) else None
    if stated and not totals(text, stated):
        raise Unreadable(f"The words `{words}` do not stand in the listing.")
    why = "The names do not stand in their lines in the same way; copy each from its own line, and nothing around it."
    if not written and (bare := _without_numbering(copied)):
        try:
            return _numbered(learn(text, bare, words), copied, bare)
        except Unreadable:
            pass  # the numbers belong to the names
    given = [Candidate(written, None)] if written else list(itertools.islice(_giving(text, copied), MOST_TRIED))
    for strict in (True, False):
        for candidate in given:
            try:
                return _held(text, candidate, copied, stated, written=bool(written), strict=strict)
            except Unreadable as error:
                why = str(error)
        if stated:
            break
    raise Unreadable(why)


def _without_numbering(copied: Sequence[str]) -> list[str] | None:
    """The names without what stands in front of all of them but for its numbers, such as ``Test #12:``."""
    match = re.match(r"\D*\d+[^\w\s]*\s+", copied[0])
    front = re.sub(r"\d+", "#", match[0]) if match else ""
    bare = [re.sub(r"^\D*\d+[^\w\s]*\s+", "", name) for name in copied]
    alike = all(re.sub(r"\d+", "#", name).startswith(front) for name in copied)
    return bare if front and alike and all(bare) else None


def _numbered(reading: Reading, copied: Sequence[str], bare: Sequence[str]) -> Reading:
    """The reading, if the numbers that were copied with the names only count them.

    Raises:
        Unreadable: if they do not.
    """
    for whole, name in ((copied[0], bare[0]), (copied[-1], bare[-1])):
        number = re.search(r"\d+", whole.removesuffix(name))
        if number is None or int(number[0]) - reading.names.index(name) not in (0, 1):
            raise Unreadable("The numbers do not count the tests.")
    return reading


def _under_headings(text: str, copied: Sequence[str], parts: Sequence[headings.Parts], words: str) -> Reading:
    """How a listing is read in which the first part of a name stands in a line of its own above the others."""
    rule = learn(text, [part.rest for part in parts], words).rule
    tests = _found(text, rule)
    for pattern in headings.patterns(text, parts, tests):
        try:
            reading = read(text, {**rule, "heading": pattern, "joiner": parts[0].joiner})
        except Unreadable:
            continue
        if (reading.names[0], reading.names[-1]) == (copied[0], copied[-1]) and set(copied) <= set(reading.names):
            return reading
    raise Unreadable(f"`{copied[0]}` does not stand in the listing in one line, nor under a heading.")


def read(text: str, rule: dict[str, Any]) -> Reading:
    """Read a listing by a rule that was learned from an earlier one.

    Raises:
        Unreadable: if the rule no longer holds of it.
    """
    text = _cut(text)
    matches = _found(text, rule)
    if not matches:
        raise Unreadable("The pattern finds no test any more.")
    sums = totals(text, rule["stated"]) if rule["stated"] else []
    if rule["stated"] and len(matches) not in sums:
        raise Unreadable(f"The pattern finds {len(matches)} tests, and the listing says {_either(sums)}.")
    if not rule["stated"] and (line := left_out(text, matches, rule)):
        raise Unreadable(f"The line `{line}` looks like a test's and is not read.")
    if rule["heading"]:
        matches = headings.under(text, matches, rule["heading"], rule["joiner"])
    return _reading(rule, matches, len(matches) if sums else None)


def _found(text: str, rule: dict[str, Any]) -> list[Match]:
    matches = find(text, rule["pattern"], apart=rule["written"])
    head, tail = rule["skipped"]
    return matches[head : len(matches) - tail]


def _cut(text: str) -> str:
    return "\n".join(line[:LINE].rstrip("\r") for line in text.split("\n"))


def _giving(text: str, copied: Sequence[str]) -> Iterator[Candidate]:
    """The candidates that give the copied names in the lines in which they stand."""
    spots = [place for name in copied for place in near(places(text, name))]
    few = "\n".join(text[slice(*line_around(text, spot))] for spot in sorted(set(spots)))
    for candidate in dict.fromkeys(candidates(text, copied)):
        if set(copied) <= {match.name for match in find(few, candidate.pattern, apart=False)}:
            yield candidate


def _held(
    text: str, candidate: Candidate, copied: Sequence[str], stated: str | None, *, written: bool, strict: bool
) -> Reading:
    pattern = candidate.pattern
    matches = find(text, pattern, apart=written)
    names = [match.name for match in matches]
    absent = [name for name in copied if name not in names]
    if absent:
        raise Unreadable(f"The pattern does not give `{absent[0]}` exactly.")
    first, last = names.index(copied[0]), len(names) - 1 - names[::-1].index(copied[-1])
    inside = matches[first : last + 1]
    if not set(copied) <= {match.name for match in inside}:
        raise Unreadable(f"`{copied[0]}` does not stand before the others, or `{copied[-1]}` not after them.")
    rule: dict[str, Any] = {"pattern": pattern, "skipped": [first, len(matches) - 1 - last], "stated": stated}
    rule |= {"frame": candidate.frame, "written": written, "strict": strict, "heading": None, "joiner": ""}
    if stated:
        sums = totals(text, stated)
        if len(inside) in sums:
            return _reading(rule, inside, len(inside))
        if len(matches) in sums:
            return _reading({**rule, "skipped": [0, 0]}, matches, len(matches))
        raise Unreadable(
            f"The listing says {_either(sums)}, but {len(inside)} lines look like those of the copied names, "
            f"from `{copied[0]}` to `{copied[-1]}`."
        )
    marks = set("".join(re.findall(r"[^\w\s]", "".join(match.name for match in inside))))
    heading = [] if pattern.startswith(IN_A_ROW) else matches[:first]
    for match in (*heading, *matches[last + 1 :]):
        if candidate.frame or set(re.findall(r"[^\w\s]", match.name)) <= marks:
            raise Unreadable(f"`{match.name}` looks like a test as well, outside of `{copied[0]}` to `{copied[-1]}`.")
    if line := left_out(text, inside, rule):
        raise Unreadable(f"The line `{line}` looks like a test's, too, but differs in form.")
    return _reading(rule, inside, None)


def _reading(rule: dict[str, Any], matches: Sequence[Match], stated: int | None) -> Reading:
    names = list(dict.fromkeys(match.name for match in matches))
    seconds = {match.name: float(match.seconds) for match in matches if match.seconds}
    return Reading(rule, names, seconds, stated)


def _either(sums: Sequence[int]) -> str:
    return " or ".join(map(str, sums)) or "no number"

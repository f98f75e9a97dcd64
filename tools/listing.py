"""How a line of a listing becomes a test: worked out from a few names that stand in it, as a pattern."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tools.name_patterns import IN_A_ROW, SPACE, Candidate, candidates, places

LINE = 400
"""Characters of a line that are read; what is longer is no test's name."""
MOST_TRIED = 60
SAMPLE = 40
"""Lines at both ends in which the copied names are looked for first."""
WRITTEN_S = 10.0
"""Seconds in which a pattern that a model wrote has to have read a listing."""
APART = """import json, re, sys
pattern, text = json.load(sys.stdin)
json.dump([(match.span(), match.groupdict()) for match in re.finditer(pattern, text, re.MULTILINE)], sys.stdout)
"""


class Unreadable(ValueError):
    """A listing that a pattern does not explain; the message is a sentence for the model."""


class Reading(NamedTuple):
    """How a listing is read, as plain data (``rule``), and what it gives."""

    rule: dict[str, Any]
    """``pattern`` with the group ``name`` and perhaps ``seconds``; ``frame``, see `tools.name_patterns`; ``skipped``,
    how many matches before the first test and after the last are none; ``stated``, a pattern of the words that say how
    many there are, or None; ``written``, whether a model wrote the pattern; ``strict``, how alike a line has to be to
    count as left out."""
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


class _Match(NamedTuple):
    start: int
    end: int
    name: str
    seconds: str | None


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
        raise Unreadable(f"`{missing}` does not stand in the listing as a name.")
    stated = count_pattern(words) if re.search(r"\d", words) else None
    if stated and not totals(text, stated):
        raise Unreadable(f"The words `{words}` do not stand in the listing.")
    why = "The names do not stand in their lines in the same way; copy each from its own line, and nothing around it."
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


def read(text: str, rule: dict[str, Any]) -> Reading:
    """Read a listing by a rule that was learned from an earlier one.

    Raises:
        Unreadable: if the rule no longer holds of it.
    """
    text = _cut(text)
    matches = _matches(text, rule["pattern"], apart=rule["written"])
    head, tail = rule["skipped"]
    matches = matches[head : len(matches) - tail]
    if not matches:
        raise Unreadable("The pattern finds no test any more.")
    sums = totals(text, rule["stated"]) if rule["stated"] else []
    if rule["stated"] and len(matches) not in sums:
        raise Unreadable(f"The pattern finds {len(matches)} tests, and the listing says {_either(sums)}.")
    if not rule["stated"] and (line := _left_out(text, matches, rule)):
        raise Unreadable(f"The line `{line}` looks like a test's and is not read.")
    return _reading(rule, matches, len(matches) if sums else None)


def count_pattern(words: str) -> str:
    """A pattern of words that say how many, whatever the number; a plural counts as its singular."""
    words = re.sub(r"(?<=\d),(?=\d{3})", "", words.strip().strip("`'\""))
    parts = []
    for match in re.finditer(r"\d+(?:\.\d+)?|\s+|[A-Za-z]+|[^\w\s]|\w", words):
        token = match[0]
        if token[0].isdigit():
            parts.append(r"([\d,]+)" if token.isdigit() else r"\d+\.\d+")
        elif token.isspace():
            parts.append(rf"{SPACE}+")
        else:
            parts.append(re.escape(token[:-1]) + "s?" if re.fullmatch(r"[A-Za-z]{3,}s", token) else re.escape(token))
    return r"(?<![\w.])" + "".join(parts)


def totals(text: str, pattern: str) -> list[int]:
    """For each number of the pattern, its sum over all places where it stands: one tool may list several parts."""
    sums: list[int] = []
    for match in re.finditer(pattern, text):
        numbers = [int(group.replace(",", "") or 0) for group in match.groups()]
        sums = [a + b for a, b in itertools.zip_longest(sums, numbers, fillvalue=0)]
    return sums


def _cut(text: str) -> str:
    return "\n".join(line[:LINE].rstrip("\r") for line in text.split("\n"))


def _giving(text: str, copied: Sequence[str]) -> Iterator[Candidate]:
    """The candidates that give the copied names in the lines in which they stand."""
    lines = [line for line in text.split("\n") if any(name in line for name in copied)]
    few = "\n".join(dict.fromkeys([*lines[:SAMPLE], *lines[-SAMPLE:]]))
    for candidate in dict.fromkeys(candidates(text, copied)):
        if set(copied) <= {match.name for match in _matches(few, candidate.pattern, apart=False)}:
            yield candidate


def _held(
    text: str, candidate: Candidate, copied: Sequence[str], stated: str | None, *, written: bool, strict: bool
) -> Reading:
    pattern = candidate.pattern
    matches = _matches(text, pattern, apart=written)
    names = [match.name for match in matches]
    absent = [name for name in copied if name not in names]
    if absent:
        raise Unreadable(f"The pattern does not give `{absent[0]}` exactly.")
    first, last = names.index(copied[0]), len(names) - 1 - names[::-1].index(copied[-1])
    inside = matches[first : last + 1]
    if not set(copied) <= {match.name for match in inside}:
        raise Unreadable(f"`{copied[0]}` does not stand before the others, or `{copied[-1]}` not after them.")
    rule: dict[str, Any] = {"pattern": pattern, "skipped": [first, len(matches) - 1 - last], "stated": stated}
    rule |= {"frame": candidate.frame, "written": written, "strict": strict}
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
    if line := _left_out(text, inside, rule):
        raise Unreadable(f"The line `{line}` looks like a test's, too, but differs in form.")
    return _reading(rule, inside, None)


def _reading(rule: dict[str, Any], matches: Sequence[_Match], stated: int | None) -> Reading:
    names = list(dict.fromkeys(match.name for match in matches))
    seconds = {match.name: float(match.seconds) for match in matches if match.seconds}
    return Reading(rule, names, seconds, stated)


def _either(sums: Sequence[int]) -> str:
    return " or ".join(map(str, sums)) or "no number"


def _matches(text: str, pattern: str, *, apart: bool) -> list[_Match]:
    """What a pattern finds; one that a model wrote is run in a process of its own, which can be stopped.

    Raises:
        Unreadable: if it is no pattern, has no group ``name`` or takes too long.
    """
    try:
        if "name" not in re.compile(pattern, re.MULTILINE).groupindex:
            raise Unreadable("The pattern needs a group: (?P<name>...).")
    except re.error as error:
        raise Unreadable(f"It is no regular expression: {error}.") from error
    found: Iterable[tuple[Sequence[int], dict[str, str | None]]]
    if apart:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-c", APART],
                input=json.dumps([pattern, text]),
                capture_output=True,
                text=True,
                timeout=WRITTEN_S,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise Unreadable("The pattern takes too long.") from error
        found = json.loads(done.stdout)
    else:
        found = ((match.span(), match.groupdict()) for match in re.finditer(pattern, text, re.MULTILINE))
    return [
        _Match(span[0], span[1], groups["name"], _number(groups.get("seconds")))
        for span, groups in found
        if groups["name"] and groups["name"].strip() and "\n" not in groups["name"]
    ]


def _number(text: str | None) -> str | None:
    return text if text and re.fullmatch(r"\d+(\.\d+)?", text) else None


def _left_out(text: str, matches: Sequence[_Match], rule: dict[str, Any]) -> str | None:
    """A line that no match lies in and that looks like those that have one.

    Whatever stands in the frame of the names looks like them. Between the first and the last, a line does where it is
    indented as one of them and has every punctuation mark that all of them have; where they have none in common, where
    it has as many words as one of them or any indentation. If the rule is not strict, it also has to have every word
    that all of them have.
    """
    if rule["frame"]:
        found_there = {match.start for match in matches}
        framed = _matches(text, rule["frame"], apart=False)
        if other := next((match for match in framed if match.start not in found_there), None):
            return text[other.start : other.end].strip()
    lines, starts = [], []
    place = matches[0].start
    place = text.rfind("\n", 0, place) + 1
    end = text.find("\n", matches[-1].end - 1)
    for line in text[place : end if end >= 0 else None].split("\n"):
        lines.append(line)
        starts.append(place)
        place += len(line) + 1
    matched, waiting = [False] * len(lines), iter(matches)
    match = next(waiting, None)
    for number, start in enumerate(starts):
        while match and match.start <= start + len(lines[number]):
            matched[number] = True
            match = next(waiting, None)
    having = [line for line, found in zip(lines, matched, strict=True) if found]
    common = set.intersection(
        *({mark for mark in line if not mark.isalnum() and mark not in "_ \t"} for line in having)
    )
    words = set.intersection(*(set(re.findall(r"\w+", line)) for line in having))
    indents = {_indent(line) for line in having}
    counts = {len(line.split()) for line in having}
    for line, found in zip(lines, matched, strict=True):
        if found or not line.strip() or _indent(line) not in indents:
            continue
        alike = common <= set(line) if common else bool(_indent(line)) or len(line.split()) in counts
        if alike and (rule["strict"] or (words and words <= set(re.findall(r"\w+", line)))):
            return line.strip()
    return None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]

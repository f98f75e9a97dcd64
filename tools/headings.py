"""Names of tests whose first part stands in a line of its own, above the lines of several tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from tools.listing_lines import Match, Unreadable, find
from tools.name_patterns import candidates, places

MOST_TRIED = 60


class Parts(NamedTuple):
    """A name that stands in two lines."""

    head: str
    joiner: str
    """What stands between the two in the name and in neither of the lines."""
    rest: str


def split(text: str, name: str) -> Parts | None:
    """How a name is made of a heading and a line below it; None where it is not."""
    for cut in re.finditer(r"(?<=\w)([^\w\s]+)(?=\w)", name):
        mark, rest = cut[1], name[cut.end() :]
        for head, joiner in ((name[: cut.end()], ""), (name[: cut.start()], mark)):
            place = next((found for found in places(text, head) if _alone(text, head, found)), None)
            if place is not None and any(found > place for found in places(text, rest)):
                return Parts(head, joiner, rest)
    return None


def patterns(text: str, parts: Sequence[Parts], tests: Sequence[Match]) -> Iterator[str]:
    """Patterns that find the headings and none of the lines of tests."""
    lines = {text.rfind("\n", 0, test.start) for test in tests}
    for candidate in islice(dict.fromkeys(candidates(text, [part.head for part in parts])), MOST_TRIED):
        found = find(text, candidate.pattern, apart=False)
        heads = {match.name for match in found}
        own = {text.rfind("\n", 0, match.start) for match in found}
        if {part.head for part in parts} <= heads and not lines & own:
            yield candidate.pattern


def under(text: str, tests: Sequence[Match], pattern: str, joiner: str) -> list[Match]:
    """The tests with the heading above each in their names.

    Raises:
        Unreadable: if one has no heading above it.
    """
    heads = iter(find(text, pattern, apart=False))
    above, coming = None, next(heads, None)
    named = []
    for test in tests:
        while coming and coming.start < test.start:
            above, coming = coming, next(heads, None)
        if above is None:
            raise Unreadable(f"`{test.name}` stands under no heading.")
        named.append(test._replace(name=f"{above.name}{joiner}{test.name}"))
    return named


def _alone(text: str, head: str, place: int) -> bool:
    """Whether a line begins with the heading and holds nothing but marks after it."""
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    line = text[start : end if end >= 0 else None].strip()
    return line.startswith(head) and not re.search(r"\w", line[len(head) :])

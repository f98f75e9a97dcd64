"""Shapes of a log's lines: those that differ only in their digits are one, counted in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from tools.failure_words import shown
from tools.progress import shape

ALIKE = bytes(ord("7") if byte in b"0123456789" else byte for byte in range(256))
MOST, LONGEST = 50_000, 400
"""So many shapes are kept, of at most so many bytes each."""
VARIED = 0.3
"""Share of new lines in a block from which shapes are of no use there; then so many blocks go by."""
REST = 15


class Seen(NamedTuple):
    """The lines of a block, each with its digits made alike."""

    lines: Collection[bytes]
    fresh: list[bytes]
    """Those that were not met before."""


class ShapeClass(NamedTuple):
    """Lines of one shape."""

    shape: str
    """One of its lines, with ``#`` for every number."""
    lines: int
    members: frozenset[bytes]


class Shapes:
    """Counts the shapes of a log that is given to it in blocks."""

    def __init__(self) -> None:
        self.counts: dict[bytes, int] = {}
        self.lines = 0
        self.whole = True
        """Whether every line was counted."""
        self._rest = 0

    def add(self, block: bytes) -> Seen | None:
        """Count a block's lines; None where it was left out, because those before it had little in common."""
        if self._rest:
            self._rest -= 1
            return None
        found = _counted(block)
        fresh = [line for line in found if line not in self.counts]
        if len(fresh) > VARIED * found.total() and found.total() > REST:
            self._rest, self.whole = REST, False
        for line, count in found.items():
            if line in self.counts:
                self.counts[line] += count
            elif len(line) <= LONGEST and len(self.counts) < MOST:
                self.counts[line] = count
            else:
                self.whole = False
        self.lines += found.total()
        return Seen(found.keys(), fresh)

    def classes(self) -> list[ShapeClass]:
        """The shapes, the most frequent first."""
        members: dict[str, list[bytes]] = {}
        for line in self.counts:
            members.setdefault(shape(shown(line)).replace(" ", ""), []).append(line)
        classes = [
            ShapeClass(shape(shown(lines[0])), sum(map(self.counts.__getitem__, lines)), frozenset(lines))
            for lines in members.values()
        ]
        return sorted(classes, key=lambda found: (-found.lines, found.shape))


def counted_in(blocks: Iterable[bytes], members: frozenset[bytes]) -> int:
    """How many lines of the blocks are among these, digits aside."""
    total = 0
    for block in blocks:
        found = _counted(block)
        total += sum(found[line] for line in members & found.keys())
    return total


def _counted(block: bytes) -> Counter[bytes]:
    lines = block.translate(ALIKE).split(b"\n")
    if not lines[-1]:
        del lines[-1]
    return Counter(lines)

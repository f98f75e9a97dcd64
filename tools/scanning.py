"""Reads a whole log, however long, once: where the first failure stands, and how often which shape of line does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.failure_words import Tier, tiers_of
from tools.shapes import Shapes

BLOCK = 1 << 20
LOUD = 10_000
"""Shapes of lines that may tell of a failure that are remembered."""


def blocks_of(log: Path) -> Iterator[tuple[int, bytes]]:
    """Blocks that end with a line's end where the line is not too long, each with its offset."""
    offset = 0
    with log.open("rb") as file:
        while block := file.read(BLOCK):
            block += file.readline(BLOCK)
            yield offset, block
            offset += len(block)


def scan(log: Path, words: Sequence[str], shapes: Shapes | None = None) -> tuple[tuple[int, int] | None, int]:
    """The offset and number of the first failure's line, and how many lines there are.

    Lines that differ in nothing but their digits are looked at once; a block that has such lines alone is only
    counted.

    Args:
        log: the log.
        words: what tells of a failure, see `tools.excerpts.excerpt`.
        shapes: gets the shapes of the lines.
    """
    shapes = Shapes() if shapes is None else shapes
    tiers = tiers_of(words)
    best: tuple[int, int] | None = None
    wanted, total, ends_open = len(tiers), 0, False
    loud: set[bytes] = set()
    for offset, block in blocks_of(log):
        seen = shapes.add(block)
        told = set() if seen is None else _telling(seen.fresh, tiers)
        if len(loud) < LOUD:
            loud |= told
        looked_at = seen is None or told or not loud.isdisjoint(seen.lines)
        lower = block.lower() if wanted and looked_at else b""
        for number, tier in enumerate(tiers[:wanted] if lower else ()):
            strong, weak = tier.first(block, lower, best is None)
            place = weak if strong is None and best is None else strong
            if place is not None:
                best = offset + place, total + 1 + block.count(b"\n", 0, place)
            if strong is not None:
                wanted = number
                break
        total += block.count(b"\n")
        ends_open = not block.endswith(b"\n")
    return best, total + ends_open


def _telling(lines: Sequence[bytes], tiers: Sequence[Tier]) -> set[bytes]:
    """Those lines that may tell of a failure; none of their digits is a 0, so that nothing is denied by a number."""
    together = b"\n".join(lines)
    tiers = [tier for tier in tiers if tier.may_tell(together)]
    return {line for line in lines if any(tier.may_tell(line) and tier.judge(line) for tier in tiers)}

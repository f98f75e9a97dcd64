"""Whether quotations stand in a text or in a log, however long."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.failure_words import bare
from tools.scanning import blocks_of

NUMBERING = re.compile(r"^ *\d+\| ?", re.MULTILINE)
REPLACED = "\N{REPLACEMENT CHARACTER}"


def stands_in(quote: str, where: str | Path) -> bool:
    """Whether a quotation stands in a text or file word for word, see `standing`."""
    return bool(standing([quote], where))


def standing(quotes: Sequence[str], where: str | Path) -> list[str]:
    """Those of several quotations that stand in a text or file word for word, by one reading.

    Runs of white space count as one space; terminal sequences, and line numbers that an excerpt put before
    the quoted lines, do not count. An empty quotation stands nowhere.
    """
    wanted = {quote: _Wanted(quote) for quote in quotes}
    left = {quote for quote in quotes if wanted[quote].text}
    longest = max((len(wanted[quote].text) for quote in left), default=0)
    before = ""
    for block in [where.encode()] if isinstance(where, str) else _blocks(where):
        if not left:
            break
        raw = bare(block)
        known, folded = before.encode() + raw, ""
        for quote in [quote for quote in left if all(word in known for word in wanted[quote].words)]:
            folded = folded or before + _folded(raw)
            if wanted[quote].text in folded:
                left.remove(quote)
        before = folded[-longest:] if folded else _end(before, raw, longest)
    return [quote for quote in quotes if wanted[quote].text and quote not in left]


class _Wanted:
    """A quotation as it is looked for: with single spaces, and its words, without all of which it stands nowhere."""

    def __init__(self, quote: str) -> None:
        self.text = _folded(bare(NUMBERING.sub("", quote).encode())).strip()
        self.words = [] if REPLACED in self.text else [word.encode() for word in self.text.split()]


def _blocks(log: Path) -> Iterator[bytes]:
    return (block for _, block in blocks_of(log))


def _folded(text: bytes) -> str:
    """With single spaces; one at the end tells that white space stood there."""
    read = text.decode("utf-8", "replace")
    return " ".join(read.split()) + " " * read[-1:].isspace()


def _end(before: str, block: bytes, characters: int) -> str:
    """The last characters of what was read so far, folded, without folding it all."""
    size = 4 * characters + 4
    while True:
        end = _folded(block[-size:])
        if size >= len(block):
            return (before + end)[-characters:]
        if len(end) > characters + 1:  # the first may be a part of one
            return end[-characters:]
        size *= 4

"""What a model is shown of a log: the window around the first failure, and the end."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.failure_words import AROUND, shown
from tools.failure_words import telling as telling
from tools.scanning import scan
from tools.shapes import Shapes

LINE = 300
"""Characters of one line in an excerpt; the middle of a longer one is left out."""
NAMED = re.compile(r"(?:^|[\s.])[A-Z]\w*(?:Error|Exception): *\S")
ANNOUNCED = 3
"""Lines after one that ends in a colon that are taken for its message."""
HEAD = 3
"""Lines of a log's beginning in an excerpt that has room for more than the window."""
END = 5
"""Lines of its end that come before those of its beginning."""
FOLLOWING = 60
"""Lines after the first failure in which an exception's own words, ``ValueError: ...``, are taken for it."""


class Excerpt(NamedTuple):
    """Numbered lines of a log."""

    text: str
    """``  12| ...`` a line; where lines are left out it says how many."""
    first_line: int
    """Number of the first line shown, from 1; 0 where the log is empty."""
    last_line: int
    total_lines: int
    path: Path
    failure_line: int | None = None
    """Number of the line that was taken as the first failure, None where no line holds a failure word."""

    @property
    def failure(self) -> str | None:
        """That line as it is shown, without its number."""
        numbered = (line.partition("| ") for line in self.text.splitlines())
        return next((text for number, _, text in numbered if number.strip() == str(self.failure_line)), None)

    @property
    def message(self) -> str | None:
        """The failure's line and, where it ends in a colon, what it announces up to an empty line, as one line."""
        line = self.failure
        if line is None or not line.rstrip().endswith(":"):
            return line
        after = self.text.splitlines()
        after = after[next(n for n, shown in enumerate(after) if shown.partition("| ")[2] == line) + 1 :]
        texts = itertools.dropwhile(lambda text: not text.strip(), (shown.partition("| ")[2] for shown in after))
        told = itertools.takewhile(str.strip, texts)
        return " ".join([line.rstrip(), *(text.strip() for text in itertools.islice(told, ANNOUNCED))])


def excerpt(
    log: Path,
    words: Sequence[str],
    lines: int,
    characters: int,
    *,
    shapes: Shapes | None = None,
    mend: Callable[[str], str] = str,
) -> Excerpt:
    """The window around the first failure of a log and its last lines, in bounded memory.

    A line tells of a failure where it holds one of ``words`` as a whole word, whatever its case, or in a name
    such as ``ValueError:``; not where it says that there were none (``0 errors``, ``failed: 0``). The first
    line with a word of ``SURE`` is taken; without one, the first with a word of ``LIKELY``, then with any
    other, and at last one that speaks of a warning or a success as well; where the words of an exception follow
    soon, they are the failure. Without any, the end is shown, and the first lines, which may say what the rest is.

    Args:
        log: the log.
        words: the words, such as those of the settings.
        lines: at most so many lines are shown.
        characters: and so many characters, but at least one line.
        shapes: gets the shapes of all its lines.
        mend: what is done to a line before it is shown.
    """
    found, total = scan(log, words, shapes)
    known = dict(_from(log, 0, 1, HEAD)) | dict(_before(log, log.stat().st_size, total, lines))
    if found is None:
        order = itertools.chain(range(total, total - END, -1), range(1, HEAD + 1), range(total - END, 0, -1))
        return _chosen(log, known, order, lines, characters, total, None, mend)
    offset, failure = found
    following = dict(_from(log, offset, failure, FOLLOWING + lines))
    known |= dict(_before(log, offset, failure - 1, lines)) | following
    ahead = range(failure, failure + FOLLOWING)
    failure = next((number for number in ahead if NAMED.search(following.get(number, ""))), failure)
    return _chosen(log, known, _order(failure, total, lines), lines, characters, total, failure, mend)


def tail(log: Path, n: int) -> str:
    """The last ``n`` lines of a log as a terminal would show them."""
    return "\n".join(text for _, text in _before(log, log.stat().st_size, n, n))


def _before(log: Path, end: int, number: int, count: int) -> list[tuple[int, str]]:
    """At most ``count`` lines that end at an offset, the last of which has that number."""
    start = max(0, end - AROUND)
    block = _read(log, start, end)
    if end < log.stat().st_size:
        block = block[: block.rfind(b"\n") + 1]
    lines = _lines(block)
    if start and len(lines) > 1:
        del lines[0]
    lines = lines[max(0, len(lines) - min(count, number)) :]
    return list(enumerate(lines, number - len(lines) + 1))


def _from(log: Path, start: int, number: int, count: int) -> list[tuple[int, str]]:
    """At most ``count`` lines that begin at an offset, the first of which has that number."""
    return list(enumerate(_lines(_read(log, start, start + AROUND))[:count], number))


def _read(log: Path, start: int, end: int) -> bytes:
    with log.open("rb") as file:
        file.seek(start)
        return file.read(end - start)


def _lines(block: bytes) -> list[str]:
    return [shown(line) for line in block.removesuffix(b"\n").split(b"\n")] if block else []


def _order(failure: int, total: int, lines: int) -> Iterator[int]:
    """Line numbers, the most telling first: after and before the failure, five of the end, three of the head."""
    yield failure
    for turn in range(lines):
        after = failure + 3 * turn
        yield from (after + 1, after + 2, failure - 1 - turn, after + 3)
        if turn < END:
            yield total - turn
        if HEAD <= turn < 2 * HEAD:
            yield turn - HEAD + 1


def _chosen(
    log: Path,
    known: dict[int, str],
    order: Iterable[int],
    lines: int,
    characters: int,
    total: int,
    failure: int | None,
    mend: Callable[[str], str],
) -> Excerpt:
    chosen: dict[int, str] = {}
    left = characters
    for number in order:
        if len(chosen) == lines:
            break
        if number not in known or number in chosen:
            continue
        line = f"{number:>4}| {_clipped(mend(known[number]))}".rstrip()
        left -= len(line) + 1
        if left < 0 and chosen:
            break
        chosen[number] = line
    text, previous = [], min(chosen, default=1) - 1
    for number in sorted(chosen):
        if number > previous + 1:
            text.append(f"    ... {number - previous - 1} lines left out ...")
        text.append(chosen[number])
        previous = number
    return Excerpt("\n".join(text), min(chosen, default=0), previous, total, log, failure)


def _clipped(line: str) -> str:
    keep = LINE * 2 // 3
    return line if len(line) <= LINE else f"{line[:keep]} ... {line[keep - LINE :]}"

"""The oracles of trouble in a running command: what its samples and its lines show, whatever a model thinks of it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tools.progress import shape
from tools.samples import Sample, size

CPU = 0.05
"""Share of one core below which a tree only waits, such as in a loop that sleeps and looks."""
IO = 16 << 10
"""Bytes per second below which its input and output do not count."""
MEMORY = 1 << 20
"""Bytes per second by which memory grows or shrinks, from which that is movement too."""
POINTS, SPAN_S = 8, 7.0
"""Samples that a slope is fitted to at least, and the seconds that they cover."""
WINDOW = 30
"""Samples that it is fitted to at most."""
GROWTH = 0.1
"""What has to be gained within those, as a share of the memory that can be had, to be more than a start-up."""
STEADY = 0.9
"""Pearson's correlation from which memory grows in a line."""
AHEAD = 4
"""How far ahead the line is believed, as a multiple of the time that it was fitted to."""
REPEATS = 5
"""How often the same line of failure has to stand there, numbers aside, before it counts as going on for ever."""
VERBATIM = 20
"""The same of any line that is repeated letter by letter while nothing else is printed."""
NEWEST = 60
"""Lines among which repetition is looked for."""
RATE_S = 2.0
"""Seconds over which processor time, input and output have to be more than that."""
RECENT = 3
"""Samples that say what a tree is like now."""


def trouble(
    samples: Sequence[Sample],
    lines: Sequence[str],
    *,
    still_s: float,
    printed_at: float,
    fails: Callable[[str], bool],
    limit: int | None = None,
    again_s: float | None = None,
) -> str | None:
    """The first of the signs that is there; see the others for what is given.

    A repetition counts once it has lasted for ``still_s``, where ``again_s`` says since when it is seen: a program may
    print a great deal of one kind at once and go on.
    """
    again = repeating(lines, [line for line in lines[-NEWEST:] if fails(line)])
    lasts = again_s is None or again_s >= still_s
    return still(samples, still_s, printed_at) or will_not_fit(samples, limit) or (again if lasts else None)


def still(samples: Sequence[Sample], still_s: float, printed_at: float = 0.0) -> str | None:
    """Whether it printed nothing, used no processor time, moved no data and took no memory for so long.

    Args:
        samples: the oldest first.
        still_s: seconds.
        printed_at: when it last printed, by the clock of the samples' ``seconds``, which never jumps.
    """
    if not samples:
        return None
    now = samples[-1].seconds
    since = max(_moved_at(samples), printed_at)
    if now - since < still_s:
        return None
    return (
        f"it no longer moves: no output, no processor time and no input or output for {now - since:.0f} s "
        f"({samples[-1].processes} processes, {samples[-1].threads} threads, {samples[-1].status})"
    )


def _moved_at(samples: Sequence[Sample]) -> float:
    """When the tree last used processor time or moved data; the first sample's time where it never did."""
    moved = next((index for index in range(len(samples) - 1, 0, -1) if _moves(samples, index)), 0)
    return samples[moved].seconds


def _moves(samples: Sequence[Sample], index: int) -> bool:
    """Whether it does at one sample, and not only as much as one that starts a program to look at something."""
    before, after = samples[index - 1], samples[index]
    if before.status == after.status == "running":
        # On a machine with more to do than cores, what wants to work may get next to nothing of them.
        return True
    since = index - 1
    while since > 0 and after.seconds - samples[since].seconds < RATE_S:
        since -= 1
    if after.cpu > CPU:
        used = sum(two.cpu * (two.seconds - one.seconds) for one, two in pairwise(samples[since : index + 1]))
        if used > CPU * (after.seconds - samples[since].seconds):
            return True
    if abs(after.rss - before.rss) > MEMORY * (after.seconds - before.seconds):
        return True
    return _io_rate(before, after) > IO and _io_rate(samples[since], after) > IO


def _io_rate(before: Sample, after: Sample) -> float:
    return (after.read + after.written - before.read - before.written) / max(after.seconds - before.seconds, 1e-3)


def will_not_fit(samples: Sequence[Sample], limit: int | None = None) -> str | None:
    """Whether its memory, if it goes on growing as it does, will soon be more than there is.

    A line is fitted to the newest samples. It counts where there are enough of them, memory grows steadily and still
    does, and has grown by a good part of what there is; so what a program takes at its start is no alarm.

    Args:
        samples: the oldest first.
        limit: bytes that the tree may have, where less than the machine has.
    """
    newest = samples[-WINDOW:]
    if len(newest) < POINTS or newest[-1].seconds - newest[0].seconds < SPAN_S:
        return None
    last = newest[-1]
    room = last.available if limit is None else min(last.available, limit - last.rss)
    gained = last.rss - newest[0].rss
    slope = _slope(newest)
    if slope is None or gained < GROWTH * (room + gained):
        return None
    if min(after.rss - before.rss for before, after in pairwise(newest[-RECENT - 1 :])) <= 0:
        return None
    left = max(room, 0) / slope
    if left > AHEAD * (last.seconds - newest[0].seconds):
        return None
    return (
        f"its memory will not fit: it grew by {size(slope)} a second to {size(last.rss)}, steadily for "
        f"{last.seconds - newest[0].seconds:.0f} s, and by that slope takes the remaining {size(max(room, 0))} "
        f"within {left:.0f} s"
    )


def _slope(samples: Sequence[Sample]) -> float | None:
    """Bytes that resident memory grows by a second, in a line; None where it does not grow steadily."""
    times, sizes = [sample.seconds for sample in samples], [float(sample.rss) for sample in samples]
    if len(samples) < 2 or min(sizes) == max(sizes) or statistics.correlation(times, sizes) < STEADY:
        return None
    return statistics.linear_regression(times, sizes).slope


def repeating(lines: Sequence[str], failures: Sequence[str]) -> str | None:
    """Whether the newest lines are the same failure again and again, numbers aside, or one line letter by letter.

    Args:
        lines: what was printed, the oldest first.
        failures: those of them that tell of a failure.
    """
    newest = list(lines[-NEWEST:])
    told = set(failures)
    counts = Counter(shape(line) for line in newest if line in told)
    for failure, count in counts.most_common(1):
        if count < REPEATS:
            break
        shapes = [shape(line) for line in newest]
        since = shapes[shapes.index(failure) :]
        # Between two of them something new may be printed: then it goes on.
        if len(set(since)) * REPEATS <= len(since):
            return f"it printed the same failure {count} times: {failure}"
    if len(newest) >= VERBATIM and len(set(newest[-VERBATIM:])) == 1:
        return f"it printed nothing but the same line {VERBATIM} times: {newest[-1]}"
    return None


class Character(NamedTuple):
    """What a tree is like over its newest samples."""

    busy: bool
    """It uses processor time or moves data."""
    growing: bool
    """Its memory grows steadily."""
    status: str
    """Of its busiest process, where all of them say the same."""


def character(samples: Sequence[Sample]) -> Character | None:
    """What the tree is like now; None where there are too few samples to say."""
    newest = samples[-RECENT:]
    if len(samples) <= RECENT:
        return None
    busy = any(_moves(samples, len(samples) - back) for back in range(1, RECENT + 1))
    slope = _slope(samples[-POINTS:]) if len(samples) >= POINTS else None
    growing = slope is not None and slope * AHEAD * POINTS > GROWTH * newest[-1].available
    states = {sample.status for sample in newest}
    return Character(busy, growing, states.pop() if len(states) == 1 else "")


def changed(before: Character | None, now: Character | None) -> str | None:
    """What is different now, in words; None where nothing is, or there is nothing to compare."""
    if before is None or now is None:
        return None
    if before.busy != now.busy:
        return "it works again" if now.busy else "it works no more"
    if now.growing and not before.growing:
        return "its memory begins to grow"
    if before.status and now.status and before.status != now.status:
        return f"it was {before.status} and is {now.status}"
    return None

"""Finds the time that a backend reports of itself: code sees which numbers change, the model says which is a time."""

from __future__ import annotations

import re

from models.errors import Rejected
from nodes.session import Session
from nodes.verify.speed.answers import ReportedTime
from nodes.verify.speed.timed import Run
from tools.progress import shape

UNITS = {"seconds": 1.0, "milliseconds": 1e-3, "microseconds": 1e-6, "nanoseconds": 1e-9}
MOST = 8
NUMBER = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
SLACK = 1.05
"""How much longer than the whole run a reported time may be: it is rounded."""

Place = dict[str, str]
"""``pattern`` with the group ``number``, and ``unit``, a key of `UNITS`."""


def place_of_time(session: Session, one: Run, other: Run) -> Place | None:
    """Where the output says how long the simulation took; None where it does not, which mostly needs no question.

    Two runs of one circuit with one seed print the same but for what was measured in them: only such lines are shown.

    Args:
        session: the run.
        one: a run of a circuit.
        other: another run of it.
    """
    lines = changing(one.output, other.output)
    if not lines:
        return None
    told = "\n".join(lines)

    def measured(answer: ReportedTime) -> str | None:
        if answer.unit == "none":
            return None
        if not answer.number or not re.search(rf"(?<![\w.]){re.escape(answer.number)}(?![\d.]*\d)", told):
            return f"The number {answer.number!r} does not stand in the lines."
        if float(answer.number) * UNITS[answer.unit] > one.wall_s * SLACK:
            return f"The whole run took {one.wall_s:.3f} s; {answer.number} {answer.unit} is more."
        return None

    try:
        answer = session.ask("reported_time", ReportedTime, oracles=[measured], lines=told)
    except Rejected:
        return None
    if answer.unit == "none":
        return None
    place = {"pattern": pattern_of(answer.number, lines), "unit": answer.unit}
    return place if inside(place, one) is not None and inside(place, other) is not None else None


def changing(one: str, other: str) -> list[str]:
    """The lines of one output that the other has with other numbers."""
    theirs = set(other.splitlines())
    shapes = {shape(line) for line in theirs}
    return [line for line in one.splitlines() if line not in theirs and shape(line) in shapes][:MOST]


def pattern_of(number: str, lines: list[str]) -> str:
    """Where a number stands: what is before it on its line, its other numbers aside."""
    where = re.compile(rf"(?<![\w.]){re.escape(number)}(?![\d.]*\d)")
    line = next(line for line in lines if where.search(line))
    match = where.search(line)
    assert match is not None
    before = re.sub(NUMBER, "\0", line[: match.start()])
    words = r"\s+".join(re.escape(word).replace(re.escape("\0"), NUMBER) for word in re.split(r"\s+", before))
    return rf"^{words}(?P<number>{NUMBER})(?![\w.]*\d)"


def inside(place: Place, run: Run) -> float | None:
    """The reported seconds of a run, None where it reports none or more than the whole run took."""
    match = re.search(place["pattern"], run.output, re.MULTILINE)
    seconds = float(match["number"]) * UNITS[place["unit"]] if match else None
    return None if seconds is None or seconds > run.wall_s * SLACK else seconds

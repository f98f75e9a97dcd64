"""How far a backend came: each rung is a claim that a step settled."""

from __future__ import annotations

from typing import NamedTuple

from graph.state import State


class Rung(NamedTuple):
    """One rung and the steps that settle it."""

    claim: str
    steps: tuple[str, ...]


RUNGS = (
    Rung("built", ("build.compile", "build.inspect")),
    Rung("imports or starts", ("verify.interface",)),
    Rung("its own tests pass", ("verify.tests",)),
    Rung("a Bell state is right", ("verify.speak",)),
    Rung("GHZ and the other circuits are right", ("verify.gates", "verify.sampling")),
    Rung("it runs through ProximA", ("execute.unseen",)),
    Rung("its build replays from an untouched copy", ("build.replay",)),
)


def ladder(state: State) -> list[str]:
    """A line per rung, and before them which one was reached without a gap."""
    reached = state.get("reached", {})
    lines, height, whole = [], 0, True
    for number, rung in enumerate(RUNGS, 1):
        settled = [reached.get(step, "") for step in rung.steps]
        if not all(settled):
            mark = "no"
        elif any(sentence.startswith("RESERVATION") for sentence in settled):
            mark = "with a reservation"
        elif rung.steps == ("verify.tests",) and settled[0].startswith("the project has no tests"):
            mark = "it has none"
        else:
            mark = "yes"
        whole = whole and mark in ("yes", "it has none")
        height = number if whole else height
        lines.append(f"{number}. {rung.claim}: {mark}")
    return [f"rung {height} of {len(RUNGS)} was reached without a gap", *lines]

"""Where the graph goes next. Pure functions of the state, typed so that a drawing shows the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from graph.state import State

END = "__end__"
PERMIT = "permit"
"""What the step of a phase is called that asks the person."""

STEPS: dict[str, tuple[str, ...]] = {
    "survey": ("begin", "permit", "fetch", "read"),
    "build": ("strategy", "compile", "inspect", "replay"),
    "verify": ("discover", "tests", "interface", "speak", "gates", "sampling", "benchmark"),
    "integrate": ("metadata", "parameters", "permit", "register"),
    "execute": ("unseen", "advice"),
    "operate": ("health", "report"),
}
"""The steps of each phase, in order."""
JOB_STEPS: dict[str, tuple[str, ...]] = {"execute": ("job",)}
"""The same for a job of circuits on a backend that was brought up."""

Phase = Literal["survey", "build", "verify", "integrate", "execute", "operate"]


def entry(phase: str, steps: Sequence[str]) -> Callable[[State], str]:
    """The step that a phase begins with: the first, the one to be done again, or the one after a skipped one."""

    def route(state: State) -> str:
        at = state.get("at") or ""
        of, _, name = at.partition(".")
        if of != phase or name not in steps:
            return steps[0]
        if at not in state.get("skipped", []):
            return name
        return following(steps, name)

    return route


def following(steps: Sequence[str], name: str) -> str:
    """The step after ``name``, or the end of the phase."""
    position = steps.index(name) + 1
    return steps[position] if position < len(steps) else END


def after(name: str, steps: Sequence[str]) -> Callable[[State], str]:
    """The next step, out of the phase where this one failed or the person stopped, or back to where they are asked."""
    onward = following(steps, name)

    def route(state: State) -> str:
        if state.get("failure") or state.get("stopped"):
            return END
        return PERMIT if asks(steps, name) and (state.get("at") or "").endswith(f".{PERMIT}") else onward

    return route


def asks(steps: Sequence[str], name: str) -> bool:
    """Whether a step comes after one of its phase that asks the person, and can go back there."""
    return PERMIT in steps[: steps.index(name)]


def after_phase(phase: str) -> Callable[[State], Literal["diagnose", "onward", "stop"]]:
    """To recovery where a step failed, onward where all passed, to the end where the person wanted no more."""

    def route(state: State) -> Literal["diagnose", "onward", "stop"]:
        if state.get("stopped"):
            return "stop"
        if state.get("failure"):
            return "diagnose"
        return "stop" if state.get("until") == phase else "onward"

    return route


def after_recovery(
    state: State,
) -> Literal["survey", "build", "verify", "integrate", "execute", "operate", "diagnose", "escalate"]:
    """Back to the step that failed, or on with recovery where nothing was carried out."""
    if state.get("failure"):
        return "escalate" if state.get("choice") == "escalate" else "diagnose"
    return phase_of(state)


def after_carrying_out(state: State) -> Literal["permit", "__end__"]:
    """Back to the question where the action is no longer what was approved."""
    action = state.get("action")
    return "permit" if state.get("failure") and action and "permit" not in action else "__end__"


def phase_of(state: State) -> Phase:
    """The phase of the step to be done again."""
    at = (state.get("at") or "survey.").partition(".")[0]
    phases: tuple[Phase, ...] = ("survey", "build", "verify", "integrate", "execute", "operate")
    return next(phase for phase in phases if phase == at)

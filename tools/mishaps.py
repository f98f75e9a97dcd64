"""What kind of trouble an end was: the categories, and which of them the evidence speaks for."""

from __future__ import annotations

import os
import signal as signals
from typing import Literal, get_args

from tools.postmortem import BROKE, LITTLE_DISK, WORDS, Evidence, signal_name
from tools.samples import size

Category = Literal[
    "crash",
    "program_error",
    "out_of_memory",
    "timeout",
    "hang",
    "waits_for_input",
    "disk_full",
    "permission",
    "something_missing",
    "not_runnable",
    "busy",
    "interrupted",
    "wrong_result",
    "wrong_request",
    "unclear",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)

ASKING = ("?", ":", ">", "]", ")")
"""How a line that asks for something ends by custom, where the answer is typed behind it."""
NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""Exit statuses of a shell whose command cannot be run or is not there (POSIX, XCU 2.8.2)."""
MUCH = 0.7
"""Share of a memory limit that was in use, from which on it can have been the reason."""


def supported(seen: Evidence) -> dict[Category, str]:
    """The categories that the evidence speaks for, each with the fact that does; the most telling first.

    A diagnosis has to be one of them. Where nothing speaks for any, it may be all but those that cannot be without a
    fact: a timeout without a time limit, a want of memory without a record, a crash without a signal.
    """
    if seen.request:
        return {"wrong_request": seen.request}
    if seen.flooded:  # nobody saw whether it would have ended
        return {"program_error": seen.flooded, "hang": seen.flooded}
    found: dict[Category, str] = {}
    if memory := _memory(seen):
        found["out_of_memory"] = memory
    if seen.signal in BROKE:
        found["crash"] = f"it was ended by signal {seen.signal} ({signal_name(seen.signal)})"
    elif seen.signal == signals.SIGXFSZ:
        found["disk_full"] = "it wrote a file beyond the limit for files"
    elif seen.signal == signals.SIGXCPU:
        found["timeout"] = "it used more processor time than it may"
    elif seen.signal is not None and not seen.stopped and not seen.timed_out and not memory:
        found["interrupted"] = f"signal {seen.signal} ({signal_name(seen.signal)}) came from outside"
    if seen.timed_out or seen.stopped:
        if seen.still and seen.prompt:
            found["waits_for_input"] = f"it no longer moves after {seen.prompt!r}"
        asks = "waits_for_input" in found and str(seen.prompt).endswith(ASKING)
        if not asks and (seen.still or (seen.stopped and not memory)):
            found["hang"] = str(seen.still or seen.stopped)
        elif seen.timed_out:
            found["timeout"] = f"it was stopped after {seen.seconds:.0f} s and still moved"
    for folder, free in (seen.free_disk or {}).items():
        if free < LITTLE_DISK:
            found.setdefault("disk_full", f"no room is left in {folder}")
    for code in seen.said:
        found.setdefault(WORDS[code], f"the system said: {os.strerror(code)}")
    if seen.exit_status == NOT_FOUND:
        found.setdefault("something_missing", "the shell did not find the command, or a library that it needs")
    if seen.exit_status == NOT_EXECUTABLE:
        found.setdefault("not_runnable", "the shell may not or cannot execute the command")
    if seen.refused:
        found["wrong_result"] = seen.refused
    elif not found and seen.exit_status:
        found["program_error"] = f"it ended by itself with exit status {seen.exit_status}"
    return found


def possible(seen: Evidence) -> list[Category]:
    """The categories that a diagnosis may be, the likeliest first."""
    speaks = supported(seen)
    found: list[Category] = list(speaks)
    if seen.signal == signals.SIGABRT and "out_of_memory" not in found:
        found.append("out_of_memory")  # a program gives itself up where it gets none
    if not speaks or ("program_error" in speaks and not seen.flooded):
        # A program that ends by itself can only say why; nothing else tells.
        others = [name for name in CATEGORIES if name not in FACTS]
        found += [name for name in others if name not in found]
        found += ["out_of_memory"] if seen.exit_status else []
    return found or ["unclear"]


FACTS: dict[str, str] = {
    "out_of_memory": "no signal, record, sample or word of the system tells of a want of memory",
    "timeout": "there was no time limit that it reached",
    "crash": "no signal ended it",
    "hang": "nobody saw it without movement",
    "waits_for_input": "nobody saw it wait",
    "interrupted": "no signal came from outside",
    "wrong_result": "it gave no result that could be wrong",
    "wrong_request": "the backend took what was asked for",
}
"""What a category cannot be without, as the end of a sentence."""


ALL = ("user", "backend", "environment")
BLAME: dict[str, tuple[str, ...]] = {
    "crash": ("backend",),  # whatever provoked it, a program should refuse it instead
    "out_of_memory": ("environment", "user", "backend"),
    "timeout": ("user", "backend"),
    "hang": ("backend", "environment"),
    "waits_for_input": ("environment", "user"),
    "disk_full": ("environment",),
    "permission": ("environment",),
    "something_missing": ("environment",),
    "not_runnable": ("environment",),
    "busy": ("environment",),
    "interrupted": ("environment",),
    "wrong_result": ("backend",),
    "wrong_request": ("user",),
}
"""Whose fault a category can be, the likeliest first; any where it is not here."""
GRAVITY: dict[str, tuple[str, ...]] = {
    "crash": ("critical", "recoverable"),
    "out_of_memory": ("recoverable", "critical"),
    "timeout": ("recoverable",),
    "waits_for_input": ("recoverable",),
    "disk_full": ("recoverable",),
    "permission": ("recoverable",),
    "something_missing": ("recoverable", "critical"),
    "not_runnable": ("critical", "recoverable"),
    "busy": ("transient", "recoverable"),
    "interrupted": ("transient", "recoverable"),
    "wrong_result": ("critical", "recoverable"),
    "wrong_request": ("critical",),
}
"""How severe a category can be, the likeliest first; any where it is not here."""


def blamed(*among: str) -> list[str]:
    """Whose fault it can be where it is one of these categories, the likeliest first."""
    return list(dict.fromkeys(name for category in among for name in BLAME.get(category, ALL)))


def grave(*among: str) -> list[str]:
    """How severe it can be where it is one of these categories, the likeliest first."""
    anything = ("recoverable", "critical", "transient")
    return list(dict.fromkeys(name for category in among for name in GRAVITY.get(category, anything)))


def why_not(category: str, seen: Evidence) -> str | None:
    """Why a diagnosis cannot be this category, as a sentence for the model; None where it can."""
    among = possible(seen)
    if category in among or category == "unclear":
        return None
    why = f": {FACTS[category]}" if category in FACTS else ""
    return f"It is no {category}{why}. The evidence speaks for {', '.join(among)}."


def _memory(seen: Evidence) -> str | None:
    """What tells of a want of memory."""
    if seen.oom_kills and seen.signal is not None:
        return f"the kernel ended {seen.oom_kills} processes for want of memory"
    if seen.stopped and seen.will_not_fit:
        return seen.will_not_fit
    ended = seen.signal is not None or bool(seen.exit_status)
    if ended and seen.memory_limit and seen.peak_memory >= MUCH * seen.memory_limit:
        return f"it used {size(seen.peak_memory)} of the {size(seen.memory_limit)} that it may use"
    if seen.signal == signals.SIGKILL and seen.will_not_fit:
        return seen.will_not_fit
    return None

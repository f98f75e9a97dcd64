"""Hands over to the person: what failed, what was tried, and what they can answer."""

from __future__ import annotations

from typing import Literal

from langgraph.types import Command, interrupt

from graph.state import State
from nodes.operate.report import write_report
from nodes.recovery.candidates import told
from nodes.session import session_of

Phase = Literal["survey", "build", "verify", "integrate", "execute", "operate"]
PHASES: dict[str, Phase] = {
    "survey": "survey",
    "build": "build",
    "verify": "verify",
    "integrate": "integrate",
    "execute": "execute",
    "operate": "operate",
}


def escalate(state: State) -> Command[Literal[Phase, "__end__"]]:
    """Write the report and wait for the person: a hint, another try, skip this step, stop."""
    session = session_of(state)
    failure, diagnosis = state["failure"], state.get("diagnosis")
    assert failure is not None
    step = failure["step"]
    write_report(session, state)
    answer = str(
        interrupt(
            {
                "kind": "escalation",
                "question": f"{step} failed: {failure['what']}",
                "diagnosis": diagnosis,
                "tried": told(state.get("attempts", []), step),
                "log": failure["log"],
                "report": str(session.run.report),
                "answers": ["retry", "skip", "stop", "hint: WORDS"],
            }
        )
    ).strip()
    word, _, rest = answer.partition(":")
    word = word.lower().strip()
    session.say(f"The person says: {answer}", step="recovery.escalate")
    phase = PHASES[failure["phase"]]
    attempts = [
        {**attempt, "action": {**attempt["action"], "closed": True}} if attempt["step"] == step else attempt
        for attempt in state.get("attempts", [])
    ]
    if word == "skip":
        update = {"failure": None, "at": step, "skipped": [*state.get("skipped", []), step], "hint": None}
        return Command(update=update, goto=phase)
    if word in ("retry", "hint"):
        hint = rest.strip() if word == "hint" else None
        if hint:
            session.recipe.put("complaint", hint, "said by the person")
        return Command(update={"failure": None, "at": step, "hint": hint, "attempts": attempts}, goto=phase)
    return Command(update={"stopped": True}, goto="__end__")

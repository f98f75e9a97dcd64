"""Chooses between retry, recover and escalate; the budget is settled by code."""

from __future__ import annotations

from typing import Any, Literal

from langgraph.types import Command

from graph.state import Attempt, State
from models.errors import BudgetSpent, Rejected
from nodes.grants import hosts_to_ask
from nodes.recovery.answers import Decision, SecondDecision
from nodes.recovery.candidates import candidates, in_vain, plain, signature, told
from nodes.recovery.facts import facts
from nodes.recovery.for_jobs import JOB, fitting, harmless
from nodes.session import session_of

PASSES = ("passing_fault", "unclear", "busy", "interrupted")
"""What may be over by itself."""


def decide(state: State) -> Command[Literal["retry", "recover", "escalate"]]:
    """Ask the model what to do, within what is left to do."""
    session = session_of(state)
    failure, diagnosis = state["failure"], state["diagnosis"]
    assert failure is not None and diagnosis is not None
    attempts = [attempt for attempt in state.get("attempts", []) if attempt["step"] == failure["step"]]
    # What the person is asked about a host is bounded by itself, and mends nothing.
    counted = [attempt for attempt in attempts if attempt["action"]["kind"] != "host"]
    open_attempts = [attempt for attempt in counted if not attempt["action"].get("closed")]
    if diagnosis["kind"] == "known":
        return Command(update={"choice": "recover"}, goto="recover")
    known = bool(session.recipe.get("survey") or hosts_to_ask(session, failure["log"])) or failure["step"] == JOB
    left = candidates(session, failure, attempts) if known else {}
    if failure["step"] == JOB:
        left = fitting(left, diagnosis["kind"])
    why = None
    asks = any(action["kind"] == "host" for action in left.values())
    if len(open_attempts) >= session.settings.budget.attempts and not asks:
        why = f"{len(open_attempts)} attempts were made, which is the limit."
    elif not known:
        why = "Nothing is known of the source yet."
    elif not left:
        why = "Nothing is left that was not tried."
    choice: Literal["retry", "recover", "escalate"] = "escalate"
    if why is None and session.asker.form == "none":
        choice, why = "recover", "Without a model, what is left is tried in order."
    elif why is None and (evident := plain(session, failure, left, attempts)):
        choice, why = "recover", f"It needs no judgement: {evident}."
    elif why is None:
        try:
            mark = signature(session, failure)
            repeated = any(done["action"]["kind"] == "wait" and done["signature"] == mark for done in attempts)
            # Only what the model itself took for a fault that passes can be waited out, and only once.
            waits = diagnosis["kind"] in PASSES and not repeated
            answer: type[Decision] | type[SecondDecision] = Decision if waits else SecondDecision

            def tried_first(answer: Decision | SecondDecision) -> str | None:
                # To wait is no reason to go on where it is no fault that passes.
                untried = [] if attempts else _untried(left, []) or (list(left) if waits else [])
                if answer.choice == "escalate" and untried and (diagnosis["automatic"] or harmless(left)):
                    return f"Nothing was tried yet, and there is: {'; '.join(untried)}."
                return None

            choice = session.ask(
                "decide",
                answer,
                oracles=[tried_first],
                kind=diagnosis["kind"],
                cause=facts(session, failure) or diagnosis["cause"],
                fix="" if diagnosis["automatic"] else diagnosis["fix"],
                attempts=told(in_vain(attempts), failure["step"]),
                left="; ".join(_untried(left, in_vain(attempts))),
                hint=state.get("hint"),
            ).choice
            why = "The model's choice."
        except (Rejected, BudgetSpent) as error:
            why = str(error)
    session.say(f"  decision: {choice}. {why}", step="recovery.decide")
    return Command(update={"choice": choice}, goto=choice)


def _untried(offered: dict[str, dict[str, Any]], attempts: list[Attempt]) -> list[str]:
    """What nothing like it was done yet; a second package or command is more of the same."""
    done = {attempt["action"]["kind"] for attempt in attempts}
    return [text for text, action in offered.items() if action["kind"] not in done and action["kind"] != "wait"]

"""The table of a benchmark: a line per case, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.broken_builds.result import OUTCOMES, Result

FORM = "{:<6} {:<28} {:<9} {:<18} {:>9} {:>6} {:>9} {:>8}  {}"


def head() -> str:
    """The columns' names."""
    return FORM.format("agent", "case", "kind", "outcome", "diagnosis", "tries", "tokens", "seconds", "calls, note")


def line(result: Result) -> str:
    """One case."""
    if result.skipped:
        return FORM.format(result.agent, result.case.name, result.case.kind, "skipped", *[""] * 4, result.skipped)
    trial = result.trial
    said = ("right" if result.case.is_right(trial.diagnosis) else "wrong") if result.diagnosed else "-"
    note = f"{trial.calls} calls" + (f", {trial.note}" if trial.note else "")
    note += ", a sound project was recovered" if result.needless and result.agent == "rigil" else ""
    cost = (trial.attempts, trial.tokens, f"{trial.seconds:.1f}")
    return FORM.format(result.agent, result.case.name, result.case.kind, result.outcome, said, *cost, note)


def totals(results: Sequence[Result]) -> str:
    """The totals of one agent."""
    counted = [result for result in results if not result.skipped]
    lines = [f"  {outcome:<26} {sum(result.outcome == outcome for result in results)}" for outcome in OUTCOMES]
    for kind, wanted in (("fixable", "verified"), ("hopeless", "escalated rightly"), ("sound", "verified")):
        mine = [result for result in counted if result.case.kind == kind]
        lines.append(f"  {kind}: {wanted:<17} {sum(result.outcome == wanted for result in mine)} of {len(mine)}")
    needless = sum(result.needless for result in counted if result.agent == "rigil")
    trials = [result.trial for result in counted]
    return "\n".join(
        [
            *lines,
            f"  sound ones recovered       {needless}",
            f"  attempts                   {sum(trial.attempts for trial in trials)}",
            f"  model calls                {sum(trial.calls for trial in trials)}",
            f"  tokens                     {sum(trial.tokens for trial in trials)}",
            f"  seconds                    {sum(trial.seconds for trial in trials):.0f}",
        ]
    )

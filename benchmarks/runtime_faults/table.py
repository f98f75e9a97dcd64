"""The table of the benchmark: a line a case, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.runtime_faults.result import Result

FORM = "{:<20} {:<12} {:<18} {:<28} {:>6} {:>6} {:>8} {:>8}  {}"


def head() -> str:
    """The columns' names."""
    return FORM.format("case", "kind", "outcome", "diagnosis", "tries", "calls", "tokens", "seconds", "note")


def line(result: Result) -> str:
    """One case."""
    case, trial = result.case, result.trial
    if result.skipped:
        return FORM.format(case.name, case.kind, "skipped", *[""] * 5, result.skipped)
    said = f"{trial.diagnosis.get('category')}, {trial.diagnosis.get('fault')}" if trial.diagnosis else "-"
    notes = [trial.note, *(f"alarm: {alarm}" for alarm in trial.alarms), *(f"LEFT: {name}" for name in trial.left)]
    if trial.claim == "done" and result.wrong:
        notes.append(result.wrong)
    if result.detected and not result.diagnosed:
        notes.append(f"it is {' or '.join(case.category)}")
    cost = (trial.attempts, trial.calls, trial.tokens, f"{trial.seconds:.1f}")
    return FORM.format(case.name, case.kind, result.outcome, said, *cost, ", ".join(notes))


def totals(results: Sequence[Result]) -> str:
    """What they come to."""
    counted = [result for result in results if not result.skipped]
    faults = [result for result in counted if result.case.kind != "healthy"]
    recoverable = [result for result in faults if result.case.kind == "recoverable"]
    hopeless = [result for result in faults if result.case.kind == "hopeless"]
    healthy = [result for result in counted if result.case.kind == "healthy"]
    alarms = sum(result.disturbed or result.trial.claim == "escalated" for result in healthy)
    trials = [result.trial for result in counted]
    return "\n".join(
        [
            f"  detected               {sum(result.detected for result in faults)} of {len(faults)}",
            f"  rightly diagnosed      {sum(result.diagnosed for result in faults)} of {len(faults)}",
            f"  and whose fault it is  {sum(result.blamed for result in faults)} of {len(faults)}",
            f"  recovered              {_count(recoverable, 'recovered')} of {len(recoverable)}",
            f"  rightly escalated      {_count(hopeless, 'escalated rightly')} of {len(hopeless)}",
            f"  false alarms           {alarms} of {len(healthy)} healthy ones",
            f"  false claims           {_count(counted, 'false claim')}",
            f"  no end                 {_count(counted, 'no end')}",
            f"  leaked processes       {sum(len(trial.left) for trial in trials)}",
            f"  skipped                {len(results) - len(counted)}",
            f"  attempts               {sum(trial.attempts for trial in trials)}",
            f"  model calls            {sum(trial.calls for trial in trials)}",
            f"  tokens                 {sum(trial.tokens for trial in trials)}",
            f"  seconds                {sum(trial.seconds for trial in trials):.0f}",
        ]
    )


def failed(results: Sequence[Result]) -> bool:
    """Whether one of the zeros is none: false alarms, false claims, leaked processes."""
    return any(
        result.trial.left or result.outcome in ("false claim", "false alarm")
        for result in results
        if not result.skipped
    )


def _count(results: Sequence[Result], outcome: str) -> int:
    return sum(result.outcome == outcome for result in results)

"""Reads what a whole test run says, and holds it to the exit status and the numbers."""

from __future__ import annotations

import re
from collections import Counter

from graph.state import Failure, State
from models.errors import Rejected
from nodes.recovery.candidates import signature
from nodes.session import Session, StepFailed
from nodes.verify.suite.answers import TestResults
from tools.excerpts import tail
from tools.finished import Finished

WINDOWS = (12, 40)
"""Last lines of the output that are read: counts stand at the end, further up where a table follows them."""
NOT_RUN = (126, 127)
"""What a POSIX shell returns for a command that it cannot execute or find."""


def contradicted(results: TestResults, output: str) -> str | None:
    """What does not hold of the counts: each stands in the output on its own, or one is left of a total there."""
    numbers = Counter(int(text) for text in re.findall(r"(?<![\d.])\d+(?![\d.]*\d)", output))
    missing: list[str] = []
    for name in ("failed", "skipped", "passed"):
        count = getattr(results, name)
        if count and not numbers[count]:
            missing.append(f"{name} {count}")
        elif count:
            numbers[count] -= 1
    ran = results.passed + results.failed
    if not missing or (len(missing) == 1 and (numbers[ran] or numbers[ran + results.skipped])):
        return None
    return f"{' and '.join(missing)}: no number of the output is left that says so, and none is a total of it."


def disagreement(results: TestResults, finished: Finished) -> str | None:
    """Where the counts and the exit status contradict each other, as a clause; then the run counts as failed."""
    if finished.ok and results.failed:
        return f"the exit status says success, but the output says that {results.failed} failed"
    if not finished.ok and results.passed and not results.failed:
        status = f"exit status {finished.exit_status}" if finished.exit_status is not None else "a signal"
        return f"it ended with {status}, but the output says that {results.passed} passed and none failed"
    return None


def mended_before(session: Session, state: State, finished: Finished, command: str) -> bool:
    """Whether recovery did something about this very failure already."""
    failure = Failure(phase="verify", step="verify.tests", what="", command=command, log=str(finished.log), status=None)
    mark = signature(session, failure)
    return any(attempt["signature"] == mark for attempt in state.get("attempts", []))


def read_results(session: Session, finished: Finished) -> TestResults:
    """Ask what a test run says, and refuse a reading that its numbers contradict.

    One that contradicts the exit status is asked for again, and further up; it is kept where it stays, and the run then
    counts as failed.

    Raises:
        StepFailed: if the output cannot be read as a test run.
    """
    if finished.exit_status in NOT_RUN:
        raise StepFailed(f"No test ran: the command was not found or may not be executed. {finished.in_words}")
    if not re.search(r"\b[1-9]", tail(finished.log, WINDOWS[-1])):
        raise StepFailed(f"The test command ran no tests: it printed no number. {finished.in_words}")
    why: Rejected | None = None
    told: list[str] = []
    windows = list(dict.fromkeys(tail(finished.log, lines) for lines in WINDOWS))
    for output in windows:

        def consistent(answer: TestResults, output: str = output) -> str | None:
            if wrong := contradicted(answer, output):
                return wrong
            clause = disagreement(answer, finished)
            if clause is None or told:
                return None
            if output == windows[-1]:
                told.append(clause)
            return f"{clause[0].upper()}{clause[1:]}. Read again."

        try:
            results = session.ask(
                "test_results",
                TestResults,
                oracles=[consistent],
                finished=finished.in_words,
                output=output[-1800:],
            )
        except Rejected as rejected:
            why = rejected
            continue
        if not (results.passed or results.failed or results.skipped):
            continue
        # A name that was not copied costs itself, not the counts.
        return results.model_copy(update={"failed_names": [name for name in results.failed_names if name in output]})
    raise StepFailed(f"The test command ran no tests. {finished.in_words}") from why

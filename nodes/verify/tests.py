"""Runs the backend's own tests and holds the model's reading of them to the exit status and the numbers."""

from __future__ import annotations

import re
from collections import Counter

from graph.state import Failure, State
from models.errors import Rejected
from nodes.grants import may_use_network
from nodes.recovery.candidates import signature
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.answers import TestResults
from tools.excerpts import tail
from tools.finished import Finished

WINDOWS = (12, 40)
"""Last lines of the output that are read: counts stand at the end, further up where a table follows them."""
NOT_RUN = (126, 127)
"""What a POSIX shell returns for a command that it cannot execute or find."""


@step("verify")
def tests(session: Session, state: State) -> str:
    """Run the first of the known test commands that really runs tests; failing tests are told, never mended."""
    known = session.recipe.get("tests")
    survey = session.recipe.get("survey")
    commands = [known["command"]] if known else list(survey["commands"]["test"])
    if not commands:
        return "the project has no tests of its own that it states or that its files show"
    problem: StepFailed | None = None
    mended = any(attempt["step"] == "verify.tests" for attempt in state.get("attempts", []))
    # Once recovery is at it, what it mends is the first command's failure.
    for command in commands[: 1 if mended else 3]:
        finished = session.command(
            command,
            name="tests",
            network=may_use_network(session, "verify.tests"),
            timeout_s=session.settings.limits.test_s,
        )
        try:
            known_results = TestResults(**known["results"]) if known else None
            told = tail(finished.log, WINDOWS[-1])
            if known_results and finished.ok == known["ok"] and not _contradicted(known_results, told):
                results = known_results
            else:
                results = read_results(session, finished)
                if results.passed == 0 and not _mended_before(session, state, finished, command):
                    # A run of which nothing passed is told apart from one that never began by nothing that code
                    # can see: recovery is asked, and only what it did not change is told as a result.
                    raise StepFailed(f"No test passed. {finished.in_words}")
        except StepFailed as failed:
            if not finished.ok or "test" not in survey["proposed"]:
                problem = problem or StepFailed(failed.what, finished, command)
            continue
        total = f"{results.passed} passed, {results.failed} failed, {results.skipped} skipped"
        session.recipe.put(
            "tests",
            {"command": command, "ok": finished.ok, "results": results.model_dump()},
            f"{finished.in_words} {total}",
        )
        if results.failed or not results.passed or not finished.ok:
            names = f" ({', '.join(results.failed_names[:5])})" if results.failed_names else ""
            return f"RESERVATION: {total} by `{command}`{names}; the project's own tests do not all pass"
        return f"{total} by `{command}`, exit status 0"
    if problem is None:
        return (
            f"RESERVATION: no test ran by {', '.join(commands[:3])}, which no document states; perhaps there are none"
        )
    raise problem


def _mended_before(session: Session, state: State, finished: Finished, command: str) -> bool:
    """Whether recovery did something about this very failure already."""
    failure = Failure(phase="verify", step="verify.tests", what="", command=command, log=str(finished.log), status=None)
    mark = signature(session, failure)
    return any(attempt["signature"] == mark for attempt in state.get("attempts", []))


def _contradicted(results: TestResults, output: str) -> str | None:
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


def read_results(session: Session, finished: Finished) -> TestResults:
    """Ask what a test run says, and refuse a reading that its exit status or its numbers contradict.

    Raises:
        StepFailed: if the output cannot be read as a test run.
    """
    if finished.exit_status in NOT_RUN:
        raise StepFailed(f"No test ran: the command was not found or may not be executed. {finished.in_words}")
    if not re.search(r"\b[1-9]", tail(finished.log, WINDOWS[-1])):
        raise StepFailed(f"The test command ran no tests: it printed no number. {finished.in_words}")
    why: Rejected | None = None
    for output in dict.fromkeys(tail(finished.log, lines) for lines in WINDOWS):

        def consistent(answer: TestResults, output: str = output) -> str | None:
            if wrong := _contradicted(answer, output):
                return wrong
            if finished.ok and answer.failed:
                return "The exit status says success, so no test can have failed."
            if not finished.ok and not answer.failed and answer.passed:
                return "The exit status says failure, so at least one test failed."
            return None

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

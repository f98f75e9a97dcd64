"""Runs the backend's own tests and holds the model's reading of them to the exit status and the numbers."""

from __future__ import annotations

import re

from graph.state import State
from models.errors import Rejected
from nodes.grants import may_use_network
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.answers import TestResults
from tools.excerpts import tail
from tools.finished import Finished

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
    left, replaced = commands[: 1 if mended else 3], _replaced(state)
    while left:
        command = left.pop(0)
        finished = session.command(
            command,
            name="tests",
            network=may_use_network(session, "verify.tests"),
            timeout_s=session.settings.limits.test_s,
        )
        try:
            known_results = TestResults(**known["results"]) if known else None
            output = tail(finished.log, 25)
            if known_results and finished.ok == known["ok"] and _follows(known_results, output):
                results = known_results
            else:
                results = read_results(session, finished, output)
        except StepFailed as failed:
            if finished.ok and command in replaced:
                # It ended well without a test: it prepared what the command in whose place it was put needs.
                left.insert(0, f"{command} && {replaced.pop(command)}")
                continue
            if not finished.ok or "test" not in survey["proposed"]:
                problem = problem or StepFailed(failed.what, finished, command)
            continue
        total = f"{results.passed} passed, {results.failed} failed, {results.skipped} skipped"
        session.recipe.put(
            "tests",
            {"command": command, "ok": finished.ok, "results": results.model_dump()},
            f"{finished.in_words} {total}",
        )
        if results.failed:
            names = ", ".join(results.failed_names[:5])
            return f"RESERVATION: {total} by `{command}` ({names}); the project's own tests do not all pass"
        return f"{total} by `{command}`, exit status 0"
    if problem is None:
        return (
            f"RESERVATION: no test ran by {', '.join(commands[:3])}, which no document states; perhaps there are none"
        )
    raise problem


def _replaced(state: State) -> dict[str, str]:
    """Command -> the test command in whose place recovery put it."""
    actions = [attempt["action"] for attempt in state.get("attempts", []) if attempt["step"] == "verify.tests"]
    return {action["new"]: action["old"] for action in actions if action["kind"] == "replace"}


def _follows(results: TestResults, output: str) -> bool:
    """Whether every count stands in the output, or is what others that stand there leave of their total."""
    numbers = {int(text) for text in re.findall(r"(?<![\d.])\d+(?![\d.]*\d)", output)}
    ran = results.passed + results.failed
    totals = {ran, ran + results.skipped} & numbers
    return all(not count or count in numbers or totals for count in (results.passed, results.failed, results.skipped))


def read_results(session: Session, finished: Finished, output: str) -> TestResults:
    """Ask what a test run says, and refuse a reading that its exit status or its numbers contradict.

    Raises:
        StepFailed: if no test passed, or the output cannot be read as a test run.
    """
    if finished.exit_status in NOT_RUN:
        raise StepFailed(f"No test ran: the command was not found or may not be executed. {finished.in_words}")

    if not re.search(r"[1-9]", output):
        raise StepFailed(f"The test command ran no tests: it printed no number. {finished.in_words}")

    def consistent(answer: TestResults) -> str | None:
        if not _follows(answer, output):
            return "The counts do not stand in the output and do not follow from its total."
        if finished.ok and answer.failed:
            return "The exit status says success, so no test can have failed."
        if not finished.ok and not answer.failed and answer.passed:
            return "The exit status says failure, so at least one test failed."
        for name in answer.failed_names:
            if name not in output:
                return f"{name!r} does not stand in the output."
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
        raise StepFailed(f"The test command ran no tests. {finished.in_words}") from rejected
    if results.passed == 0:
        # A run of which nothing passed is told apart from one that never began by nothing that code can see.
        raise StepFailed(f"No test passed. {finished.in_words}")
    return results

"""Runs single tests: the smoke tests first, later those that failed, and all of them where no command does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from models.errors import Rejected
from nodes.grants import may_use_network
from nodes.session import Session
from nodes.verify.suite.answers import TestOutcome
from nodes.watch import Watch
from tools.commands import Template, filled
from tools.excerpts import tail
from tools.finished import Finished
from tools.junit import Case
from tools.quotations import stands_in

ABSENT = "no-such-test-4f1c"
"""A name that no test has: what a command prints of it is what it prints where it runs none."""
LAST = 12
"""Lines of the end of an output that a report keeps."""
KEPT = 50
"""Tests whose seconds are kept, the slowest."""


class Alone:
    """Runs tests by the command that runs one of them, as long as that command really selects it.

    Args:
        session: the run.
        template: the command; None where none is known.
        known: what was read of failing tests before, by their names.
    """

    def __init__(self, session: Session, template: Template | None, known: Mapping[str, Any]):
        self.session = session
        self.template = template
        self.outcomes: dict[str, Any] = {}
        """What was read of failing tests, for the recipe."""
        self._known = known
        self._left = session.settings.tests.alone
        self._seconds: dict[str, float] = {}

    def run(self, name: str) -> Finished | None:
        """Run a test alone; None where no command selects it, after which there is no template any more."""
        if self.template is None:
            return None
        finished = self._command(filled(self.template, name), name)
        if not finished.stopped and self._control() in (_mark(finished), _mark(finished, name)):
            command = filled(self.template, name)
            self.session.say(
                f"  `{command}` runs no test of that name: it does what it does for a name that there is not.",
                step="verify.tests",
            )
            self.template = None
            sorting = self.session.recipe.get("sorting")
            if sorting:
                self.session.recipe.put("sorting", {**sorting, "alone": None}, "its command selects no test")
            return None
        self._seconds[name] = round(finished.seconds, 2)
        return finished

    def failed(self, name: str, finished: Finished) -> Case:
        """A test whose run alone failed: why, and whether it fails again where chance may have done it."""
        return self.again(self.read(name, finished), lambda: self.run(name))

    def again(self, case: Case, run: Callable[[], Finished | None]) -> Case:
        """Run what is believed flaky again: it is flaky if it passes once, and failed otherwise."""
        if case.status != "flaky":
            return case
        runs = []
        for _ in range(self.session.settings.tests.again):
            finished = run()
            if finished is None:
                break
            runs.append(finished.ok)
        # The first run is why it is believed flaky; its record is what came after it.
        case.runs = runs or case.runs
        if not any(case.runs):
            case.status = "failed"
            case.reason = f"{case.reason} (believed flaky, but it failed {len(runs)} times more)"
        return case

    def read(self, name: str, finished: Finished, output: str | None = None) -> Case:
        """What one test's output says of it, held to the exit status; ``flaky`` where chance is said to be the cause.

        Args:
            name: of the test.
            finished: how its run, or the whole suite's, ended.
            output: what is read of it, the excerpt of the log unless given.
        """
        last = tail(finished.log, LAST)
        case = Case(name, "passed" if finished.ok else "failed", runs=[finished.ok], output=last)
        case.seconds = self._seconds.get(name)
        if finished.stopped:
            case.reason = finished.in_words
            return case
        output = output or self.session.excerpt(finished.log).text
        mark = _numberless(output)
        answer = self._outcome(name, finished, output, mark)
        if answer is None:
            case.reason = "" if finished.ok else f"{finished.in_words} {_line(last)}"
            return case
        self.outcomes[name] = {**answer.model_dump(), "mark": mark}
        case.metrics = {metric.name: metric.number for metric in answer.metrics}
        case.reason = answer.reason
        if finished.ok and answer.result == "skipped":
            case.status = "skipped"
        elif finished.ok and answer.result == "failed":
            case.status, case.runs = "failed", [False]
            case.reason = f"the exit status says success, but the output says: {answer.reason}"
        elif not finished.ok and answer.result != "failed":
            case.reason = f"{finished.in_words} The output says that it {_said(answer)}. {answer.reason}".strip()
        elif not finished.ok and answer.cause == "chance":
            case.status = "flaky"
        return case

    def measured(self) -> None:
        """Keep how long the tests took, for the next manifest."""
        seconds = (self.session.recipe.get("durations") or {}) | self._seconds
        if seconds and self._seconds:
            slowest = dict(sorted(seconds.items(), key=lambda item: -item[1])[:KEPT])
            self.session.recipe.put("durations", slowest, "measured in their last runs alone")

    def _outcome(self, name: str, finished: Finished, output: str, mark: str) -> TestOutcome | None:
        """The model's reading; what it read before of the same output, or where the reason still stands there."""
        before = self._known.get(name)
        if before and (stands_in(before["reason"], output) or (before["mark"] == mark and not before["reason"])):
            metrics = [metric for metric in before["metrics"] if stands_in(metric["number"], output)]
            return TestOutcome.model_validate({**before, "metrics": metrics})
        if self._left == 0:
            return None
        self._left -= 1

        def rests_on_the_output(answer: TestOutcome) -> str | None:
            if answer.reason and not stands_in(answer.reason, output):
                return f"The words {answer.reason!r} do not stand in the output."
            if answer.result != "passed" and not answer.reason:
                return "Copy the line that says why."
            for metric in answer.metrics:
                if not (stands_in(metric.name, output) and stands_in(metric.number, output)):
                    return f"{metric.name} {metric.number} does not stand in the output."
            return None

        try:
            return self.session.ask(
                "test_outcome",
                TestOutcome,
                oracles=[rests_on_the_output],
                name=name,
                output=output,
                finished=finished.in_words,
            )
        except Rejected as rejected:
            self.session.say(f"  {name}: {rejected}", step="verify.tests")
            return None

    def _command(self, command: str, name: str) -> Finished:
        return run_tests(self.session, command, f"test-{name}", self.session.settings.tests.one_s)

    def _control(self) -> list[Any]:
        """The negative control: what the command comes to for a test that there is not."""
        assert self.template is not None
        known = self.session.recipe.get("control")
        if known and known["template"] == self.template:
            mark: list[Any] = known["mark"]
            return mark
        mark = _mark(self._command(filled(self.template, ABSENT), ABSENT))
        self.session.recipe.put(
            "control", {"template": self.template, "mark": mark}, "run for a test that is not there"
        )
        return mark


def run_tests(session: Session, command: str, name: str, timeout_s: float) -> Finished:
    """Run a command of the backend's own tests, with what was granted to them."""
    network = may_use_network(session, "verify.tests")
    expected = f"runs the project's own tests by `{command}`, within {timeout_s:g} s"
    with Watch(session, expected, phase="tests") as watch:
        return session.command(command, name=name, network=network, timeout_s=timeout_s, **watch.watching())


def _mark(finished: Finished, name: str = ABSENT) -> list[Any]:
    """What two runs share that came to the same, but for all numbers and, as far as it is printed, the test's name."""
    text = finished.log.read_text(errors="replace")[-100_000:]
    return [finished.exit_status, _numberless(text.replace(name, ABSENT))[-2000:]]


def _numberless(text: str) -> str:
    return re.sub(r"\d+", "#", " ".join(text.split()))


def _line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _said(answer: TestOutcome) -> str:
    return "passed" if answer.result == "passed" else "was skipped"

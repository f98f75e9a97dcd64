"""Runs the backend's own tests: the smoke tests first, then the suite, or the tests one by one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from graph.state import State
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.discover import discovered
from nodes.verify.suite.alone import LAST, Alone, run_tests
from nodes.verify.suite.answers import TestResults
from nodes.verify.suite.listed import test_like
from nodes.verify.suite.one_by_one import one_by_one
from nodes.verify.suite.reading import NOT_RUN, WINDOWS, disagreement, mended_before, read_results
from nodes.verify.suite.results import failing, named, save_results, telling_sentence
from tools.excerpts import tail, telling
from tools.finished import Finished
from tools.junit import Case
from tools.manifest import Manifest, in_order, load

MOST_COMMANDS = 3


@step("verify")
def tests(session: Session, state: State) -> str:
    """Run what is known of the tests; failing ones are told, never mended.

    Of the commands that run them all, the first counts that really runs tests.
    """
    mended = any(attempt["step"] == "verify.tests" for attempt in state.get("attempts", []))
    manifest = _manifest(session)
    known = session.recipe.get("tests") or {}
    survey = session.recipe.get("survey")
    commands = list(survey["commands"]["test"])
    alone = Alone(session, manifest["alone"], known.get("outcomes", {}))
    if not commands:
        if not manifest["tests"]:
            if like := test_like(session):
                return f"RESERVATION: nothing was found that runs tests, and {len(like)} files are named like some"
            return "the project has no tests of its own that it states or that its files show"
        if not manifest["alone"]:
            return f"RESERVATION: {len(manifest['tests'])} tests are known, but nothing that runs them"
        return one_by_one(session, state, manifest, alone)
    smoke = _smoke(manifest, alone)
    problems: dict[str, StepFailed] = {}
    # Once recovery is at it, what it mends is the first command's failure.
    for command in commands[: 1 if mended else MOST_COMMANDS]:
        finished = run_tests(session, command, "tests", session.settings.limits.test_s)
        if finished.timed_out or (finished.stopped and mended):
            return _unended(session, command, finished, manifest, smoke)
        if finished.stopped:
            # What was stopped in its midst has no result. Recovery may know why it got stuck.
            raise StepFailed(f"`{command}` did not end. {finished.in_words}", finished, command)
        try:
            if not finished.ok and (before := known.get("problems", {}).get(command)):
                raise StepFailed(before)
            results = _results(session, state, command, finished, known)
        except StepFailed as failed:
            if not finished.ok or "test" not in survey["proposed"]:
                problems[command] = StepFailed(failed.what, finished, command)
            continue
        if mended and results.passed and session.recipe.get("listing") and not manifest["tests"]:
            # What kept the tests from running may have kept them from being listed.
            session.recipe.forget("listing")
            manifest = discovered(session, state.get("hint"))
            alone.template = manifest["alone"]
        suite = Suite(command, finished, results, _replaced(state, command, known), problems)
        return _told(session, suite, manifest, alone, smoke)
    if not problems:
        return (
            f"RESERVATION: no test ran by {', '.join(commands[:MOST_COMMANDS])}, which no document states; "
            "perhaps there are none"
        )
    raise next(iter(problems.values()))


def _replaced(state: State, command: str, known: dict[str, Any]) -> str | None:
    """The command in whose place recovery put this one, in this run or in an earlier one."""
    for attempt in state.get("attempts", []):
        action = attempt["action"]
        if attempt["step"] == "verify.tests" and action["kind"] == "replace" and action["new"] == command:
            return str(action["old"])
    return known.get("replaced") if known.get("command") == command else None


def _manifest(session: Session) -> Manifest:
    return load(session.run.manifest) or Manifest(listed_by="", verified_by="", suite=[], alone=None, tests=[])


def _smoke(manifest: Manifest, alone: Alone) -> dict[str, Finished]:
    """How the smoke tests ended, and what they need before them, by name, as far as a command runs them alone."""
    known = {test["name"]: test for test in manifest["tests"]}
    wanted = [test["name"] for test in manifest["tests"] if test["smoke"]]
    for name in wanted:
        wanted += [need for need in known[name]["needs"] if need in known and need not in wanted]
    ended = {}
    for test in in_order([known[name] for name in wanted]):
        if finished := alone.run(test["name"]):
            ended[test["name"]] = finished
    return ended if alone.template else {}


def _results(session: Session, state: State, command: str, finished: Finished, known: dict[str, Any]) -> TestResults:
    """What a run of the suite says: as before where it printed the same but for times, read anew otherwise.

    Raises:
        StepFailed: if it cannot be read, or nothing passed and recovery was not asked yet.
    """
    if known.get("command") == command and finished.ok == known["ok"] and known.get("mark") == _mark(finished):
        return TestResults.model_validate(known["results"])
    results = read_results(session, finished)
    if results.passed == 0 and not mended_before(session, state, finished, command):
        # A run of which nothing passed is told apart from one that never began by nothing that code can see:
        # recovery is asked, and only what it did not change is told as a result.
        raise StepFailed(f"No test passed. {finished.in_words}")
    return results


def _mark(finished: Finished) -> str:
    """The end of the output without numbers that have a fraction, such as seconds, whatever order its lines are in."""
    lines = tail(finished.log, WINDOWS[-1]).splitlines()
    plain = sorted(" ".join(re.sub(r"\d+[.,]\d+", "#", line).split()) for line in lines)
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()


class Suite(NamedTuple):
    """A run of the whole suite."""

    command: str
    finished: Finished
    results: TestResults
    replaced: str | None
    """The command in whose place recovery put this one."""
    problems: dict[str, StepFailed]
    """The commands before it of which no test passed."""

    @property
    def ran(self) -> int:
        """How many tests it counts."""
        return self.results.passed + self.results.failed + self.results.skipped

    @property
    def total(self) -> str:
        """The counts in words."""
        return f"{self.results.passed} passed, {self.results.failed} failed, {self.results.skipped} skipped"


def _told(session: Session, suite: Suite, manifest: Manifest, alone: Alone, smoke: dict[str, Finished]) -> str:
    """Look at what failed, keep the results, and say what they come to."""
    command, finished, results = suite.command, suite.finished, suite.results
    names = named(results, finished, manifest)
    cases = failing(session, command, names, finished, alone, smoke)
    clause = disagreement(results, finished)
    piece = {"command": command, "ok": finished.ok, "mark": _mark(finished), "results": results.model_dump()}
    piece |= {"outcomes": alone.outcomes, "replaced": suite.replaced}
    piece["problems"] = {other: problem.what for other, problem in suite.problems.items()}
    session.recipe.put("tests", piece, f"{finished.in_words} {suite.total}")
    alone.measured()
    save_results(session, command, finished, results, manifest, cases, smoke, clause)
    if results.failed or not results.passed or not finished.ok or cases:
        return f"RESERVATION: {suite.total} by `{command}`{telling_sentence(cases, clause)}"
    if doubts := list(_doubts(session, suite, manifest)):
        return f"RESERVATION: {suite.total} by `{command}`, exit status 0; but {'; '.join(doubts)}"
    more = suite.ran > (listed := _listed(manifest)) > 0
    return f"{suite.total} by `{command}`, exit status 0" + (f"; {listed} are listed" if more else "")


def _doubts(session: Session, suite: Suite, manifest: Manifest) -> Iterator[str]:
    """Why a run in which all passed is not the whole of what the project has to show."""
    for command, problem in suite.problems.items():
        if problem.status not in NOT_RUN:
            yield f"{problem.what.rstrip('.')}, by `{command}`"
    listed = _listed(manifest)
    if suite.ran < listed:
        yield f"{listed} tests are listed by {manifest['listed_by']}"
    if suite.replaced and not listed:
        yield f"recovery put it in the place of `{suite.replaced}`, and nothing tells how many tests there should be"
    fails = telling(session.settings.excerpt.failure_words)
    if line := next((line for line in tail(suite.finished.log, WINDOWS[0]).splitlines() if fails(line)), None):
        yield f"the output speaks of a failure: “{line.strip()[:120]}”"


def _listed(manifest: Manifest) -> int:
    """How many tests a command listed, 0 where none did."""
    return len(manifest["tests"]) if manifest["listed_by"].startswith("`") else 0


def _unended(session: Session, command: str, finished: Finished, manifest: Manifest, smoke: dict[str, Finished]) -> str:
    """A suite that does not end is a failure with the last that it printed."""
    last = tail(finished.log, LAST)
    case = Case(command, "failed", finished.in_words, [False], finished.seconds, last)
    early = [Case(name, "failed", ended.in_words, [False]) for name, ended in smoke.items() if not ended.ok]
    save_results(session, command, finished, None, manifest, [case, *early], smoke, None)
    line = next((line.strip() for line in reversed(last.splitlines()) if line.strip()), "")
    said = f" The last that it printed: “{line[:160]}”;" if line else ""
    return f"RESERVATION: `{command}` did not end. {finished.in_words}{said} the project's own tests do not all pass"

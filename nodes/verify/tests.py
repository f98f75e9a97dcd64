"""Runs the backend's own tests: the smoke tests first, then the suite, or the tests one by one."""

from __future__ import annotations

from graph.state import State
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.discover import discovered
from nodes.verify.suite.alone import LAST, Alone, run_tests
from nodes.verify.suite.answers import TestResults
from nodes.verify.suite.one_by_one import one_by_one
from nodes.verify.suite.reading import WINDOWS, contradicted, disagreement, mended_before, read_results
from nodes.verify.suite.results import failing, named, save_results, telling_sentence
from tools.excerpts import tail
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
    known = session.recipe.get("tests")
    survey = session.recipe.get("survey")
    commands = [known["command"]] if known and known["command"] else list(survey["commands"]["test"])
    alone = Alone(session, manifest["alone"], (known or {}).get("outcomes", {}))
    if not commands:
        if not manifest["tests"]:
            return "the project has no tests of its own that it states or that its files show"
        if not manifest["alone"]:
            return f"RESERVATION: {len(manifest['tests'])} tests are known, but nothing that runs them"
        return one_by_one(session, state, manifest, alone)
    smoke = _smoke(manifest, alone)
    problem: StepFailed | None = None
    # Once recovery is at it, what it mends is the first command's failure.
    for command in commands[: 1 if mended else MOST_COMMANDS]:
        finished = run_tests(session, command, "tests", session.settings.limits.test_s)
        if finished.timed_out:
            return _timed_out(session, command, finished, manifest, smoke)
        try:
            results = _results(session, state, command, finished, known)
        except StepFailed as failed:
            if not finished.ok or "test" not in survey["proposed"]:
                problem = problem or StepFailed(failed.what, finished, command)
            continue
        if mended and results.passed and session.recipe.get("listing") and not manifest["tests"]:
            # What kept the tests from running may have kept them from being listed.
            session.recipe.forget("listing")
            manifest = discovered(session, state.get("hint"))
            alone.template = manifest["alone"]
        return _told(session, command, finished, results, manifest, alone, smoke)
    if problem is None:
        return (
            f"RESERVATION: no test ran by {', '.join(commands[:MOST_COMMANDS])}, which no document states; "
            "perhaps there are none"
        )
    raise problem


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


def _results(
    session: Session, state: State, command: str, finished: Finished, known: dict[str, object] | None
) -> TestResults:
    """What a run of the suite says: as before where that still holds of its output, read anew otherwise.

    Raises:
        StepFailed: if it cannot be read, or nothing passed and recovery was not asked yet.
    """
    if known:
        before = TestResults.model_validate(known["results"])
        if finished.ok == known["ok"] and not contradicted(before, tail(finished.log, WINDOWS[-1])):
            return before
    results = read_results(session, finished)
    if results.passed == 0 and not mended_before(session, state, finished, command):
        # A run of which nothing passed is told apart from one that never began by nothing that code can see:
        # recovery is asked, and only what it did not change is told as a result.
        raise StepFailed(f"No test passed. {finished.in_words}")
    return results


def _told(
    session: Session,
    command: str,
    finished: Finished,
    results: TestResults,
    manifest: Manifest,
    alone: Alone,
    smoke: dict[str, Finished],
) -> str:
    """Look at what failed, keep the results, and say what they come to."""
    names = named(results, finished, manifest)
    cases = failing(session, command, names, finished, alone, smoke)
    clause = disagreement(results, finished)
    total = f"{results.passed} passed, {results.failed} failed, {results.skipped} skipped"
    session.recipe.put(
        "tests",
        {
            "command": command,
            "ok": finished.ok,
            "results": results.model_dump(),
            "outcomes": alone.outcomes,
        },
        f"{finished.in_words} {total}",
    )
    alone.measured()
    save_results(session, command, finished, results, manifest, cases, smoke, clause)
    good = finished.ok and results.passed and not results.failed and not cases
    if good:
        return f"{total} by `{command}`, exit status 0"
    return f"RESERVATION: {total} by `{command}`{telling_sentence(cases, clause)}"


def _timed_out(
    session: Session, command: str, finished: Finished, manifest: Manifest, smoke: dict[str, Finished]
) -> str:
    """A suite that does not end is a failure with the last that it printed."""
    last = tail(finished.log, LAST)
    case = Case(command, "failed", finished.in_words, [False], finished.seconds, last)
    early = [Case(name, "failed", ended.in_words, [False]) for name, ended in smoke.items() if not ended.ok]
    save_results(session, command, finished, None, manifest, [case, *early], smoke, None)
    line = next((line.strip() for line in reversed(last.splitlines()) if line.strip()), "")
    said = f" The last that it printed: “{line[:160]}”;" if line else ""
    return f"RESERVATION: `{command}` did not end. {finished.in_words}{said} the project's own tests do not all pass"

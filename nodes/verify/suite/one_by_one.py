"""Runs the tests one by one, where no command runs them all."""

from __future__ import annotations

import time
from pathlib import Path

from graph.state import State
from nodes.session import Session, StepFailed
from nodes.verify.suite.alone import Alone
from nodes.verify.suite.reading import mended_before
from nodes.verify.suite.results import telling_sentence
from tools.commands import filled
from tools.excerpts import telling
from tools.finished import Finished
from tools.junit import Case, save
from tools.manifest import Manifest, in_order


def one_by_one(session: Session, state: State, manifest: Manifest, alone: Alone) -> str:
    """Run each test within its own limit and all of them within that of a suite; returns what they come to.

    Raises:
        StepFailed: if none passed and recovery was not asked yet.
    """
    assert manifest["alone"] is not None
    fails = telling(session.settings.excerpt.failure_words)
    began = time.monotonic()
    cases: list[Case] = []
    first: tuple[Finished, str] | None = None
    tests = in_order(manifest["tests"])
    for test in tests[: session.settings.tests.one_by_one]:
        if time.monotonic() - began > session.settings.limits.test_s:
            break
        finished = alone.run(test["name"])
        if finished is None:
            break
        if not finished.ok:
            first = first or (finished, filled(manifest["alone"], test["name"]))
            cases.append(alone.failed(test["name"], finished))
        elif any(fails(line) for line in _lines(finished.log)):
            # It says that all is well and speaks of a failure: what it means is read.
            case = alone.read(test["name"], finished)
            if case.status == "passed" and case.name not in alone.outcomes:
                case.status, case.runs = "failed", [False]
                case.reason = "the exit status says success, but the output speaks of a failure and was not read"
            cases.append(case)
        else:
            cases.append(Case(test["name"], "passed", runs=[True], seconds=finished.seconds))
    count = {status: sum(1 for case in cases if case.status == status) for status in ("passed", "failed", "skipped")}
    flaky = [case for case in cases if case.status == "flaky"]
    left = len(tests) - len(cases)
    if not count["passed"] and not flaky and not (first and mended_before(session, state, *first)):
        finished, command = first or (None, filled(manifest["alone"], tests[0]["name"]))
        raise StepFailed("No test passed." if cases else "The command that runs a test runs none.", finished, command)
    results = {"passed": count["passed"], "failed": count["failed"], "skipped": count["skipped"], "failed_names": []}
    session.recipe.put(
        "tests",
        {"command": None, "ok": not count["failed"], "results": results, "outcomes": alone.outcomes},
        f"exit status of each of {len(cases)} tests",
    )
    alone.measured()
    properties = {"command": manifest["alone"]["command"], "known tests": str(len(tests)), "not run": str(left)}
    save(session.run.junit, session.run.name, cases, properties)
    total = f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped"
    how = f"by `{manifest['alone']['command']}`, one by one"
    if count["failed"] or flaky or left:
        bad = [case for case in cases if case.status in ("failed", "flaky")]
        unrun = f", {left} not run" if left else ""
        return f"RESERVATION: {total}{unrun} {how}{telling_sentence(bad, None) if bad else ''}"
    return f"{total} {how}, exit status 0 of each"


def _lines(log: Path) -> list[str]:
    with log.open(errors="replace") as file:
        return file.read(200_000).splitlines()

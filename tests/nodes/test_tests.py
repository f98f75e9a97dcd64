"""The step that runs a backend's own tests, with a scripted model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.state import Attempt
from nodes.recovery.candidates import signature
from nodes.verify.answers import TestResults
from nodes.verify.tests import _contradicted
from nodes.verify.tests import tests as run_tests
from tests.nodes.tiny_backend import begin

PASSED = {"passed": 3, "failed": 0, "skipped": 0, "failed_names": []}
NOTHING = {"passed": 0, "failed": 0, "skipped": 0, "failed_names": []}


def replaced(old: str, new: str) -> Attempt:
    action = {"kind": "replace", "old": old, "new": new, "text": f"use `{new}` in place of `{old}`"}
    return Attempt(step="verify.tests", failure="No test passed.", signature="1", action=action, outcome="")


def ready(folder: Path, commands: list[str], **answers: Any) -> Any:
    session, state = begin(folder, **answers)
    survey = session.recipe.get("survey")
    survey["commands"]["test"] = commands
    session.recipe.put("survey", survey, "a test")
    return session, state


def test_a_command_that_recovery_did_not_put_there_is_not_followed_by_another(tmp_path: Path) -> None:
    _session, state = ready(tmp_path, ["echo nothing to do"], test_results=NOTHING)

    failure = run_tests(state)["failure"]

    assert failure and failure["command"] == "echo nothing to do"


def test_an_output_without_a_number_needs_no_question(tmp_path: Path) -> None:
    session, state = ready(tmp_path, ["echo checker3: not found; exit 1"])

    failure = run_tests(state)["failure"]

    assert failure and "printed no number" in failure["what"]
    assert list(session.asker.transcript.records()) == []


def test_once_recovery_is_at_it_only_the_command_that_it_mends_runs(tmp_path: Path) -> None:
    session, state = ready(tmp_path, ["echo mended; exit 1", "touch other; exit 1"])
    assert run_tests(state)["failure"] and (session.tree / "other").exists()
    (session.tree / "other").unlink()
    state["attempts"] = [replaced("echo broken", "echo mended; exit 1")]

    assert run_tests(state)["failure"]
    assert not (session.tree / "other").exists()


def test_a_suite_of_which_nothing_passes_is_told_once_recovery_could_not_change_it(tmp_path: Path) -> None:
    command = "echo 'ERROR in a.c'; echo '2 errors, 1 skipped'; exit 2"
    reading = {"passed": 0, "failed": 2, "skipped": 1, "failed_names": ["a.c", "invented.c"]}
    session, state = ready(tmp_path, [command], test_results=reading)

    failure = run_tests(state)["failure"]
    assert failure and "No test passed" in failure["what"]

    action = {"kind": "install", "text": "install a package"}
    attempt = Attempt(step="verify.tests", failure=failure["what"], signature="", action=action, outcome="")
    state["attempts"] = [Attempt(**{**attempt, "signature": "another failure"})]
    assert run_tests(state)["failure"]

    state["attempts"] = [Attempt(**{**attempt, "signature": signature(session, failure)})]
    reached = run_tests(state)["reached"]["verify.tests"]
    assert reached.startswith("RESERVATION: 0 passed, 2 failed, 1 skipped") and "(a.c);" in reached


def test_counts_are_read_at_the_end_and_further_up_only_where_none_stand_there(tmp_path: Path) -> None:
    table = "; ".join(["echo covered 1"] * 15)
    answers = [{"when": "3 passed", "answer": PASSED}, {"answer": NOTHING}]
    session, state = ready(tmp_path, [f"echo 3 passed; {table}"], test_results=answers)

    assert run_tests(state)["failure"] is None
    assert len(list(session.asker.transcript.records())) == 2


@pytest.mark.parametrize(
    ("counts", "output", "holds"),
    [
        ((33, 1, 0), "1 failed, 33 passed in 0.5s", True),
        ((33, 1, 33), "1 failed, 33 passed in 0.5s", False),  # one number says one thing
        ((28, 2, 0), "93% tests passed, 2 tests failed out of 30", True),
        ((39, 0, 2), "Ran 41 tests in 0.2s\nOK (skipped=2)", True),
        ((7, 0, 0), "100% tests passed, 0 tests failed out of 7", True),
        ((30, 2, 0), "2 tests failed of many", False),
        ((12, 3, 1), "12 passed", False),
    ],
)
def test_each_count_stands_in_the_output_or_is_left_of_a_total(
    counts: tuple[int, int, int], output: str, holds: bool
) -> None:
    passed, failed, skipped = counts
    results = TestResults(passed=passed, failed=failed, skipped=skipped, failed_names=[])

    assert (_contradicted(results, output) is None) is holds

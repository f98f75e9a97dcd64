"""The step that runs a backend's own tests, with a scripted model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml

from graph.state import Attempt
from nodes.recovery.candidates import signature
from nodes.session import Session
from nodes.verify.suite.answers import TestResults
from nodes.verify.suite.reading import contradicted
from nodes.verify.tests import tests as run_tests
from tests.nodes.tiny_backend import begin
from tools.commands import Template
from tools.manifest import ListedTest, Manifest, load, save

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
    outcome = {"result": "failed", "reason": "ERROR in a.c", "cause": "always", "metrics": []}
    session, state = ready(tmp_path, [command], test_results=reading, test_outcome=outcome)

    failure = run_tests(state)["failure"]
    assert failure and "No test passed" in failure["what"]

    action = {"kind": "install", "text": "install a package"}
    attempt = Attempt(step="verify.tests", failure=failure["what"], signature="", action=action, outcome="")
    state["attempts"] = [Attempt(**{**attempt, "signature": "another failure"})]
    assert run_tests(state)["failure"]

    state["attempts"] = [Attempt(**{**attempt, "signature": signature(session, failure)})]
    reached = run_tests(state)["reached"]["verify.tests"]
    assert reached.startswith("RESERVATION: 0 passed, 2 failed, 1 skipped") and "(a.c: ERROR in a.c);" in reached


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

    assert (contradicted(results, output) is None) is holds


RUNNER = """#!/bin/sh
# Each test is a line of tests.txt: its name and the command that it is.
if [ "$1" = --list ]; then cut -d' ' -f1 tests.txt; exit; fi
passed=0 failed=0
while read -r name command; do
    if [ -n "$1" ] && [ "$1" != "$name" ]; then continue; fi
    echo "run $name"
    if sh -c "$command"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $name"; fi
done < tests.txt
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
"""
ALONE: Template = {"command": "sh run.sh ⟨test⟩", "before": "", "after": ""}


def counts(passed: int, failed: int, *names: str) -> dict[str, Any]:
    return {"passed": passed, "failed": failed, "skipped": 0, "failed_names": list(names)}


def outcome(reason: str, cause: str = "always", result: str = "failed", **metrics: str) -> dict[str, Any]:
    named = [{"name": name, "number": number} for name, number in metrics.items()]
    return {"result": result, "reason": reason, "cause": cause, "metrics": named}


def with_runner(
    folder: Path, tests: dict[str, str], command: str = "sh run.sh", *, smoke: tuple[str, ...] = (), **answers: Any
) -> Any:
    """A backend whose tests are known by their names: name -> the shell command that each is."""
    session, state = ready(folder, [command] if command else [], **answers)
    (session.tree / "run.sh").write_text(RUNNER)
    (session.tree / "tests.txt").write_text("".join(f"{name} {line}\n" for name, line in tests.items()))
    known = [
        ListedTest(name=name, kind="unit", smoke=name in smoke, command=None, expected_s=None, needs=[])
        for name in tests
    ]
    manifest = Manifest(listed_by="`sh run.sh --list`", verified_by="", suite=[], alone=ALONE, tests=known)
    save(session.run.manifest, manifest)
    return session, state


def asked(session: Session) -> list[str]:
    return [record["question"] for record in session.asker.transcript.records()]


def junit(session: Session) -> tuple[Any, dict[str, Any]]:
    """The only suite of the JUnit file, and its cases by name."""
    (suite,) = list(JUnitXml.fromfile(str(session.run.junit)))
    return suite, {case.name: case for case in suite}


def test_smoke_tests_run_first_and_a_suite_that_passes_is_known_test_by_test(tmp_path: Path) -> None:
    tests = {"bell": "true", "ghz": "true", "shor": "true"}
    session, state = with_runner(tmp_path, tests, smoke=("ghz",), test_results=counts(3, 0))

    reached = run_tests(state)["reached"]["verify.tests"]

    assert reached == "3 passed, 0 failed, 0 skipped by `sh run.sh`, exit status 0"
    commands = [line["text"].partition(":")[0] for line in session.run.journal() if line["step"] == "command"]
    assert commands[0] == "sh run.sh ghz" and commands[-1] == "sh run.sh"
    suite, cases = junit(session)
    assert set(cases) == set(tests) and (suite.failures, suite.errors) == (0, 0)
    assert cases["ghz"].time is not None and cases["bell"].time is None
    assert {p.name: p.value for p in suite.properties()}["passed"] == "3"
    assert set(session.recipe.get("durations")) == {"ghz"}


def test_the_second_time_nothing_is_asked(tmp_path: Path) -> None:
    tests = {"bell": "true", "ghz": "echo 'off by 3'; false"}
    session, state = with_runner(
        tmp_path, tests, test_results=counts(1, 1, "ghz"), test_outcome=[{"times": 1, "answer": outcome("off by 3")}]
    )
    first = run_tests(state)["reached"]
    assert asked(session) == ["test_results", "test_outcome"]
    assert run_tests(state)["reached"] == first
    assert len(asked(session)) == 2


def test_a_failed_test_is_run_alone_and_its_reason_is_quoted(tmp_path: Path) -> None:
    tests = {"bell": "true", "ghz": "printf 'rate 81200\\033[31m\\a off by 3\\n'; false"}
    wrong = {"answer": outcome("off by 4")}
    right = {"when": "'off by 4' do not stand", "answer": outcome("off by 3", rate="81200")}
    session, state = with_runner(tmp_path, tests, test_results=counts(1, 1, "ghz"), test_outcome=[right, wrong])

    reached = run_tests(state)["reached"]["verify.tests"]

    assert reached == (
        "RESERVATION: 1 passed, 1 failed, 0 skipped by `sh run.sh` (ghz: off by 3); "
        "the project's own tests do not all pass"
    )
    suite, cases = junit(session)
    (failure,) = cases["ghz"].result
    assert (failure.type, failure.message) == ("failed", "off by 3")
    assert "off by 3" in cases["ghz"].system_out and "\x1b" not in session.run.junit.read_text()
    assert cases["bell"].is_passed and set(cases) == set(tests)
    assert {p.name: p.value for p in suite.properties()}["ghz: rate"] == "81200"


def test_a_test_believed_flaky_is_run_again_three_times_and_reported_with_its_record(tmp_path: Path) -> None:
    # Fails but for its fourth run: in the suite, alone, then three times again.
    flaky = "n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n; [ $n -eq 4 ] || { echo 513 of 1000; false; }"
    tests = {"bell": "true", "noise": flaky}
    session, state = with_runner(
        tmp_path, tests, test_results=counts(1, 1, "noise"), test_outcome=outcome("513 of 1000", "chance")
    )

    reached = run_tests(state)["reached"]["verify.tests"]

    assert reached.startswith("RESERVATION") and "(noise: flaky, passed 1 of 3: 513 of 1000)" in reached
    assert (session.tree / "n").read_text() == "5\n"
    _suite, cases = junit(session)
    (failure,) = cases["noise"].result
    assert failure.type == "flaky" and "passed 1 of 3" in failure.message


def test_a_test_that_fails_each_time_is_not_flaky_whatever_is_believed(tmp_path: Path) -> None:
    tests = {"bell": "true", "noise": "echo 513 of 1000; echo x >> n; false"}
    session, state = with_runner(
        tmp_path, tests, test_results=counts(1, 1, "noise"), test_outcome=outcome("513 of 1000", "chance")
    )
    reached = run_tests(state)["reached"]["verify.tests"]
    assert "failed 3 times more" in reached and "flaky, passed" not in reached
    assert (session.tree / "n").read_text().count("x") == 5


def test_a_test_that_passes_alone_after_it_failed_with_the_others_is_flaky_without_a_question(tmp_path: Path) -> None:
    tests = {"bell": "true", "order": "[ -e ran ] || { touch ran; false; }"}
    session, state = with_runner(tmp_path, tests, test_results=counts(1, 1, "order"))
    reached = run_tests(state)["reached"]["verify.tests"]
    assert reached.startswith("RESERVATION") and "order: flaky, passed 1 of 2" in reached
    assert asked(session) == ["test_results"]


@pytest.mark.parametrize(
    ("command", "reading", "clause"),
    [
        (
            "sh run.sh || exit 0",
            counts(1, 1, "ghz"),
            "the exit status says success, but the output says that 1 failed",
        ),
        (
            "echo '5 passed'; exit 1",
            counts(5, 0),
            "it ended with exit status 1, but the output says that 5 passed and none failed",
        ),
    ],
)
def test_where_exit_status_and_reading_disagree_it_counts_as_failed_and_is_shown(
    tmp_path: Path, command: str, reading: dict[str, Any], clause: str
) -> None:
    tests = {"bell": "true", "ghz": "echo off by 3; false"}
    session, state = with_runner(tmp_path, tests, command, test_results=reading, test_outcome=outcome("off by 3"))

    reached = run_tests(state)["reached"]["verify.tests"]

    assert reached.startswith("RESERVATION") and clause in reached
    assert asked(session).count("test_results") == 2
    suite, cases = junit(session)
    assert not cases[command].is_passed
    assert {p.name: p.value for p in suite.properties()}["disagreement"] == clause
    assert run_tests(state)["reached"]["verify.tests"] == reached


def test_what_contradicts_the_exit_status_is_looked_for_further_up_before_it_is_believed(tmp_path: Path) -> None:
    after = "; ".join(["echo covered 3"] * 12)
    command = f"echo '3 passed, 1 failed'; echo FAILED ghz; {after}; echo 3 passed in all; exit 1"
    answers = [{"when": "3 passed, 1 failed", "answer": counts(3, 1, "ghz")}, {"answer": counts(3, 0)}]
    reason = outcome("FAILED ghz")
    _session, state = ready(tmp_path, [command], test_results=answers, test_outcome=reason)
    reached = run_tests(state)["reached"]["verify.tests"]
    assert reached.startswith("RESERVATION: 3 passed, 1 failed") and "counts as failed" not in reached


@pytest.mark.parametrize("output", ["0 tests ran", "0 passed, 0 failed in 3 s", "collected 0 items of 12 files", ""])
def test_an_empty_suite_is_never_a_pass(tmp_path: Path, output: str) -> None:
    session, state = ready(tmp_path, [f"echo '{output}'"], test_results=NOTHING)
    failure = run_tests(state)["failure"]
    assert failure and "ran no tests" in failure["what"]
    assert "verify.tests" not in state["reached"]
    assert not session.run.junit.exists()


def test_a_suite_that_does_not_end_failed_with_its_last_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = "echo 4 passed so far; sleep 60"
    session, state = ready(tmp_path, [command])
    limits = session.settings.limits.model_copy(update={"test_s": 0.5})
    monkeypatch.setattr(session, "settings", session.settings.model_copy(update={"limits": limits}))

    reached = run_tests(state)["reached"]["verify.tests"]

    assert reached.startswith(f"RESERVATION: `{command}` did not end.") and "“4 passed so far”" in reached
    _suite, cases = junit(session)
    assert not cases[command].is_passed and "4 passed so far" in cases[command].system_out
    assert asked(session) == []


def test_without_a_suite_the_tests_run_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tests = {
        "bell": "true",
        "ghz": "echo off by 3; false",
        "liar": "echo error: 2 of 3 were wrong; true",
        "gpu": "echo not done, no such device; true",
        "fine": "echo 0 of 3 wrong, no error, none failed; true",
        "slow": "echo begun; sleep 60",
    }
    answers = [
        {"when": "The test: ghz", "answer": outcome("off by 3")},
        {"when": "The test: liar", "answer": outcome("error: 2 of 3 were wrong")},
        {"when": "The test: fine", "answer": outcome("", result="passed")},
        {"when": "The test: gpu", "answer": outcome("not done, no such device", result="skipped")},
    ]
    session, state = with_runner(tmp_path, tests, "", test_outcome=answers)
    one = session.settings.tests.model_copy(update={"one_s": 1.0})
    monkeypatch.setattr(session, "settings", session.settings.model_copy(update={"tests": one}))

    reached = run_tests(state)["reached"]["verify.tests"]

    assert reached.startswith("RESERVATION: 2 passed, 3 failed, 1 skipped by `sh run.sh ⟨test⟩`, one by one (ghz: off")
    assert "the exit status says success, but the output says: error: 2 of 3 were wrong" in reached
    suite, cases = junit(session)
    assert [name for name, case in cases.items() if case.is_passed] == ["bell", "fine"]
    assert (suite.tests, suite.failures, suite.skipped) == (6, 3, 1)
    assert "begun" in cases["slow"].system_out and "stopped" in cases["slow"].result[0].message
    assert all(any(f"-test-{name}." in log.name for log in session.run.logs.iterdir()) for name in tests)
    questions = len(asked(session))
    again = run_tests(state)["reached"]["verify.tests"]
    assert re.sub(r"[\d.]+ s\b", "# s", again) == re.sub(r"[\d.]+ s\b", "# s", reached)
    assert len(asked(session)) == questions


def test_an_output_that_speaks_of_a_failure_is_no_pass_unread(tmp_path: Path) -> None:
    tests = {f"t{n:02}": "echo error: 2 of 3 were wrong; true" for n in range(12)} | {"ok": "true"}
    session, state = with_runner(tmp_path, tests, "", test_outcome=outcome("", result="passed"))
    reached = run_tests(state)["reached"]["verify.tests"]
    assert reached.startswith("RESERVATION: 11 passed, 2 failed") and "was not read" in reached
    assert asked(session).count("test_outcome") == 10


def test_tests_that_nothing_runs_are_no_pass(tmp_path: Path) -> None:
    session, state = with_runner(tmp_path, {"bell": "true"}, "")
    manifest = load(session.run.manifest)
    assert manifest
    # What it comes to is the same for a test that there is not.
    manifest["alone"] = {"command": "true ⟨test⟩", "before": "", "after": ""}
    save(session.run.manifest, manifest)
    failure = run_tests(state)["failure"]
    assert failure and failure["what"] == "The command that runs a test runs none."
    manifest["alone"] = None
    save(session.run.manifest, manifest)
    assert run_tests(state)["reached"]["verify.tests"].startswith("RESERVATION: 1 tests are known, but nothing")


def test_tests_are_run_in_the_order_that_their_dependencies_ask_for(tmp_path: Path) -> None:
    session, state = with_runner(tmp_path, {"uses": "cat made", "makes": "echo x > made"}, "")
    manifest = load(session.run.manifest)
    assert manifest
    manifest["tests"][0]["needs"] = ["makes"]
    save(session.run.manifest, manifest)
    assert run_tests(state)["reached"]["verify.tests"].startswith("2 passed, 0 failed")


def test_a_command_that_selects_no_test_is_dropped_and_said(tmp_path: Path) -> None:
    tests = {"bell": "true", "ghz": "true"}
    session, state = with_runner(tmp_path, tests, smoke=("bell",), test_results=counts(2, 0))
    manifest = load(session.run.manifest)
    assert manifest
    # The variable is not read: all tests run, whatever is named.
    manifest["alone"] = {"command": "NAME=⟨test⟩ sh run.sh", "before": "", "after": ""}
    save(session.run.manifest, manifest)
    session.recipe.put("sorting", {"smoke": ["bell"], "alone": manifest["alone"]}, "a test")

    reached = run_tests(state)["reached"]["verify.tests"]

    assert reached == "2 passed, 0 failed, 0 skipped by `sh run.sh`, exit status 0"
    assert any("runs no test of that name" in line["text"] for line in session.run.journal())
    assert session.recipe.get("sorting")["alone"] is None


def test_a_smoke_test_that_fails_though_the_suite_passes_is_no_pass(tmp_path: Path) -> None:
    tests = {"bell": "[ -e ready ] || { echo not ready; false; }", "ghz": "true"}
    _session, state = with_runner(
        tmp_path,
        tests,
        "touch ready; sh run.sh",
        smoke=("bell",),
        test_results=counts(2, 0),
        test_outcome=outcome("not ready"),
    )
    reached = run_tests(state)["reached"]["verify.tests"]
    assert reached.startswith("RESERVATION: 2 passed, 0 failed")
    assert "bell: not ready (alone; it passed with the others)" in reached


def test_at_most_as_many_failed_tests_are_looked_at_as_the_settings_say(tmp_path: Path) -> None:
    tests = {f"t{n}": "echo off; false" for n in range(14)} | {"ok": "true"}
    session, state = with_runner(
        tmp_path, tests, test_results=counts(1, 14, *list(tests)[:14]), test_outcome=outcome("off")
    )
    reached = run_tests(state)["reached"]["verify.tests"]
    assert "9 more" in reached
    assert asked(session).count("test_outcome") == 10
    suite, _cases = junit(session)
    assert (suite.tests, suite.failures) == (15, 14)


def test_what_could_not_be_listed_is_listed_once_recovery_let_the_tests_run(tmp_path: Path) -> None:
    session, state = with_runner(
        tmp_path,
        {"bell": "true", "ghz": "true"},
        test_results=counts(2, 0),
        list_tests={"commands": ["sh run.sh --list"]},
        read_listing={"first": "bell", "another": "bell", "last": "ghz", "stated": "none"},
        sort_tests={"smoke": [], "integration": [], "performance": [], "dependencies": [], "command": "none"},
    )
    session.recipe.put("listing", {"command": None}, "it could not be listed")
    save(session.run.manifest, Manifest(listed_by="", verified_by="", suite=[], alone=None, tests=[]))
    action = {"kind": "install", "text": "install a package"}
    state["attempts"] = [Attempt(step="verify.tests", failure="x", signature="x", action=action, outcome="")]

    assert run_tests(state)["failure"] is None

    assert set(junit(session)[1]) == {"bell", "ghz"}
    found = load(session.run.manifest)
    assert found and [test["name"] for test in found["tests"]] == ["bell", "ghz"]


def test_all_that_failed_are_known_where_their_lines_are_as_many(tmp_path: Path) -> None:
    tests = {f"t{n}": "echo off; false" for n in range(14)} | {"ok": "true"}
    _session, state = with_runner(tmp_path, tests, test_results=counts(1, 14, "t13"), test_outcome=outcome("off"))
    assert "(t0: off; t1: off;" in run_tests(state)["reached"]["verify.tests"]


def test_without_a_command_for_one_test_the_only_one_that_failed_is_run_again_with_the_others(tmp_path: Path) -> None:
    flaky = "n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n; [ $n -eq 3 ] || { echo 513 of 1000; false; }"
    tests = {"bell": "true", "noise": flaky}
    session, state = with_runner(
        tmp_path, tests, test_results=counts(1, 1, "noise"), test_outcome=outcome("513 of 1000", "chance")
    )
    manifest = load(session.run.manifest)
    assert manifest
    manifest["alone"] = None
    save(session.run.manifest, manifest)
    reached = run_tests(state)["reached"]["verify.tests"]
    assert reached.startswith("RESERVATION") and "(noise: flaky, passed 1 of 3: 513 of 1000)" in reached
    assert (session.tree / "n").read_text() == "4\n"


def test_what_a_smoke_test_needs_runs_before_it(tmp_path: Path) -> None:
    tests = {"uses": "cat made", "makes": "echo x > made", "other": "true"}
    session, state = with_runner(
        tmp_path, tests, "sh run.sh makes; sh run.sh", smoke=("uses",), test_results=counts(3, 0)
    )
    manifest = load(session.run.manifest)
    assert manifest
    manifest["tests"][0]["needs"] = ["makes"]
    save(session.run.manifest, manifest)
    assert run_tests(state)["reached"]["verify.tests"].startswith("3 passed, 0 failed")
    commands = [line["text"].partition(":")[0] for line in session.run.journal() if line["step"] == "command"]
    assert commands[0] == "sh run.sh makes" and "sh run.sh uses" in commands and "sh run.sh other" not in commands


def settled(state: Any) -> str:
    return str(run_tests(state)["reached"]["verify.tests"])


def test_a_suite_of_which_all_failed_is_not_forgotten_where_a_later_command_passes(tmp_path: Path) -> None:
    answers = [{"when": "12 failed", "answer": {**NOTHING, "failed": 12}}, {"answer": PASSED}]
    session, state = ready(tmp_path, ["echo 12 failed; exit 2", "echo 3 passed"], test_results=answers)

    said = settled(state)

    assert said.startswith("RESERVATION: 3 passed") and "No test passed" in said and "`echo 12 failed; exit 2`" in said
    questions = len(asked(session))
    assert settled(state) == said, "nor in a later run"
    assert len(asked(session)) == questions, "which asks nothing"


def test_what_a_run_says_anew_is_read_anew(tmp_path: Path) -> None:
    answers = [{"when": "2 failed", "answer": {**PASSED, "passed": 1, "failed": 2}}, {"answer": PASSED}]
    session, state = ready(tmp_path, ["cat result.txt"], test_results=answers)
    (session.tree / "result.txt").write_text("3 passed in 0.51 s\n")
    assert settled(state).startswith("3 passed")
    (session.tree / "result.txt").write_text("3 passed in 1.25 s\n")
    assert settled(state).startswith("3 passed")
    assert asked(session).count("test_results") == 1, "seconds are no news"

    (session.tree / "result.txt").write_text("3 tests: 1 passed, 2 failed in 0.5 s\n")
    assert settled(state).startswith("RESERVATION: 1 passed, 2 failed")


def test_a_pass_of_fewer_tests_than_are_listed_is_none_and_of_more_is_told(tmp_path: Path) -> None:
    session, state = ready(tmp_path, ["echo 3 passed"], test_results=PASSED)
    tests = [
        ListedTest(name=name, kind="unit", smoke=False, command=None, expected_s=None, needs=[])
        for name in ("a", "b", "c", "d")
    ]

    def told(number: int) -> str:
        listed = Manifest(listed_by="`list`", verified_by="", suite=[], alone=None, tests=tests[:number])
        save(session.run.manifest, listed)
        return settled(state)

    assert "but 4 tests are listed by `list`" in told(4)
    assert told(3) == "3 passed, 0 failed, 0 skipped by `echo 3 passed`, exit status 0"
    assert told(2) == "3 passed, 0 failed, 0 skipped by `echo 3 passed`, exit status 0; 2 are listed"


def test_a_command_of_recoverys_own_is_told_where_nothing_says_how_many_tests_there_are(tmp_path: Path) -> None:
    _session, state = ready(tmp_path, ["echo 3 passed"], test_results=PASSED)
    state["attempts"] = [replaced("make check", "echo 3 passed")]
    assert "but recovery put it in the place of `make check`" in settled(state)
    state["attempts"] = []
    assert "but recovery put it in the place of `make check`" in settled(state), "in a later run too"


def test_a_pass_whose_output_speaks_of_a_failure_is_reserved(tmp_path: Path) -> None:
    _session, state = ready(tmp_path, ["echo 'fatal: the gate is wrong'; echo 3 passed"], test_results=PASSED)
    assert "the output speaks of a failure: “fatal: the gate is wrong”" in settled(state)


def test_files_that_are_named_like_tests_are_not_no_tests(tmp_path: Path) -> None:
    session, state = ready(tmp_path, [])
    assert settled(state).startswith("the project has no tests")
    (session.tree / "test_state.src").write_text("")
    (session.shell.workspace / "source").mkdir(exist_ok=True)
    (session.shell.workspace / "source" / "test_state.src").write_text("")
    assert settled(state).startswith("RESERVATION: nothing was found that runs tests, and 1 files")

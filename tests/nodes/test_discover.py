"""The step that finds out which tests a backend has, with a scripted model and real commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nodes.session import Session, close_sessions
from nodes.verify.discover import discover
from nodes.verify.suite.read_listing import HEAD, LINE, TAIL, excerpt
from nodes.verify.suite.sorting import MOST_SHOWN, stratified
from tests.nodes.tiny_backend import begin

RUNNER = """#!/bin/sh
# Lists its tests, or runs those that are named.
if [ "$1" = --list ]; then
    printf 'Checks of wavelet\\n  Check #1: bell state\\n  Check #2: ghz\\n  Check #3: e2e_shor\\n\\nTotal Checks: 3\\n'
    exit
fi
for name in "${@:-bell state}"; do
    case $name in
        'bell state' | ghz | e2e_shor) echo "ok $name" ;;
        *) echo "no check of that name" ;;
    esac
done
echo '1 passed'
"""
COPIED = {"first": "bell state", "another": "ghz", "last": "e2e_shor", "stated": "Total Checks: 3"}
SORTED = {
    "smoke": ["bell state"],
    "integration": ["e2e"],
    "performance": [],
    "dependencies": [{"test": "e2e_shor", "after": "ghz"}],
    "command": "sh run.sh 'bell state'",
}
NOTHING = {"smoke": [], "integration": [], "performance": [], "dependencies": [], "command": "none"}
LISTS = {
    "list_tests": {"commands": ["sh run.sh --list"]},
    "read_listing": COPIED,
    "sort_tests": SORTED,
}


def ready(folder: Path, commands: list[str], files: dict[str, str], **answers: Any) -> tuple[Session, Any]:
    session, state = begin(folder, **answers)
    survey = session.recipe.get("survey")
    survey["commands"]["test"] = commands
    session.recipe.put("survey", survey, "a test")
    for name, text in files.items():
        for root in ("source", "tree"):
            path = session.shell.workspace / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return session, state


def asked(session: Session) -> list[str]:
    return [record["question"] for record in session.asker.transcript.records()]


def manifest(session: Session) -> Any:
    return json.loads(session.run.manifest.read_text())


def test_what_lists_the_tests_becomes_a_manifest_of_all_of_them(tmp_path: Path) -> None:
    session, state = ready(tmp_path, ["sh run.sh"], {"run.sh": RUNNER}, **LISTS)

    settled = discover(state)["reached"]["verify.discover"]

    assert settled == ("3 tests by `sh run.sh --list` (as many as the listing says, 3); first bell state")
    assert asked(session) == ["list_tests", "read_listing", "sort_tests"]
    found = manifest(session)
    assert found["suite"] == ["sh run.sh"]
    assert found["tests"] == [
        {
            "name": "bell state",
            "kind": "unit",
            "smoke": True,
            "command": "sh run.sh 'bell state'",
            "expected_s": None,
            "needs": [],
        },
        {"name": "ghz", "kind": "unit", "smoke": False, "command": "sh run.sh ghz", "expected_s": None, "needs": []},
        {
            "name": "e2e_shor",
            "kind": "integration",
            "smoke": False,
            "command": "sh run.sh e2e_shor",
            "expected_s": None,
            "needs": ["ghz"],
        },
    ]


def again(folder: Path) -> tuple[Session, Any]:
    """A later run of the same backend in which the model has no answer at all."""
    close_sessions()
    return begin(folder, list_tests=[], read_listing=[], sort_tests=[], test_files=[])


def test_the_second_time_the_listing_is_run_and_the_pattern_holds_without_a_question(tmp_path: Path) -> None:
    session, state = ready(tmp_path, ["sh run.sh"], {"run.sh": RUNNER}, **LISTS)
    discover(state)
    first = manifest(session)
    session.recipe.put("durations", {"ghz": 1.5}, "measured")

    later, state = again(tmp_path)
    grown = RUNNER.replace("\\n\\nTotal Checks: 3", "\\n  Check #4: new_one\\n\\nTotal Checks: 4")
    (later.tree / "run.sh").write_text(grown)
    settled = discover(state)["reached"]["verify.discover"]

    assert settled.startswith("4 tests by")
    assert asked(later) == []
    names = [test["name"] for test in manifest(later)["tests"]]
    assert names == [*(test["name"] for test in first["tests"]), "new_one"]
    assert [test["expected_s"] for test in manifest(later)["tests"]] == [None, 1.5, None, None]


def test_a_listing_that_no_longer_fits_is_asked_for_anew(tmp_path: Path) -> None:
    session, state = ready(tmp_path, ["sh run.sh"], {"run.sh": RUNNER}, **LISTS)
    discover(state)
    (session.tree / "run.sh").write_text(RUNNER.replace("Check #", "Item "))
    settled = discover(state)["reached"]["verify.discover"]
    assert settled.startswith("3 tests by")
    assert asked(session) == ["list_tests", "read_listing", "sort_tests", "list_tests", "read_listing"]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("sh run.sh", "runs the tests"),
        ("nosuchtool --list", "no program nosuchtool"),
        ("sh run.sh 'unclosed", "shell does not accept"),
        ("sh absent.sh; exit 3", "exit status 3"),
        ("true", "printed nothing"),
    ],
)
def test_a_command_that_does_not_list_is_refused_and_no_test_is_made_up(tmp_path: Path, command: str, why: str) -> None:
    session, state = ready(tmp_path, ["sh run.sh"], {"run.sh": RUNNER}, list_tests={"commands": [command]})

    settled = discover(state)["reached"]["verify.discover"]

    assert settled == "no test is known by its name; the suite is run whole"
    assert manifest(session)["tests"] == []
    assert why in json.dumps([*session.asker.transcript.records(), *session.run.journal()])
    questions = len(asked(session))
    later, state = again(tmp_path)
    assert discover(state)["reached"]["verify.discover"] == settled
    assert asked(later) == [] and questions <= 2


def test_a_listing_that_removes_what_was_built_is_none_and_it_is_built_anew(tmp_path: Path) -> None:
    removing = {"commands": ["mv bin/wavelet gone; sh run.sh --list"]}
    session, state = ready(tmp_path, ["sh run.sh"], {"run.sh": RUNNER}, **{**LISTS, "list_tests": removing})
    session.recipe.put("build", {"configure": [], "build": ["mv gone bin/wavelet"], "strategy": None}, "exit status 0")
    assert discover(state)["reached"]["verify.discover"].startswith("no test is known")
    assert (session.tree / "bin" / "wavelet").is_file()
    assert any("removed bin/wavelet" in line["text"] for line in session.run.journal())


def test_names_that_the_listing_contradicts_go_back_to_the_model_once(tmp_path: Path) -> None:
    wrong = {**COPIED, "last": "e2e_grover"}
    answers = [{"when": "`e2e_grover` does not stand", "answer": COPIED}, {"answer": wrong}]
    session, state = ready(tmp_path, ["sh run.sh"], {"run.sh": RUNNER}, **{**LISTS, "read_listing": answers})
    assert discover(state)["reached"]["verify.discover"].startswith("3 tests")
    assert asked(session).count("read_listing") == 2


def test_a_wrong_name_in_between_costs_nothing_where_the_oracles_hold_without_it(tmp_path: Path) -> None:
    copied = {**COPIED, "another": "e2e_grover"}
    session, state = ready(tmp_path, ["sh run.sh"], {"run.sh": RUNNER}, **{**LISTS, "read_listing": copied})
    assert discover(state)["reached"]["verify.discover"].startswith("3 tests")
    assert asked(session).count("read_listing") == 1


def test_words_that_stand_nowhere_are_told_once_and_then_say_nothing(tmp_path: Path) -> None:
    copied = {**COPIED, "stated": "3 tests collected"}
    session, state = ready(tmp_path, ["sh run.sh"], {"run.sh": RUNNER}, **{**LISTS, "read_listing": copied})
    settled = discover(state)["reached"]["verify.discover"]
    assert settled.startswith("3 tests by `sh run.sh --list` (the listing says no number; no line that looks like")
    assert asked(session).count("read_listing") == 2


def test_a_model_that_can_write_gives_the_pattern_where_the_names_do_not_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = "printf 'a1=bell;b22-ghz;c:qft;\\n3 of them\\n'"
    copied = {"first": "bell", "another": "ghz", "last": "qft", "stated": "3 of them"}
    written = {**copied, "pattern": r"[=:-](?P<name>\w+);"}
    session, state = ready(
        tmp_path,
        ["sh run.sh"],
        {},
        list_tests={"commands": [odd]},
        read_listing=copied,
        listing_pattern=written,
        sort_tests={**SORTED, "smoke": [], "integration": [], "dependencies": [], "command": "none"},
    )
    monkeypatch.setattr(session.asker, "form", "small")
    assert discover(state)["reached"]["verify.discover"].startswith("no test is known")
    session.recipe.forget("listing")
    monkeypatch.setattr(session.asker, "form", "free")
    assert discover(state)["reached"]["verify.discover"].startswith("3 tests")
    assert [test["name"] for test in manifest(session)["tests"]] == ["bell", "ghz", "qft"]


def test_what_does_not_hold_of_the_sorting_is_told_once_and_then_costs_itself_alone(tmp_path: Path) -> None:
    wrong = {
        "smoke": ["invented", "ghz"],
        "integration": ["e2e", "network"],
        "performance": ["bench"],
        "dependencies": [{"test": "ghz", "after": "invented"}],
        "command": "sh run.sh everything",
    }
    session, state = ready(tmp_path, ["sh run.sh"], {"run.sh": RUNNER}, **{**LISTS, "sort_tests": wrong})

    assert discover(state)["reached"]["verify.discover"].endswith("first ghz")

    assert asked(session).count("sort_tests") == 2
    found = manifest(session)
    assert found["alone"] is None
    assert {test["name"]: test["kind"] for test in found["tests"]} == {
        "bell state": "unit",
        "ghz": "unit",
        "e2e_shor": "integration",
    }
    assert all(test["needs"] == [] for test in found["tests"])


def test_without_a_framework_the_files_are_the_tests(tmp_path: Path) -> None:
    files = {"checks/bell.sh": "exit 0\n", "checks/ghz.sh": "exit 0\n", "checks/data.txt": "0\n", "run.txt": "\n"}
    picked = {"files": ["checks/bell.sh", "checks/ghz.sh", "checks/data.txt"], "command": "sh checks/bell.sh"}
    session, state = ready(tmp_path, [], files, test_files=picked, sort_tests=NOTHING)

    settled = discover(state)["reached"]["verify.discover"]

    assert settled == "2 tests by their files (each is a file of the source)"
    assert asked(session) == ["test_files", "sort_tests"]
    commands = {test["name"]: test["command"] for test in manifest(session)["tests"]}
    assert commands == {"checks/bell.sh": "sh checks/bell.sh", "checks/ghz.sh": "sh checks/ghz.sh"}
    assert "run.txt" not in session.asker.transcript.records()[0]["messages"][1]["content"]
    later, state = again(tmp_path)
    assert discover(state)["reached"]["verify.discover"] == settled
    assert asked(later) == []


def test_files_that_are_not_shown_are_tests_where_all_shown_ones_of_their_kind_are(tmp_path: Path) -> None:
    files = {f"checks/case{n:03}.sh": "exit 0\n" for n in range(60)} | {"checks/z.txt": "\n"}
    picked = {"files": [f"checks/case{n:03}.sh" for n in range(20)], "command": "sh checks/case000.sh"}
    _session, state = ready(tmp_path, [], files, test_files=picked, sort_tests=NOTHING)
    assert discover(state)["reached"]["verify.discover"].startswith("60 tests")


def test_a_new_file_of_a_kind_of_which_all_are_tests_is_one_too(tmp_path: Path) -> None:
    few = {"spec/a.sh": "exit 0\n"} | {f"tests/case{n:03}.py": "\n" for n in range(60)}
    picked = {"files": ["spec/a.sh"], "command": "sh spec/a.sh"}
    session, state = ready(tmp_path, [], few, test_files=picked, sort_tests=NOTHING)
    assert discover(state)["reached"]["verify.discover"].startswith("1 tests")
    for root in ("source", "tree"):
        (session.shell.workspace / root / "spec" / "b.sh").write_text("exit 0\n")
    assert discover(state)["reached"]["verify.discover"].startswith("2 tests")


def test_a_project_without_tests_is_asked_nothing(tmp_path: Path) -> None:
    session, state = ready(tmp_path, [], {"main.c": "int main(void) { return 0; }\n"})
    assert discover(state)["reached"]["verify.discover"] == "no test is known by its name"
    assert asked(session) == []


def test_twenty_thousand_tests_take_as_many_questions_as_three(tmp_path: Path) -> None:
    program = 'BEGIN { for (i = 0; i < 20000; i++) printf "t/test_%d.py::test_%d[%d]\\n", i / 50, i % 50, i'
    lists = f"awk '{program}; print \"\\n20000 tests collected\" }}'"
    first, middle, last = "t/test_0.py::test_0[0]", "t/test_0.py::test_1[1]", "t/test_399.py::test_49[19999]"
    session, state = ready(
        tmp_path,
        ["sh run.sh"],
        {"run.sh": RUNNER},
        list_tests={"commands": [lists]},
        read_listing={"first": first, "another": middle, "last": last, "stated": "20000 tests collected"},
        sort_tests={
            "smoke": [first],
            "integration": [],
            "performance": [],
            "dependencies": [],
            "command": f"sh run.sh {first}",
        },
    )

    assert discover(state)["reached"]["verify.discover"].startswith("20000 tests")

    assert asked(session) == ["list_tests", "read_listing", "sort_tests"]
    assert all(len(record["messages"][1]["content"]) < 4000 for record in session.asker.transcript.records())
    tests = manifest(session)["tests"]
    assert (len(tests), tests[-1]["command"]) == (20000, f"sh run.sh '{last}'")


def test_a_long_listing_is_shown_by_its_ends_and_within_bounds() -> None:
    lines = [f"test {n} {'x' * 500}" for n in range(100)]
    shown = excerpt("\n".join(lines))
    assert shown.startswith("test 0 ") and shown.splitlines()[-1].startswith("test 99 ")
    assert "lines left out" in shown and len(shown) <= HEAD + TAIL + 40
    assert max(map(len, shown.splitlines())) <= LINE


def test_the_first_test_is_shown_however_much_a_build_printed_before_it() -> None:
    built = [f"[{n}/300] Compiling part{n}.c" for n in range(300)]
    tests = [f"sim:unit / case {n}" for n in range(200)]
    shown = excerpt("\n".join([*built, *tests]))
    assert {built[0], built[-1], tests[0], tests[-1]} <= set(shown.splitlines())
    assert len(shown) <= HEAD + TAIL


def test_the_names_that_are_shown_hold_different_words() -> None:
    names = [f"gate_x_{n}" for n in range(500)] + ["noise_t1", "bench_qft", "e2e_shor"]
    shown = stratified(names)
    assert {"noise_t1", "bench_qft", "e2e_shor"} <= set(shown)
    assert len(shown) <= MOST_SHOWN and shown == sorted(shown, key=names.index)

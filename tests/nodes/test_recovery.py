"""The nodes of recovery, on a failure that is real, with a scripted model."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from graph.state import Attempt, Failure
from models.scripted import ScriptedChatModel
from nodes.build.plan import load_plan
from nodes.build.source import anew, edits_of, patch_file, untouched
from nodes.grants import grant_network
from nodes.recovery import decide as deciding
from nodes.recovery.approval import told
from nodes.recovery.candidates import CLEAN, INSTALL, NETWORK, OMIT, OTHER, VARIABLE, WAIT, candidates, signature
from nodes.recovery.carry_out import carry_out
from nodes.recovery.decide import decide
from nodes.recovery.diagnose import diagnose
from nodes.recovery.propose import propose
from nodes.session import session_of
from tests.nodes.tiny_backend import begin

REFUSED = f"fetching https://example.org/x\n{os.strerror(101)}\n"


def failed(session: Any, log_text: str, command: str = "make check") -> Failure:
    log = session.run.logs / "002-tests.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(log_text)
    what = "No test passed."
    return Failure(phase="verify", step="verify.tests", what=what, command=command, log=str(log), status=1)


def diagnosed(kind: str, quote: str) -> dict[str, Any]:
    return {"kind": kind, "cause": "It failed.", "quote": quote, "file": "", "line": None, "fix": "", "automatic": True}


def small(folder: Path, **answers: Any) -> tuple[Any, Any]:
    """A run whose model chooses and fills in."""
    session, state = begin(folder, **answers)
    session.asker.form = "small"
    return session, state


def remedy(kind: str, **fields: Any) -> dict[str, Any]:
    """A whole remedy, as a model that can write gives it."""
    empty = dict.fromkeys(("command", "name", "value", "file", "old", "new", "changes"), "")
    return {**empty, "kind": kind, "risk": "low", "chance": 70, **fields}


def with_source(session: Any, name: str, text: str) -> None:
    """A file of the untouched source, and its copy in the tree."""
    for folder in (untouched(session), session.tree):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def questions(session: Any) -> list[str]:
    return [record["question"] for record in session.asker.transcript.records()]


def test_a_refused_network_is_offered_to_the_person_without_a_question(tmp_path: Path) -> None:
    session, state = begin(tmp_path, decide={"choice": "escalate"})
    state["failure"] = failed(session, REFUSED)
    state["diagnosis"] = diagnosed("no_network", REFUSED.splitlines()[1])

    assert decide(state).goto == "recover"
    assert propose(state)["action"]["text"] == NETWORK
    assert questions(session) == []

    # Once it has the network, the same words are a matter of judgement.
    grant_network(session, "verify.tests")
    assert decide(state).goto == "escalate"
    assert questions(session) == ["decide", "decide"], "nothing was tried, so it is asked again"


def test_a_command_that_gets_what_is_missing_goes_before_the_failed_one(tmp_path: Path) -> None:
    session, state = small(
        tmp_path,
        action={"action": OTHER, "risk": "low", "chance": 80},
        new_command={"command": "./get-the-checker"},
        place={"does": "installs the checker", "place": "before"},
    )
    state["failure"] = failed(session, "checker: not found\n")
    state["diagnosis"] = diagnosed("something_missing", "checker: not found")

    action = propose(state)["action"]

    assert (action["kind"], action["command"]) == ("command", "./get-the-checker")
    assert action["text"] == "run `./get-the-checker` first"
    done = Attempt(step="verify.tests", failure="", signature="x", action=action, outcome="then the same failure")
    assert propose({**state, "attempts": [done]})["action"] is None


def test_a_command_that_does_the_same_takes_its_place(tmp_path: Path) -> None:
    session, state = small(
        tmp_path,
        action={"action": OTHER, "risk": "low", "chance": 80},
        new_command={"command": "make -C src check"},
        place={"does": "runs the checks in another folder", "place": "instead"},
    )
    state["failure"] = failed(session, "make: *** No rule to make target 'check'.\n")
    state["diagnosis"] = diagnosed("wrong_command", "make: *** No rule to make target 'check'.")

    action = propose(state)["action"]

    assert (action["kind"], action["old"], action["new"]) == ("replace", "make check", "make -C src check")


def test_what_the_documents_state_is_offered_where_its_program_is_there(tmp_path: Path) -> None:
    session, state = begin(tmp_path, action={"action": "none of them", "risk": "low", "chance": 1})
    survey = session.recipe.get("survey")
    survey["commands"]["dependency"] = ["sh get-it.sh", "no-such-program-here install it"]
    session.recipe.put("survey", survey, "written for a test")
    state["failure"] = failed(session, "checker: not found\n")
    texts = list(candidates(session, state["failure"], []))

    assert "run `sh get-it.sh`, which the documents state" in texts
    assert not any("no-such-program-here" in text for text in texts)


BUILD = "sim.c:2:9: error: expected ';' before 'return'"
SOURCE = "int main(void) {\n    int n = 3\n    return n;\n}\n"


def build_failed(session: Any, log_text: str = BUILD, command: str = "make all", status: int = 1) -> Failure:
    failure = failed(session, log_text, command)
    return Failure(**{**failure, "phase": "build", "step": "build.compile", "what": "It failed.", "status": status})


def tried(session: Any, failure: Failure, action: dict[str, Any], outcome: str = "") -> Attempt:
    whole = {"step": failure["step"], "risk": "low", "chance": 50, "permit": "granted", **action}
    mark = signature(session, failure)
    return Attempt(step=failure["step"], failure="It failed.", signature=mark, action=whole, outcome=outcome)


def granted(state: Any, action: dict[str, Any]) -> Any:
    about = told(session_of(state), state["failure"], action)
    return {**state, "action": {**action, "permit": "granted", "approved": about["sha256"]}}


def test_the_diagnosis_of_a_small_model_gets_its_place_and_source_line_from_code(tmp_path: Path) -> None:
    session, state = small(tmp_path, symptom={"kind": "source_error", "cause": "A semicolon is missing."})
    with_source(session, "src/sim.c", SOURCE)
    state["failure"] = build_failed(session)

    found = diagnose(state)["diagnosis"]

    assert (found["file"], found["line"], found["quote"]) == ("src/sim.c", 2, BUILD)
    assert found["source"] == "src/sim.c:2: int n = 3"
    said = [line["text"] for line in session.run.journal()]
    assert any("src/sim.c:2: int n = 3" in line for line in said)


def test_a_line_of_the_source_is_edited_in_the_runs_own_copy_and_kept_as_a_patch(tmp_path: Path) -> None:
    session, state = small(tmp_path, edit_line={"line": "int n = 3;"})
    with_source(session, "src/sim.c", SOURCE)
    state["failure"] = build_failed(session)
    state["diagnosis"] = diagnosed("source_error", BUILD)
    text = next(text for text in candidates(session, state["failure"], []) if text.startswith("edit line 2"))
    session, state = _answering(session, state, tmp_path, action={"action": text, "risk": "low", "chance": 90})

    action = propose(state)["action"]
    found = carry_out(granted(state, action))

    assert found["failure"] is None and found["at"] == "build.compile"
    assert (session.tree / "src/sim.c").read_text() == SOURCE.replace("n = 3", "n = 3;")
    assert (untouched(session) / "src/sim.c").read_text() == SOURCE
    assert "+    int n = 3;" in patch_file(session).read_text()
    anew(session)
    assert (session.tree / "src/sim.c").read_text() == SOURCE.replace("n = 3", "n = 3;")

    again = diagnose({**state, "attempts": found["attempts"]})
    assert again["attempts"][0]["outcome"].startswith("then the same failure")
    assert (session.tree / "src/sim.c").read_text() == SOURCE
    assert edits_of(session) == [] and not patch_file(session).exists()


def _answering(session: Any, state: Any, folder: Path, **answers: Any) -> tuple[Any, Any]:
    """The same run with other answers, as the script is read once."""
    path = folder / "more.yaml"
    known = {
        "symptom": {"kind": "source_error", "cause": "A semicolon is missing."},
        "edit_line": {"line": "int n = 3;"},
    }
    path.write_text(json.dumps({**known, **answers}))
    session.asker._made = ScriptedChatModel(path=path)
    return session, state


def test_a_replaced_command_that_did_not_help_comes_back(tmp_path: Path) -> None:
    session, state = small(tmp_path, symptom={"kind": "wrong_command", "cause": "It failed."})
    failure = build_failed(session, "make: *** No rule to make target 'all'.\n")
    action = {"kind": "replace", "old": "make all", "new": "make -B all", "text": "use `make -B all` in place"}
    state = {**state, "failure": failure}
    done = carry_out(granted({**state, "action": None}, {**action, "step": "build.compile"}))
    assert load_plan(session)["build"] == ["make -B all"]

    state = {**state, "failure": {**failure, "command": "make -B all"}, "attempts": done["attempts"]}
    found = diagnose(state)

    assert load_plan(session)["build"] == ["make all"]
    assert found["failure"]["command"] == "make all"


def test_a_replacement_that_succeeds_without_doing_what_is_needed_goes_first(tmp_path: Path) -> None:
    session, state = small(tmp_path)
    failure = build_failed(session, "installed the generator\n", "get-generator", status=0)
    action = {"kind": "replace", "old": "make all", "new": "get-generator", "text": "use `get-generator` in place"}
    state = {**state, "failure": failure, "attempts": [tried(session, failure, action)]}

    state |= diagnose(state)
    assert decide(state).goto == "recover"
    found = propose(state)["action"]

    assert (found["kind"], found["command"], found["restores"]) == ("command", "get-generator", "make all")
    assert questions(session) == []


def test_a_command_that_wants_the_network_is_offered_with_it_and_not_judged_again(tmp_path: Path) -> None:
    session, state = small(tmp_path)
    state["failure"] = build_failed(session, "generator: not found\n")
    command = f"echo 'fetching: {os.strerror(101)}'; exit 1"
    state["action"] = {"kind": "command", "command": command, "text": "run it first", "step": "build.compile"}
    done = carry_out(granted(state, state["action"]))
    assert done["choice"] == "recover"

    state |= {"attempts": done["attempts"]}
    state |= diagnose(state)
    action = propose(state)["action"]

    assert action["network"] is True and action["command"] == command
    assert questions(session) == []


@pytest.mark.parametrize("wrong", [("SIM_BRAND", "x86"), ("SIM_ARCH", "your_arch")])
def test_a_variable_and_its_value_have_to_be_named_somewhere_and_are_set_for_every_command(
    tmp_path: Path, wrong: tuple[str, str]
) -> None:
    session, state = small(
        tmp_path,
        action={"action": VARIABLE, "risk": "low", "chance": 80},
        variable=[
            {"when": "Not accepted", "answer": {"name": "SIM_ARCH", "value": "x86"}},
            {"answer": {"name": wrong[0], "value": wrong[1]}},
        ],
    )
    (session.tree / "README.md").write_text("SIM_ARCH is one of x86 and arm.\n")
    state["failure"] = build_failed(session, "error: SIM_ARCH is not set\n")
    state["diagnosis"] = diagnosed("unclear", "error: SIM_ARCH is not set")

    action = propose(state)["action"]
    carry_out(granted(state, action))

    assert action["text"] == "set SIM_ARCH=x86"
    asked = session.asker.transcript.records()[-1]["messages"][1]["content"]
    assert "SIM_ARCH is one of x86 and arm." in asked, "the documents' line that speaks of it is shown"
    assert session.command('test "$SIM_ARCH" = x86', name="look", cwd=session.shell.workspace).ok


def test_a_clean_build_removes_at_once_what_the_run_made_and_nothing_else(tmp_path: Path) -> None:
    session, state = small(tmp_path, action={"action": CLEAN, "risk": "low", "chance": 80})
    with_source(session, "src/sim.c", SOURCE)
    (session.tree / "build").mkdir()
    (session.tree / "build" / "cache").write_text("of another folder")
    state["failure"] = build_failed(session, "error: the cache is of another folder\n")
    state["diagnosis"] = diagnosed("stale_files", "error: the cache is of another folder")

    carry_out(granted(state, propose(state)["action"]))

    assert not (session.tree / "build").exists()
    assert (session.tree / "src/sim.c").read_text() == SOURCE


def test_a_model_that_can_write_gives_whole_remedies_and_the_first_that_stands_is_taken(tmp_path: Path) -> None:
    wrong = remedy("edit", file="src/sim.c", old="int m = 3", new="int m = 3;")
    right = remedy("edit", file="src/sim.c", old="int n = 3", new="int n = 3;", changes="it compiles")
    session, state = begin(tmp_path, remedies={"remedies": [wrong, right]})
    with_source(session, "src/sim.c", SOURCE)
    state["failure"] = build_failed(session)
    state["diagnosis"] = diagnosed("source_error", BUILD)

    action = propose(state)["action"]
    carry_out(granted(state, action))

    assert (action["changes"], action["chance"]) == ("it compiles", 70)
    assert (session.tree / "src/sim.c").read_text() == SOURCE.replace("n = 3", "n = 3;")


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (remedy("command", command="make all"), "was tried"),
        (remedy("replace", command="make 'all"), "no command that the shell accepts"),
        (remedy("variable", name="A B", value="1"), "no name of a variable"),
        (remedy("install"), "needs the name"),
        (remedy("edit", file="../../etc/passwd", old="root", new="toor"), "no text file"),
        (remedy("network"), "network was tried"),
    ],
)
def test_a_remedy_that_cannot_be_carried_out_goes_back_with_a_sentence(
    tmp_path: Path, found: dict[str, Any], why: str
) -> None:
    session, state = begin(
        tmp_path, remedies={"remedies": [found]}, action={"action": WAIT, "risk": "low", "chance": 1}
    )
    with_source(session, "src/sim.c", SOURCE)
    grant_network(session, "build.compile")
    state["failure"] = build_failed(session)
    state["diagnosis"] = diagnosed("unclear", BUILD)

    # It then chooses among what is really there.
    assert propose(state)["action"]["kind"] == "wait"
    records = session.asker.transcript.records()
    assert [record["question"] for record in records] == ["remedies", "remedies", "action"]
    assert why in records[0]["oracle"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"quote": "error: expected ';' after 'return'"}, "does not stand in the log"),
        ({"file": "src/none.c"}, "neither in the log nor in the source"),
        ({"file": "/etc/hosts"}, "neither in the log nor in the source"),
        ({"line": 99}, "has no line 99"),
    ],
)
def test_a_diagnosis_that_its_oracles_contradict_goes_back(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    right = {**diagnosed("source_error", BUILD), "file": "src/sim.c", "line": 2, "fix": "Add a semicolon."}
    rules = [{"when": "Not accepted", "answer": right}, {"answer": {**right, **changed}}]
    session, state = begin(tmp_path, diagnosis=rules)
    with_source(session, "src/sim.c", SOURCE)
    state["failure"] = build_failed(session)

    found = diagnose(state)["diagnosis"]

    assert why in session.asker.transcript.records()[0]["oracle"]
    assert (found["quote"], found["source"]) == (BUILD, "src/sim.c:2: int n = 3")
    said = "\n".join(line["text"] for line in session.run.journal())
    assert "fix: Add a semicolon." in said and "src/sim.c:2: int n = 3" in said


def test_a_command_of_another_way_may_be_left_out_once_what_the_documents_name_is_made(tmp_path: Path) -> None:
    session, state = small(tmp_path, symptom={"kind": "unclear", "cause": "It failed."})
    (untouched(session) / "bin").mkdir(parents=True)
    session.recipe.put("build", {"configure": [], "build": ["make", "make all"], "strategy": None}, "not yet built")
    failure = build_failed(session, "error: there is no folder of that name\n")
    state["failure"] = failure
    [(text, omit)] = [one for one in candidates(session, failure, []).items() if one[0].startswith(OMIT)]
    assert "`make all`" in text and "bin/wavelet" in text

    done = carry_out(granted(state, {**omit, "text": text, "step": "build.compile"}))

    assert load_plan(session)["build"] == ["make"]
    diagnose({**state, "failure": {**failure, "command": "make"}, "attempts": done["attempts"]})
    assert load_plan(session)["build"] == ["make", "make all"], "it did not help: the same fails without it"
    # With nothing made that is named, a failed command is no other way but the way.
    (session.tree / "bin" / "wavelet").rename(session.tree / "bin" / "CompilerIdC.out")
    assert not [text for text in candidates(session, failure, []) if text.startswith(OMIT)]


def test_the_same_failure_further_down_in_a_log_is_the_same(tmp_path: Path) -> None:
    session, _ = begin(tmp_path)
    first = signature(session, failed(session, "one\nfatal error: x.h: No such file\n"))
    again = "".join(f"step {n}\n" for n in range(30)) + "fatal error: x.h: No such file\n"
    assert signature(session, failed(session, again)) == first
    assert signature(session, failed(session, "one\nfatal error: y.h: No such file\n")) != first


def test_without_a_log_nothing_is_offered_that_a_log_would_have_to_name(tmp_path: Path) -> None:
    session, _ = begin(tmp_path)
    failure = Failure(**{**build_failed(session), "log": None, "command": None})
    assert {action["kind"] for action in candidates(session, failure, []).values()} <= {"wait", "clean"}


def test_what_stands_before_the_failed_command_in_its_own_block_is_offered(tmp_path: Path) -> None:
    session, _ = begin(tmp_path)
    survey = session.recipe.get("survey")
    survey["blocks"] = [{"file": "README.md", "heading": "", "tag": "", "text": "sh prepare.sh\nmake all\nsh after.sh"}]
    survey["commands"]["other"] = ["sh prepare.sh", "sh after.sh", "sh elsewhere.sh"]
    session.recipe.put("survey", survey, "written for a test")
    offered = [text for text in candidates(session, build_failed(session), []) if "documents state" in text]
    assert offered == ["use `sh prepare.sh && make all`, as the documents state"]


def test_remedies_are_asked_with_the_lines_about_the_place_and_what_was_looked_at(tmp_path: Path) -> None:
    session, state = begin(tmp_path, remedies={"remedies": [remedy("command", command="true")]})
    with_source(session, "src/sim.c", SOURCE)
    state["failure"] = build_failed(session)
    state["diagnosis"] = {**diagnosed("source_error", BUILD), "file": "src/sim.c", "line": 2, "fix": "Add a semicolon."}
    session.looked[state["failure"]["log"]] = "read_file(path='README.md'): use SIM_FAST=1"
    outcome = "then another failure: `make` failed. It printed: sim.c:9: error: expected ';'"
    tried = {"kind": "variable", "text": "set SIM_FAST=0"}
    state["attempts"] = [{"step": "build.compile", "failure": "", "signature": "", "action": tried, "outcome": outcome}]
    propose(state)
    asked = session.asker.transcript.records()[0]["messages"][-1]["content"]
    assert "    2|     int n = 3\n" in asked and "    1| int main(void) {" in asked
    assert "use SIM_FAST=1" in asked
    assert "What would mend it: Add a semicolon." in asked
    assert f"set SIM_FAST=0 ({outcome})" in asked, "what an attempt changed in the log is told"


def test_the_projects_folder_in_a_variable_is_meant(tmp_path: Path) -> None:
    found = remedy("variable", name="SIM_HOME", value="$PWD/data:${PWD}")
    session, state = begin(tmp_path, remedies={"remedies": [found]})
    state["failure"] = build_failed(session)
    state["diagnosis"] = diagnosed("unclear", BUILD)
    assert propose(state)["action"]["value"] == f"{session.tree}/data:{session.tree}"


def test_an_edit_is_kept_where_the_same_words_are_told_of_another_line(tmp_path: Path) -> None:
    session, state = small(tmp_path, symptom={"kind": "source_error", "cause": "A semicolon is missing."})
    with_source(session, "src/sim.c", SOURCE)
    edit = {"file": "src/sim.c", "line": 2, "old": "    int n = 3", "new": "    int n = 3;"}
    action = {"kind": "edit", "edit": edit, "text": "edit line 2", "step": "build.compile", "seen": BUILD}
    state["failure"] = build_failed(session)
    done = carry_out(granted(state, action))
    state |= {"failure": build_failed(session, BUILD.replace(":2:", ":3:")), "attempts": done["attempts"]}

    diagnose(state)

    assert (session.tree / "src/sim.c").read_text() == SOURCE.replace("n = 3", "n = 3;")


@pytest.mark.parametrize("kind", ["edit", "variable"])
def test_what_changes_the_build_is_no_remedy_for_a_failed_test(tmp_path: Path, kind: str) -> None:
    fields = {"name": "A", "value": "1", "file": "src/sim.c", "old": "int n = 3", "new": "int n = 4;"}
    session, state = begin(
        tmp_path, remedies={"remedies": [remedy(kind, **fields)]}, action={"action": WAIT, "risk": "low", "chance": 1}
    )
    with_source(session, "src/sim.c", SOURCE)
    state["failure"] = failed(session, "1 test failed\n")
    state["diagnosis"] = diagnosed("unclear", "1 test failed")
    assert propose(state)["action"]["kind"] == "wait"
    assert "what failed is not the build" in session.asker.transcript.records()[0]["oracle"]
    assert not any(action["kind"] in (kind, "omit") for action in candidates(session, state["failure"], []).values())


def test_a_command_that_was_run_is_not_offered_again_though_another_thing_fails_now(tmp_path: Path) -> None:
    session, _ = begin(tmp_path)
    survey = session.recipe.get("survey")
    survey["commands"]["dependency"] = ["sh get-it.sh"]
    session.recipe.put("survey", survey, "written for a test")
    failure = build_failed(session)
    [text] = [text for text in candidates(session, failure, []) if "get-it.sh" in text]
    action = {"kind": "command", "command": "sh get-it.sh", "text": text}
    done = Attempt(**{**tried(session, failure, action, "then another failure: x"), "signature": "of another"})
    assert text not in candidates(session, failure, [done])


def test_waiting_is_a_choice_for_faults_that_pass_alone(tmp_path: Path) -> None:
    session, state = small(tmp_path, action={"action": WAIT, "risk": "low", "chance": 1})
    state["failure"] = build_failed(session, "error: the database is locked\n")
    state["diagnosis"] = diagnosed("wrong_version", "error: the database is locked")
    assert propose(state)["action"] is None
    state["diagnosis"] = diagnosed("passing_fault", "error: the database is locked")
    assert propose(state)["action"]["kind"] == "wait"


def test_what_is_missing_is_a_word_of_the_line(tmp_path: Path) -> None:
    line = "ld: cannot find -lqsim or qsim/state.h"
    session, state = small(
        tmp_path,
        action={"action": INSTALL, "risk": "low", "chance": 80},
        missing=[{"when": "Not accepted", "answer": {"name": "qsim"}}, {"answer": {"name": "boost"}}],
        package={"package": "qsim-dev"},
    )
    found = {"search": "echo {word}-dev - development files", "install": "pkgadd {package}", "unpack": ""}
    (session.run.state / "machine.json").write_text(json.dumps(found))
    state["failure"] = build_failed(session, f"{line}\n")
    state["diagnosis"] = diagnosed("something_missing", line)

    action = propose(state)["action"]

    assert (action["missing"], action["command"]) == ("qsim", "pkgadd qsim-dev")
    assert questions(session) == ["action", "missing", "missing", "package"]


def test_what_is_missing_may_stand_in_what_the_line_announces(tmp_path: Path) -> None:
    session, state = small(
        tmp_path,
        action={"action": INSTALL, "risk": "low", "chance": 80},
        missing={"name": "Eigen3"},
        package={"package": "eigen3-dev"},
    )
    found = {"search": "echo {word}-dev - development files", "install": "pkgadd {package}", "unpack": ""}
    (session.run.state / "machine.json").write_text(json.dumps(found))
    line = "CMake Error at CMakeLists.txt:8 (find_package):"
    log = (
        f'{line}\n  Could not find a configuration file provided by "Eigen3" with any\n  of the names:\n\n    x.cmake\n'
    )
    state["failure"] = build_failed(session, log)
    state["diagnosis"] = diagnosed("something_missing", line)

    assert propose(state)["action"]["command"] == "pkgadd eigen3-dev"
    asked = session.asker.transcript.records()[1]["messages"][-1]["content"]
    assert f'`{line} Could not find a configuration file provided by "Eigen3" with any of the names:`' in asked


def test_a_word_of_the_line_that_leads_to_no_package_is_followed_by_another_of_the_whole_output(tmp_path: Path) -> None:
    session, state = small(
        tmp_path,
        action={"action": INSTALL, "risk": "low", "chance": 80},
        missing=[
            {"when": "the output", "answer": {"name": "qrand"}},
            {"answer": {"name": "preset"}},
        ],
        package={"package": "qrand-dev"},
    )
    found = {"search": "echo qrand-dev | grep {word}", "install": "pkgadd {package}", "unpack": ""}
    (session.run.state / "machine.json").write_text(json.dumps(found))
    state["failure"] = build_failed(session, "error: the preset failed\nqrand: not found\n")
    state["diagnosis"] = diagnosed("something_missing", "error: the preset failed")

    assert propose(state)["action"]["command"] == "pkgadd qrand-dev"
    assert questions(session) == ["action", "missing", "missing", "package"]


def test_a_line_of_the_failed_commands_block_that_was_left_out_goes_before_it_in_the_same_shell(tmp_path: Path) -> None:
    session, _ = small(tmp_path)
    survey = session.recipe.get("survey")
    survey["blocks"] = [{"file": "README.md", "heading": "Build", "tag": "", "text": "mkdir -p b && cd b\nmake all\n"}]
    survey["commands"]["source"] = ["mkdir -p b && cd b"]
    session.recipe.put("survey", survey, "a test")
    failure = build_failed(session, "make: *** No rule to make target 'all'.\n")
    joined = "mkdir -p b && cd b && make all"

    text = f"use `{joined}`, as the documents state"
    assert candidates(session, failure, [])[text] == {"kind": "replace", "old": "make all", "new": joined}
    tried = {"kind": "replace", "old": "make all", "new": joined, "text": text}
    attempt = {"step": "build.compile", "failure": "", "signature": "1", "action": tried, "outcome": "then the same"}
    assert text not in candidates(session, failure, [attempt])


def test_an_option_that_the_output_names_is_offered(tmp_path: Path) -> None:
    chosen = "use `make all --ignore-version`, with the option that the output names"
    session, state = small(tmp_path, action={"action": chosen, "risk": "low", "chance": 80})
    state["failure"] = build_failed(session, "error: too old; pass --ignore-version or --all=yes to go on\n")
    state["diagnosis"] = diagnosed("wrong_version", "error: too old; pass --ignore-version or --all=yes to go on")
    offered = candidates(session, state["failure"], [])
    texts = [text for text in offered if "the output names" in text and offered[text]["kind"] == "replace"]
    assert [offered[text]["new"] for text in texts] == ["make all --ignore-version", "make all --all=yes"]
    action = propose(state)["action"]

    assert (action["kind"], action["new"]) == ("replace", "make all --ignore-version")
    assert questions(session) == ["action"], "nothing is left to fill in"


def test_another_command_that_holds_the_failed_one_takes_its_place(tmp_path: Path) -> None:
    session, state = small(
        tmp_path,
        action={"action": OTHER, "risk": "low", "chance": 80},
        new_command={"command": "mkdir -p out && make all"},
    )
    state["failure"] = build_failed(session, "error: there is no folder of that name\n")
    state["diagnosis"] = diagnosed("wrong_command", "error: there is no folder of that name")

    action = propose(state)["action"]

    assert (action["kind"], action["new"]) == ("replace", "mkdir -p out && make all")
    assert questions(session) == ["action", "new_command"]


def test_escalating_before_anything_was_tried_is_asked_again(tmp_path: Path) -> None:
    session, state = small(
        tmp_path,
        decide=[
            {"when": "Nothing was tried yet, and there is", "answer": {"choice": "recover"}},
            {"answer": {"choice": "escalate"}},
        ],
    )
    state["failure"] = build_failed(session, "error: no answer\n")
    state["diagnosis"] = diagnosed("no_network", "error: no answer")
    assert decide(state).goto == "recover"

    done = {"kind": "wait", "text": "wait and try again"}
    state["attempts"] = [{"step": "build.compile", "failure": "", "signature": "1", "action": done, "outcome": "then"}]
    assert decide(state).goto == "escalate"


@pytest.mark.parametrize(("kind", "goes_to"), [("link_error", "escalate"), ("passing_fault", "recover")])
def test_what_could_only_be_waited_out_may_be_escalated_unless_it_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, goes_to: str
) -> None:
    wait = {"kind": "wait", "text": "wait and try again", "step": "build.compile"}
    monkeypatch.setattr(deciding, "candidates", lambda *_: {wait["text"]: wait})
    answers = [
        {"when": "there is: wait and try again", "answer": {"choice": "recover"}},
        {"answer": {"choice": "escalate"}},
    ]
    session, state = small(tmp_path, decide=answers)
    state["failure"] = build_failed(session, "error: no answer\n")
    state["diagnosis"] = diagnosed(kind, "error: no answer")
    assert decide(state).goto == goes_to


def test_the_line_that_the_models_cause_copies_is_the_quotation(tmp_path: Path) -> None:
    cause = "undefined reference to `amp_get'"
    session, state = small(tmp_path, symptom={"kind": "link_error", "cause": cause})
    state["failure"] = build_failed(session, f"main.o: {cause}\ncollect2: error: ld returned 1 exit status\n")

    assert diagnose(state)["diagnosis"]["quote"] == f"main.o: {cause}"


def test_a_kind_is_asked_again_of_the_line_that_the_model_names(tmp_path: Path) -> None:
    missing = "lld: error: unable to find library -lqrand"
    session, state = small(
        tmp_path,
        symptom=[
            {"when": f"`{missing}`", "answer": {"kind": "something_missing", "cause": "qrand is missing."}},
            {"answer": {"kind": "link_error", "cause": missing}},
        ],
    )
    state["failure"] = build_failed(session, f"error: linking failed\n{missing}\n")

    found = diagnose(state)["diagnosis"]

    assert (found["kind"], found["quote"]) == ("something_missing", missing)


def test_a_replacement_that_the_next_failure_blames_is_taken_back(tmp_path: Path) -> None:
    session, state = small(tmp_path, symptom={"kind": "wrong_command", "cause": "It failed."})
    failure = build_failed(session, "error: linking failed\n")
    action = {"kind": "replace", "old": "make all", "new": "make all --as-needed", "text": "use another"}
    done = carry_out(granted({**state, "failure": failure, "action": None}, {**action, "step": "build.compile"}))
    assert load_plan(session)["build"] == ["make all --as-needed"]

    later = build_failed(session, "error: unexpected argument '--as-needed' found\n")
    diagnose({**state, "failure": {**later, "command": action["new"]}, "attempts": done["attempts"]})

    assert load_plan(session)["build"] == ["make all"]


def test_a_line_that_is_copied_with_its_number_is_written_without_it(tmp_path: Path) -> None:
    place = "edit line 2 of src/sim.c: int n = 3"
    session, state = small(
        tmp_path,
        action={"action": place, "risk": "low", "chance": 80},
        edit_line=[
            {"when": "Not accepted", "answer": {"line": "2| int n = 3;"}},
            {"answer": {"line": "2|     int n = 3"}},
        ],
    )
    with_source(session, "src/sim.c", SOURCE)
    state["failure"] = build_failed(session)
    state["diagnosis"] = diagnosed("source_error", BUILD)

    action = propose(state)["action"]

    assert action["edit"]["new"] == "    int n = 3;"

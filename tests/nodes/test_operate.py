from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from graph.state import Failure
from nodes.build.source import add_edit, patch_file, untouched
from nodes.integrate.metadata import metadata
from nodes.integrate.parameters import parameters
from nodes.integrate.register import register
from nodes.operate.health import health
from nodes.operate.report import report, report_text
from tests.nodes import coded_home, tiny_module
from tests.nodes.tiny_backend import begin
from tests.tools import shared_library
from tools.examining import examine
from tools.proxima import backends
from tools.standing import Finding


def work(state: Any, *nodes: Any) -> Any:
    for node in nodes:
        state = {**state, **node(state)}
        assert state["failure"] is None, state["failure"]
    return state


def asked(session: Any) -> list[str]:
    return [record["question"] for record in session.asker.transcript.records()]


def test_a_check_is_designed_passes_and_notices_a_broken_copy(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    state = work(state, metadata, parameters, register)

    state = work(state, health)

    # The plan without a circuit, with another expectation, went back once.
    assert asked(session).count("health") == 2
    checks = session.recipe.get("health")
    assert [check["what"] for check in checks] == ["program", "circuit"]
    assert checks[1]["expected"] == pytest.approx({"00": 0.5, "11": 0.5})
    harms = ("is gone", "is an empty file", "may not be executed", "is damaged")
    for broken in (*(f"the program {harm}" for harm in harms), "the last gate does nothing"):
        assert broken in state["reached"]["operate.health"]
    status = backends(tmp_path / "home")["wavelet"]["health"]
    assert status["status"] == "healthy" and status["checks"] == checks
    assert [one["status"] for one in status["history"]] == ["healthy"]
    parts = [part["path"] for part in session.recipe.get("parts")["files"]]
    assert parts[0] == str(session.tree / "bin" / "wavelet")


def test_a_known_check_costs_no_call_and_a_sick_backend_fails_it(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    work(state, health)
    calls = len(asked(session))
    work(state, health)
    assert len(asked(session)) == calls

    program = session.tree / "bin" / "wavelet"
    program.write_text(program.read_text().replace('if name == "CX":', 'if name == "CX":\n            continue'))
    failure = health(state)["failure"]

    assert failure and "not healthy: circuit" in failure["what"]
    assert session.recipe.get("health") is None


def own(**changed: Any) -> dict[str, Any]:
    check = {
        "what": "front page",
        "command": "bin/wavelet --help",
        "expected": "runs circuits",
        "notices": ["the program is gone", "the program is damaged"],
    }
    return {"checks": ["circuit"], "expected": "00 and 11 half each", "own": [check | changed]}


def test_a_check_of_the_models_own_is_held_to_the_faults_that_it_claims(tmp_path: Path) -> None:
    blind = own(command="bin/wavelet --help; echo runs circuits")
    answers = [{"when": "does not notice when the program is gone", "answer": own()}, {"answer": blind}]
    session, state = begin(tmp_path, health=answers)

    work(state, health)

    circuit, mine = session.recipe.get("health")
    assert circuit["what"] == "circuit" and mine["command"] == "bin/wavelet --help" and mine["read_only"]
    assert "the program is an empty file" in mine["notices"]  # which it did not claim, but was seen to
    assert "the last gate does nothing" not in mine["notices"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"notices": ["the moon is gone"]}, "'the moon is gone' is none of the faults"),
        ({"command": "bin/wavelet --nonsense"}, "fails on the healthy backend"),
        ({"expected": "runs hot"}, "fails on the healthy backend: it did not print 'runs hot'"),
        ({"command": "bin/wavelet --help; sleep 6"}, "it may take 5 s"),
        ({"what": "circuit"}, "There is another check called 'circuit'"),
        ({"command": "bin/wavelet '"}, "no command that the shell accepts"),
    ],
)
def test_a_check_that_cannot_stand_goes_back(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    plain = {"checks": ["circuit"], "expected": "00 and 11 half each", "own": []}
    answers = [{"when": "Not accepted", "answer": plain}, {"answer": own(**changed)}]
    session, state = begin(tmp_path, health=answers)

    work(state, health)

    said = [record.get("oracle") or "" for record in session.asker.transcript.records()]
    assert any(why in sentence for sentence in said), said
    assert [check["what"] for check in session.recipe.get("health")] == ["circuit"]


def test_a_small_model_is_not_asked_to_write_a_check(tmp_path: Path) -> None:
    session, state = begin(tmp_path, health={"checks": ["program", "circuit"], "expected": "00 and 11 half each"})
    session.asker.form = "small"

    work(state, health)

    (record,) = [record for record in session.asker.transcript.records() if record["question"] == "health"]
    assert record["schema"] == "HealthPlan" and "own" not in record["messages"][1]["content"]


def test_a_module_is_missed_where_its_file_is_gone(tmp_path: Path) -> None:
    three = {"checks": ["program", "answer", "circuit"], "expected": "00 and 11 half each", "own": []}
    session, state = tiny_module.begin(tmp_path, health=three)

    state = work(state, health)

    noticed = {check["what"]: check["notices"] for check in session.recipe.get("health")}
    assert noticed.keys() == {"program", "answer", "circuit"}
    assert "the file ripple.py is gone" in noticed["program"]
    for what in ("answer", "circuit"):
        assert {"the file ripple.py is gone", "the file ripple.py is damaged", "the program is gone"} <= {
            *noticed[what]
        }


@pytest.mark.skipif(shared_library.COMPILER is None, reason="no C compiler here")
def test_a_library_that_is_really_loaded_is_taken_away(tmp_path: Path) -> None:
    three = {"checks": ["program", "answer", "circuit"], "expected": "00 and 11 half each", "own": []}
    session, state = begin(tmp_path, health=three)
    dialect = shared_library.dialect(session.tree.resolve())
    session.recipe.put("dialect", dialect, "for a test")
    session.recipe.put("verified_gates", ["h", "cx"], "for a test")
    session.recipe.put("interface", {"kind": "program", "target": "bin/twin"}, "it ran")

    state = work(state, health)

    noticed = {check["what"]: check["notices"] for check in session.recipe.get("health")}
    gone = "the library libbell.so is gone"
    assert gone in state["reached"]["operate.health"]
    assert gone in noticed["circuit"] and gone in noticed["answer"] and gone not in noticed["program"]
    parts = [Path(part["path"]).name for part in session.recipe.get("parts")["files"]]
    assert parts[:2] == ["twin", "libbell.so"]


def test_a_check_that_no_fault_fails_is_refused_by_name(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    # A program whose outcomes hang on nothing: the last gate is not noticed.
    program = session.tree / "bin" / "wavelet"
    program.write_text("#!/bin/sh\nprintf '00 500\\n11 500\\n'\n")

    failure = health(state)["failure"]

    assert failure and "does not notice when the last gate does nothing" in failure["what"]
    assert session.recipe.get("health") is None


@pytest.mark.parametrize("coded", [False, True])
def test_a_registered_backend_is_examined_by_its_installed_wrapper(tmp_path: Path, coded: bool) -> None:
    answers = coded_home.ANSWERS if coded else {}
    session, state = begin(tmp_path, **answers)
    home = coded_home.coded_home(tmp_path / "home") if coded else tmp_path / "home"
    if coded:
        coded_home.answered(session, home, yes=True)
    work(state, metadata, parameters, register, health)

    def found() -> Finding:
        return examine(home, "wavelet", backends(home)["wavelet"], session.settings)

    assert found().status == "healthy"
    program = session.tree / "bin" / "wavelet"
    right = program.read_text()
    program.write_text(right.replace('"Z": lambda t: ((1, 0), (0, -1)),', ""))
    assert found().status == "healthy"  # what the check's circuit does not use may be broken
    program.unlink()
    gone = found()
    assert gone.status == "unhealthy" and gone.changed == (f"{program} is gone.",)
    assert backends(home)["wavelet"]["health"]["status"] == "healthy"  # nobody has written it down


def test_the_report_says_what_was_seen(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    attempt = {
        "step": "build.compile",
        "failure": "`make all` failed.",
        "signature": "x",
        "action": {"kind": "install", "text": "install libwave-dev"},
        "outcome": "the step then passed",
    }
    reached = {"build.compile": "exit status 0", "build.inspect": "1 programs"}
    began = {**state, "attempts": [attempt], "reached": reached}
    state = work(began, metadata, parameters, register, health, report)

    text = session.run.report.read_text()

    assert text.startswith("wavelet: VERIFIED\n")
    assert str(session.run.report) in state["reached"]["operate.report"]
    for line in (
        "$ ./configure",
        "$ make all",
        "made: program bin/wavelet",
        "install libwave-dev: the step then passed",
    ):
        assert line in text
    assert "parameter precision is not supported" in text
    assert "parallelization is passed on (--threads ⟨value⟩), but its effect was not observed" in text
    assert f"model calls: {session.asker.transcript.totals().calls}\n" in text
    assert "approval level: safe" in text and "protection: " in text and "system calls: " in text
    assert "a command might take 3600 s, " in text
    assert "rigil run CIRCUIT.qasm --backend wavelet" in text
    assert all(len(line) <= 100 for line in text.splitlines() if str(tmp_path) not in line)


def test_the_report_of_an_escalated_run_says_where_and_shows_the_log(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    log = session.run.logs / "001-build.log"
    log.write_text("fine\nwave.c:3: error: no such header\n")
    failure = Failure(phase="build", step="build.compile", what="`make all` failed.", command="make all", log=str(log))
    diagnosis = {
        "kind": "something_missing",
        "cause": "A header is missing.",
        "quote": "error: no such header",
    }

    text = report_text(session, {**state, "failure": failure, "diagnosis": diagnosis, "skipped": ["verify.tests"]})

    assert text.startswith("wavelet: ESCALATED at build.compile\n")
    assert "2| wave.c:3: error: no such header" in text
    assert "diagnosis, cause: A header is missing." in text
    assert "skipped by the person: verify.tests" in text


def test_the_report_of_a_run_with_skipped_steps_does_not_claim_them(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    session.run.update(settings={**session.run.facts["settings"], "began": time.time()})

    text = report_text(session, {**state, "skipped": ["verify.tests"]})

    assert text.startswith("wavelet: VERIFIED IN PART, with 1 step skipped")
    assert "How to use it" not in text


def test_the_report_tells_what_was_changed_for_the_build(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    for folder in (untouched(session), session.tree):
        (folder / "src").mkdir(parents=True)
        (folder / "src" / "wave.c").write_text("int a\n")
    add_edit(session, {"file": "src/wave.c", "old": "int a", "new": "int a;", "line": 1})
    session.recipe.put("variables", {"WAVE_ARCH": "x86"}, "set by recovery")

    text = report_text(session, state)

    assert "with WAVE_ARCH=x86" in text
    assert "edited in the copy: src/wave.c" in text
    assert patch_file(session).name == "wavelet.patch" and "wavelet.patch" in text

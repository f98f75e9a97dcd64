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
from tests.nodes.tiny_backend import begin
from tools.proxima import backends


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
    for broken in ("the program is gone", "an empty file", "the last gate does nothing"):
        assert broken in state["reached"]["operate.health"]
    status = backends(tmp_path / "home")["wavelet"]["health"]
    assert status["status"] == "healthy" and status["checks"] == checks


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


def test_a_check_that_does_not_notice_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, state = begin(tmp_path, health={"checks": ["answer", "circuit"], "expected": "00 and 11 half each"})
    # A stand-in that answers as the program does: then only the circuit tells them apart.
    import tools.health

    real = tools.health._instead
    echo = f"{tmp_path}/state/workspaces/wavelet/tmp/echo"

    def instead(text: str, program: Path, other: str) -> str:
        return real(text, program, echo if other.endswith("empty-program") else other)

    monkeypatch.setattr(tools.health, "_instead", instead)
    Path(echo).write_text(
        "#!/bin/sh\necho 'usage: wavelet [-h] [--shots N] [--seed S] [--depolarize P] [--threads T]'\n"
    )
    Path(echo).chmod(0o755)

    work(state, health)

    assert [check["what"] for check in session.recipe.get("health")] == ["circuit"]


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
    assert "approval level: safe" in text and "protection: " in text
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

    assert text.startswith("wavelet: VERIFIED IN PART, with 1 steps skipped")
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

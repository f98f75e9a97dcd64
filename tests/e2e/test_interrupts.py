"""Where a run stops for the person or for want of a model, and what each answer leads to."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import Any

from graph.runner import PARTIAL, STOPPED, UNREACHABLE, USAGE, VERIFIED, WAITING
from models.transcript import Transcript
from tests.e2e.conftest import walled
from tests.e2e.machine import COMMAND, NAME, PACKAGE, SETTLED, Machine
from tools.samples import read_samples

UNREADABLE: dict[str, Any] = {
    "test_results": [
        {"when": "Not accepted", "answer": {"passed": 41, "failed": 0, "skipped": 0, "failed_names": []}},
        {"answer": {"passed": 42, "failed": 0, "skipped": 0, "failed_names": []}},
    ],
    "diagnosis": [
        {
            "when": "make check",
            "answer": {
                "kind": "unclear",
                "cause": "What the tests say cannot be read.",
                "quote": "5 passed, 0 failed",
                "file": "",
                "line": None,
                "fix": "",
                "automatic": False,
            },
        }
    ],
    "decide": {"choice": "escalate"},
}
"""Answers with which the backend's tests cannot be settled, and nothing helps."""


@walled
def test_an_installation_waits_for_the_person_and_yes_leads_to_the_end(machine: Machine) -> None:
    said = machine.here(*machine.up(approve="ask"))
    run = machine.newest()
    assert said.code == WAITING
    assert f"\n  command: {COMMAND}\n  in: {run.folder}\n" in said.out
    assert "outside the sandbox" in said.out
    assert f"rigil resume {run.id} --answer" in said.out
    assert machine.installed() == []
    assert (run.status, run.exit_code) == ("waiting", WAITING)
    before = machine.settled()

    told = machine.here("report", run.id)
    assert told.code == 0 and told.out.startswith(f"{NAME}: WAITS FOR AN ANSWER")
    assert f"command: {COMMAND}" in told.out and f"rigil resume {run.id} --answer ANSWER" in told.out
    assert "VERIFIED" not in told.out and "fatal error: qrand.h" in told.out
    assert "The command's last seconds:" in told.out
    last = read_samples(max(run.folder.glob("logs/*-build-*.samples")))[-1]  # a row of the table has it
    rows = [line.split() for line in told.out.splitlines()]
    assert [f"{last.seconds:.0f}", f"{last.cpu:.2f}", f"{last.rss / 2**20:.0f}", str(last.threads)] in [
        row[:4] for row in rows
    ]

    asked_again = machine.here("resume")
    assert asked_again.code == WAITING
    assert f"\n  command: {COMMAND}\n" in asked_again.out
    assert machine.installed() == []

    done = machine.here("resume", run.id, "--answer", "yes")
    assert done.code == VERIFIED, done.out
    assert machine.installed() == [PACKAGE]
    assert machine.settled() == SETTLED
    assert SETTLED[: len(before)] == before
    assert (machine.newest().status, machine.newest().exit_code) == ("verified", 0)
    report = machine.newest().report
    assert "approval level: ask" in report.read_text()
    # What was written while it waited is not beside it any more.
    assert not [path for path in report.parent.glob("report.*") if "WAITS" in path.read_text()]


@walled
def test_no_leads_back_to_recovery_and_on_to_the_person(machine: Machine) -> None:
    machine.model = machine.until_tested()
    assert machine.here(*machine.up(approve="ask")).code == WAITING

    refused = machine.here("resume", "--answer", "no")
    assert refused.code == WAITING
    assert "build.compile failed" in refused.out
    assert "answers: retry | skip | stop | hint: WORDS" in refused.out
    assert "not permitted by the person" in refused.out
    assert "ESCALATED at build.compile" in machine.newest().report.read_text()
    assert machine.installed() == []

    machine.with_header()
    tried_again = machine.here("resume", "--answer", "retry")
    assert tried_again.code == UNREACHABLE, tried_again.out
    assert "build.inspect" in machine.settled()
    assert machine.installed() == []


@walled
def test_the_person_may_edit_the_command(machine: Machine) -> None:
    machine.model = machine.until_tested()
    assert machine.here(*machine.up(approve="ask")).code == WAITING
    edited = machine.here("resume", "--answer", f"edit: {COMMAND} && echo by hand > {machine.folder}/edited")
    assert edited.code == UNREACHABLE, edited.out
    assert "build.inspect" in machine.settled()
    assert machine.installed() == [PACKAGE]
    assert (machine.folder / "edited").read_text() == "by hand\n"


@walled
def test_an_answer_is_not_kept_for_a_later_question(machine: Machine) -> None:
    machine.settings("model_call: {tries: 1}")
    machine.model = machine.answers(
        describe=[{"raise": "refused", "times": 1}, {"answer": {"summary": "A simulator.", "key_files": []}}]
    )
    assert machine.here(*machine.up(approve="ask")).code == UNREACHABLE
    said = machine.here("resume", "--answer", "yes")
    assert said.code == WAITING
    assert f"\n  command: {COMMAND}\n" in said.out
    assert machine.installed() == []


def test_the_person_may_stop_and_later_skip_a_step(machine: Machine) -> None:
    machine.with_header()
    machine.model = machine.answers(**UNREADABLE)
    said = machine.here(*machine.up())
    assert said.code == WAITING
    assert "verify.tests failed: The test command ran no tests" in said.out

    stopped = machine.here("resume", "--answer", "stop")
    assert stopped.code == STOPPED
    assert machine.newest().status == "stopped"

    back = machine.here("resume")
    assert back.code == WAITING
    assert "verify.tests failed" in back.out

    skipped = machine.here("resume", "--answer", "skip")
    assert skipped.code == PARTIAL, skipped.out
    assert "verify.tests skipped" in skipped.out
    assert machine.settled() == [step for step in SETTLED if step != "verify.tests"]
    report = machine.newest().report.read_text()
    assert report.startswith(f"{NAME}: VERIFIED IN PART, with 1 step skipped\n")
    assert "skipped by the person: verify.tests" in report
    assert (machine.home / "backends" / f"{NAME}_adapter.py").is_file()


def test_a_hint_reaches_the_question_that_failed(machine: Machine) -> None:
    wrong = {"lines": ["wires 5", "hadamard 3", "cnot 3 4", "readout"]}
    right = {"lines": ["wires 5", "had 3", "cnot 3 4", "readout"]}
    machine.with_header()
    machine.model = machine.answers(
        circuit_file=[{"when": "The person says: it is had", "answer": right}, {"answer": wrong}],
        decide={"choice": "escalate"},
    )
    said = machine.here(*machine.up())
    assert said.code == WAITING
    assert "verify.speak failed" in said.out
    assert "unknown gate" in said.out
    done = machine.here("resume", "--answer", "hint: it is had")
    assert done.code == VERIFIED, done.out
    assert machine.settled() == SETTLED


def test_without_a_model_the_run_stops_and_goes_on_where_it_was(machine: Machine) -> None:
    machine.settings("model_call: {tries: 1}")
    script: dict[str, Any] = {"describe": {"summary": "A simulator.", "key_files": []}, "package": {"package": PACKAGE}}
    faults = {"describe": "refused", "package": 500}
    machine.model = machine.answers(
        **{name: [{"raise": fault, "times": 1}, {"answer": script[name]}] for name, fault in faults.items()}
    )
    asked = []
    said = machine.here(*machine.up())
    run = machine.newest()
    for question in faults:
        assert said.code == UNREACHABLE, said.out
        assert f"rigil resume {run.id}" in said.out
        assert "Traceback" not in said.out
        assert machine.newest().status == "unreachable"
        last = Transcript(run.folder).records()[-1]
        assert (last["question"], "error" in last) == (question, True)
        asked.append(machine.settled())
        said = machine.here("resume")
    assert asked[0] == ["survey.fetch"]
    assert asked[1][-1] == "build.strategy"
    assert said.code == VERIFIED, said.out
    assert machine.settled() == SETTLED
    assert machine.installed() == [PACKAGE]


def test_without_a_sandbox_the_person_is_asked_before_anything_runs(machine: Machine) -> None:
    machine.without_sandbox()
    machine.model = machine.until_tested()
    said = machine.rigil(*machine.up(approve="safe"))
    assert said.code == WAITING, said
    assert "No sandbox protects this machine" in said.out
    run = machine.newest()
    assert list(run.logs.iterdir()) == []
    asked = machine.rigil("resume", "--answer", "yes")
    assert asked.code == WAITING, asked
    assert f"\n  command: {COMMAND}\n" in asked.out
    assert "there is no sandbox here" in asked.out or "outside the sandbox" in asked.out
    done = machine.rigil("resume", "--answer", "yes")
    assert done.code == UNREACHABLE, done
    assert "build.inspect" in machine.settled()


def test_an_answer_is_typed_at_a_terminal(machine: Machine) -> None:
    machine.model = machine.answers(decide={"choice": "escalate"})
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "cli.main", *machine.up()]
    environment = {**os.environ, **machine.environment, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "dumb"}
    with subprocess.Popen(
        command, cwd=machine.folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        os.write(ours, b"stop\n")
        shown = bytearray()
        while block := _read(ours):
            shown += block
    os.close(ours)
    text = shown.decode()
    assert "build.compile failed" in text
    assert "answers: retry | skip | stop | hint: WORDS" in text
    assert process.returncode == STOPPED, text
    assert machine.newest().status == "stopped"


def _read(terminal: int) -> bytes:
    """What the other side wrote; nothing once it is closed."""
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says EIO where others say the end of the file
        return b""


def test_a_run_ends_after_the_phase_that_was_named_and_a_later_one_goes_on_from_its_recipe(machine: Machine) -> None:
    machine.with_header()
    said = machine.here(*machine.up(), "--until", "build")
    assert said.code == PARTIAL, said.out
    assert "VERIFIED IN PART, only until build, as asked" in said.out
    assert machine.settled()[-1] == "build.replay"
    assert machine.newest().report.exists()
    asked = len(Transcript(machine.newest().folder).records())
    assert asked > 0

    again = machine.here(*machine.up(), "--until", "build")
    assert again.code == PARTIAL, again.out
    assert Transcript(machine.newest().folder).records() == []


def test_a_phase_that_there_is_not_is_a_wrong_usage(machine: Machine) -> None:
    said = machine.here(*machine.up(), "--until", "lunch")
    assert said.code == USAGE
    assert "survey, build, verify" in said.out
    assert not machine.state.joinpath("runs").exists()


@walled
def test_a_run_that_is_resumed_where_the_sandbox_is_gone_asks_first(machine: Machine) -> None:
    said = machine.here(*machine.up(approve="ask"))
    assert said.code == WAITING and f"command: {COMMAND}" in said.out
    machine.without_sandbox()

    # An answer that was meant for the installation is none to this.
    asked = machine.rigil("resume", "--answer", "yes")
    assert asked.code == WAITING, asked
    assert "This run began in bubblewrap, and now no sandbox protects this machine" in asked.out + asked.err
    assert machine.installed() == []
    assert machine.rigil("resume", "--answer", "no").code == STOPPED

    assert machine.rigil("resume").code == WAITING
    on = machine.rigil("resume", "--answer", "yes")
    assert on.code == WAITING and f"command: {COMMAND}" in on.out + on.err
    assert machine.installed() == []

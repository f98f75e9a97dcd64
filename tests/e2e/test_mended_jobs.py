"""Jobs on a backend that was damaged after it was brought up, and what recovery does to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.machine import NAME, PACKAGE, Machine, Said
from tools.proxima import backends
from tools.runs import Run, Runs

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2];'
ONE = f"{HEAD} x q[0]; measure q -> c;\n"
BELL = f"{HEAD} h q[0]; cx q[0],q[1]; measure q -> c;\n"
INSTALL = "install what is missing from the machine's packages"
REBUILD = "build the backend anew from its source"


class Job:
    """tinysim on a machine of its own, and circuits that are run on it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.program = machine.state / "workspaces" / NAME / "tree" / "tinysim"
        self.real = self.program.read_bytes()
        self.header = machine.folder / "machine" / "include" / "qrand.h"
        for name, text in (("one", ONE), ("bell", BELL)):
            (machine.folder / f"{name}.qasm").write_text(text)

    def damaged(self, *lines: str) -> None:
        """Put a script in the program's place that goes on to the program itself."""
        real = self.program.with_name("tinysim.real")
        real.write_bytes(self.real)
        real.chmod(0o755)
        self.program.write_text("\n".join(["#!/bin/sh", *lines, f'exec {real} "$@"', ""]))
        self.program.chmod(0o755)

    def attended(self, category: str, *remedies: dict[str, Any], circuits: tuple[str, ...] = ("one",)) -> Said:
        mishap = {"category": category, "cause": "What the evidence says.", "severity": "recoverable"}
        mishap["fault"] = "backend" if category == "wrong_result" else "environment"
        self.machine.answers(
            mishap=mishap,
            decide=[{"when": "Tried", "answer": {"choice": "escalate"}}, {"answer": {"choice": "recover"}}],
            job_remedies={"remedies": [{"risk": "low", "chance": 90, "changes": "it runs", **one} for one in remedies]},
            missing=[{"when": "Not accepted", "answer": {"name": "qrand.h"}}, {"answer": {"name": "qrand"}}],
            action={"action": "wait and try again", "risk": "low", "chance": 10},
            explain_failure={"meaning": "It is damaged.", "fix": "Build it anew."},
        )
        files = [str(self.machine.folder / f"{name}.qasm") for name in circuits]
        more = ("--model", self.machine.model, "--approve", "all", "--backend", NAME, "--json")
        return self.machine.rigil("run", "--attend", *more, "--shots", "200", "--seed", "5", *files)

    @property
    def run(self) -> Run:
        return next(run for run in reversed(Runs(self.machine.state).list()) if run.job)

    @property
    def ending(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.run.folder / "ending.json").read_text())
        return found

    @property
    def journal(self) -> str:
        return "\n".join(line["text"] for line in self.run.journal())


def candidate(name: str) -> dict[str, Any]:
    return {"kind": "candidate", "name": name, "value": ""}


def variable(name: str, value: str) -> dict[str, Any]:
    return {"kind": "variable", "name": name, "value": value}


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory, interpreter: Path) -> Machine:
    machine = Machine(tmp_path_factory.mktemp("mended"))
    machine.with_python(interpreter)
    said = machine.rigil(*machine.up())
    assert said.code == 0, said
    return machine


@pytest.fixture
def job(brought: Machine) -> Job:
    return Job(brought)


def test_what_is_missing_is_installed_for_a_job_and_the_health_check_is_passed_after_it(job: Job) -> None:
    job.header.unlink(missing_ok=True)
    installed = len(job.machine.installed())
    job.damaged(f"test -e {job.header} || {{ echo 'tinysim: qrand.h: No such file or directory' >&2; exit 1; }}")
    said = job.attended("something_missing", candidate(INSTALL))
    job.program.write_bytes(job.real)
    assert said.code == 0, said
    assert json.loads(said.out.splitlines()[-1])["counts"] == {"01": 200}
    assert job.machine.installed()[installed:] == [PACKAGE]
    assert [one["outcome"] for one in job.ending["attempts"]] == ["the step then passed"]
    assert backends(job.machine.home)[NAME]["health"]["status"] == "healthy"


def test_after_an_installation_by_which_the_health_check_fails_recovery_goes_on(job: Job) -> None:
    job.header.unlink(missing_ok=True)
    # What it needs to run at all is what makes Bell states wrong.
    job.damaged(
        f"test -e {job.header} || {{ echo 'tinysim: qrand.h: No such file or directory' >&2; exit 1; }}",
        "grep -q 'cnot' \"$1\" && { printf '00 1000\\n'; exit 0; }",
    )
    said = job.attended("something_missing", candidate(INSTALL))
    assert f"since `install the package {PACKAGE}" in job.journal and "the backend is unhealthy" in job.journal
    installed, rebuilt = job.ending["attempts"]
    assert installed["outcome"].startswith("then another failure: It ended well, but since")
    assert rebuilt == {"text": REBUILD, "outcome": "the step then passed"}  # of its untouched source
    assert said.code == 0, said


def test_what_makes_another_circuit_fail_is_taken_back(job: Job) -> None:
    job.damaged(
        'case "$TINY_MODE:$(grep -c cnot "$1")" in',
        "  0:1 | :1) echo 'tinysim: no entangler (set TINY_MODE to 1)' >&2; exit 1 ;;",
        "  1:0) echo 'tinysim: TINY_MODE=1 cannot do this' >&2; exit 1 ;;",
        "esac",
    )
    said = job.attended("program_error", variable("TINY_MODE", "1"), circuits=("one", "bell"))
    job.program.write_bytes(job.real)
    assert said.code == 2, said
    assert "1 circuits that were right before are not any more" in job.journal
    assert "taken back: set TINY_MODE=1" in job.journal
    plan = json.loads((job.run.folder / "job.json").read_text())
    assert plan["variables"] == {}


def test_a_backend_that_is_gone_is_built_anew(job: Job) -> None:
    if not job.header.exists():
        job.machine.with_header()
    job.program.unlink()
    said = job.attended("something_missing", candidate(REBUILD))
    assert said.code == 0, said
    assert json.loads(said.out.splitlines()[-1])["counts"] == {"01": 200}
    assert job.ending["attempts"] == [{"text": REBUILD, "outcome": "the step then passed"}]
    assert job.program.exists() and not job.program.parent.with_name("tree.before").exists()


def test_a_rebuild_that_does_not_verify_brings_back_what_was_there(job: Job) -> None:
    job.damaged("echo 'tinysim: internal error' >&2; exit 1")
    source = job.machine.source / "tinysim.c"
    text = source.read_text()
    source.write_text(text.replace("int main", "int mine"))
    said = job.attended("program_error", candidate(REBUILD))
    source.write_text(text)
    assert said.code == 2, said
    assert job.ending["attempts"][0]["outcome"].startswith("it failed: building it anew did not verify it")
    assert "internal error" in job.program.read_text()

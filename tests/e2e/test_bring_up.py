"""The main job, end to end: a stranger's simulator whose first build fails, with a scripted model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml

from models.transcript import Transcript
from tests.e2e.machine import NAME, PACKAGE, SETTLED, Machine, Said
from tools.proxima import backends, config_entries
from tools.runs import Run

Up = tuple[Machine, Said, Run]

ASYMMETRIC = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; creg c[3]; x q[0]; h q[2]; measure q -> c;\n'


def test_every_step_is_settled_once_and_the_failed_build_is_mended(brought_up: Up) -> None:
    machine, said, run = brought_up
    assert said.code == 0, said
    assert said.out.endswith(f"{NAME} is verified and registered.\n")
    journal = run.journal()
    assert [line["step"] for line in journal if line.get("settled")] == SETTLED
    failed = [line for line in journal if line.get("settled") is False]
    assert [line["step"] for line in failed] == ["build.compile"]
    assert "qrand.h: No such file" in Path(failed[0]["log"]).read_text()
    assert machine.installed() == [PACKAGE]
    (fix,) = machine.recipe()["fixes"]  # what was installed, by whoever cleans up or sets up another machine
    assert (fix["kind"], fix["package"], fix["command"]) == ("install", PACKAGE, f"pkgadd {PACKAGE}")
    assert (run.status, run.exit_code) == ("verified", 0)


def test_the_report_says_what_was_done_and_what_it_cost(brought_up: Up) -> None:
    _, said, run = brought_up
    report = run.report.read_text()
    assert report in said.out
    assert report.startswith(f"{NAME}: VERIFIED\n")
    totals = Transcript(run.folder).totals()
    for line in (
        "$ make",
        "install the package libqrand-dev: `pkgadd libqrand-dev`: the step then passed",
        "discovery: 5 tests by `sh check.sh --list` (as many as the listing says, 5); first not, had twice",
        "its own tests: 5 passed, 0 failed, 0 skipped by `make check`",
        "qubit 0 is the first",
        f"model calls: {totals.calls}",
        f"tokens: {totals.input_tokens} in, {totals.output_tokens} out",
        "approval level: all",
    ):
        assert line in report
    assert totals.calls == len(Transcript(run.folder).records()) > 20


def test_its_speed_is_measured_beside_a_reference_and_told(brought_up: Up) -> None:
    run = brought_up[2]
    report, results = run.report.read_text(), json.loads((run.folder / "benchmark.json").read_text())
    assert {row["qubits"] for row in results["sizes"]} >= {2, 4, 6}
    assert results["sizes"][0]["reference"] or results["reference"]["ended"]
    assert "\nHow fast it is\n  qubits  gates  runs  wall s" in report
    assert f"a plot: {run.folder / 'benchmark.svg'}" in " ".join(report.split())
    assert (run.folder / "benchmark.svg").read_text().startswith("<?xml")


def test_its_tests_are_known_one_by_one_and_their_results_stand_in_a_file_for_ci_systems(brought_up: Up) -> None:
    _, _, run = brought_up
    manifest = json.loads(run.manifest.read_text())
    names = ["not", "cnot", "trade", "had twice", "turnx"]
    assert [test["name"] for test in manifest["tests"]] == names
    assert manifest["tests"][3]["command"] == "sh check.sh 'had twice'"
    (suite,) = list(JUnitXml.fromfile(str(run.junit)))
    assert sorted(case.name for case in suite if case.is_passed) == sorted(names)
    report = " ".join(run.report.read_text().split())
    assert f"their results for CI systems: {run.junit}" in report and str(run.manifest) in report
    bell = run.folder / "bell.tiny"
    assert bell.read_text() == "wires 2\nhad 0\ncnot 0 1\nreadout\n" and str(bell) in report


def test_it_is_registered_with_what_was_verified(brought_up: Up) -> None:
    machine, _, _ = brought_up
    entry = backends(machine.home)[NAME]
    assert {"h", "cx", "rz", "swap"} <= set(entry["gates"])
    assert "ccx" not in entry["gates"]
    assert entry["max_qubits"] == 20
    assert entry["parameters"]["noise_level"]["backend_param"] == "--flip"
    assert not entry["parameters"]["parallelization"]["supported"]
    assert entry["health"]["status"] == "healthy"
    assert (machine.home / "backends" / f"{entry['module']}.py").is_file()
    assert config_entries(machine.home)[NAME]["executable"] == NAME


def test_a_circuit_runs_by_name_with_the_qubits_in_qiskits_order(brought_up: Up, tmp_path: Path) -> None:
    machine, _, run = brought_up
    before = len(Transcript(run.folder).records())
    circuit = tmp_path / "circuit.qasm"
    circuit.write_text(ASYMMETRIC)
    found = machine.rigil("run", str(circuit), "--backend", NAME, "--shots", "400", "--seed", "3", "--json")
    assert found.code == 0, found
    counts = _counts(json.loads(found.out))
    assert set(counts) == {"001", "101"}
    assert sum(counts.values()) == 400
    assert 140 < counts["001"] < 260
    shown = machine.rigil("run", str(circuit), "--backend", NAME, "--shots", "400", "--seed", "3")
    assert shown.code == 0, shown
    assert all(str(count) in shown.out for count in counts.values())
    assert len(Transcript(run.folder).records()) == before


def _counts(result: Any) -> dict[str, int]:
    """The counts of a result object, at the top or in its data."""
    found: dict[str, int] = result["counts"] if "counts" in result else result["data"]["counts"]
    return found


def test_what_cannot_run_is_refused_in_a_line(brought_up: Up, tmp_path: Path) -> None:
    machine, _, _ = brought_up
    circuit = tmp_path / "circuit.qasm"
    circuit.write_text(ASYMMETRIC.replace("h q[2]", "reset q[2]"))
    for arguments, word in (
        ([str(circuit), "--backend", NAME], "reset"),
        ([str(circuit), "--backend", "another"], "another"),
        ([str(tmp_path / "none.qasm"), "--backend", NAME], "none.qasm"),
    ):
        found = machine.here("run", *arguments)
        assert found.code != 0
        assert word in found.out
        assert "Traceback" not in found.out


def test_show_tells_every_decision_with_its_evidence_in_order(brought_up: Up) -> None:
    machine, _, run = brought_up
    shown = machine.here("show", run.id)
    assert shown.code == 0
    asked = [line["question"] for line in Transcript(run.folder).records()]
    assert shown.out.count("\n[model] asked ") == len(asked)
    places = [shown.out.index(f"\n[{step}] ✓") for step in SETTLED]
    assert places == sorted(places)
    failure, diagnosis, mended = (
        shown.out.index("✗ build.compile"),
        shown.out.index("[model] asked diagnosis"),
        shown.out.index("✓ build.compile"),
    )
    assert failure < diagnosis < mended
    assert "fatal error: qrand.h: No such file or directory" in shown.out[diagnosis:mended]


def test_runs_and_backends_are_listed(brought_up: Up) -> None:
    machine, _, run = brought_up
    line = next(line for line in machine.here("runs").out.splitlines() if run.id in line)
    assert line.split()[1:4] == ["verified", "0", NAME]
    listed = machine.here("backends")
    assert listed.code == 0
    assert NAME in listed.out


@pytest.fixture(scope="session")
def again(brought_up: Up) -> Up:
    """The second `rigil up` on the same machine."""
    machine, _, _ = brought_up
    said = machine.rigil(*machine.up())
    return machine, said, machine.newest()


def test_the_second_time_costs_no_model_call_and_repeats_no_repair(brought_up: Up, again: Up) -> None:
    machine, said, run = again
    assert said.code == 0, said
    assert run.id != brought_up[2].id
    assert Transcript(run.folder).records() == []
    assert "model calls: 0" in said.out
    assert "incremental build" in said.out
    assert "as measured of the same products at " in " ".join(said.out.split())
    assert machine.installed() == [PACKAGE]
    assert [line["step"] for line in run.journal() if "settled" in line] == SETTLED


def test_nothing_is_left_running(again: Up) -> None:
    assert again[0].processes() == []

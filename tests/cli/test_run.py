"""`rigil run` as a person or a program calls it, on two backends that really run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.tools.tiny_home import home_with, module, program

TWO = 'OPENQASM 2.0; include "qelib1.inc"; '
FAIR = f"{TWO}qreg q[2]; h q[0]; cx q[0], q[1];"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("homes")
    shots = program(folder)
    wrong = {**module(folder), "gates": {**module(folder)["gates"], "cx": "c.cn(⟨b⟩, ⟨a⟩)"}}
    return home_with(
        folder / "home", {"wavelet": shots, "toy": module(folder), "wrong": wrong, "vector": module(folder, "c.state")}
    )


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["run", *arguments, "--proxima-home", str(home)])

    return call


def file(name: str, text: str) -> str:
    Path(name).write_text(text)
    return name


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_circuit_is_one_object_of_the_documented_form(run: Any) -> None:
    result = run(file("a.qasm", FAIR), "--backend", "toy", "--shots", "300", "--seed", "4", "--json")

    assert result.exit_code == 0, result.output
    (found,) = lines(result)
    assert found.keys() == {
        *("schema", "backend", "version", "circuit", "asked", "error", "ended", "qubits", "shots", "seed", "counts"),
        *("seconds", "total_seconds", "metrics", "statevector", "options", "metadata"),
    }
    assert (found["schema"], found["backend"], found["circuit"], found["error"]) == (1, "toy", "a.qasm", None)
    assert found["asked"] == {"shots": 300, "seed": 4} and found["seed"] == 4
    assert found["counts"].keys() == {"00", "11"} and sum(found["counts"].values()) == found["shots"] == 300
    assert 0 < found["seconds"] <= found["total_seconds"]
    assert result.stderr == ""


def test_a_person_gets_the_counts_the_likeliest_first(run: Any) -> None:
    result = run(file("a.qasm", f"{TWO}qreg q[1]; ry(1.0) q[0];"), "--backend", "wavelet", "--shots", "1000")

    assert result.exit_code == 0, result.output
    first, second, last = result.stdout.splitlines()
    assert first.startswith("0  ") and second.startswith("1  ")
    assert int(first.split()[1]) + int(second.split()[1]) == 1000
    assert last.startswith("1000 shots on wavelet in ")


def test_many_circuits_sweeps_and_backends(run: Any) -> None:
    names = [file("a.qasm", FAIR), file("b.json", '{"qubits": 1, "gates": [{"gate": "H", "target": 0}]}')]

    result = run(*names, "--backend", "wavelet,toy", "--shots", "10,20", "--seed", "3", "--json")

    assert result.exit_code == 0, result.output
    told = [(found["backend"], found["asked"]["shots"], found["circuit"]) for found in lines(result)]
    assert told == [(b, shots, name) for b in ("wavelet", "toy") for shots in (10, 20) for name in names]
    assert all(sum(found["counts"].values()) == found["asked"]["shots"] for found in lines(result))
    assert "8 of 8 done" in result.stderr


def test_parameters_of_the_backend_and_of_the_circuit_are_swept(run: Any) -> None:
    text = 'OPENQASM 3.0; include "stdgates.inc"; input float theta; qubit[1] q; ry(theta) q[0];'
    sets = ("--set", "noise_level=0,0.5", "--set", "theta=0,3.141592653589793")

    result = run(file("a.qasm", text), "--backend", "wavelet", "--shots", "400", "--seed", "1", *sets, "--json")

    assert result.exit_code == 0, result.output
    found = {(one["asked"]["noise_level"], one["asked"]["theta"]): one for one in lines(result)}
    assert found[0, 0]["counts"] == {"0": 400}
    assert found[0, 3.141592653589793]["counts"] == {"1": 400}
    assert found[0.5, 0]["options"] == {"noise_level": 0.5} and found[0.5, 0]["counts"].keys() == {"0", "1"}
    wrong = run("a.qasm", "--backend", "wavelet", "--set", "phi=1")
    assert wrong.exit_code == 1 and "no parameter 'phi'; it has theta" in wrong.stderr
    assert "without a value: theta" in run("a.qasm", "--backend", "wavelet").stderr
    fair = file("b.qasm", FAIR)
    assert "does not support 'precision'" in run(fair, "--backend", "toy", "--set", "precision=single").stderr


def test_backends_are_compared_on_every_circuit(run: Any) -> None:
    names = [file("even.qasm", f"{TWO}qreg q[2]; h q;"), file("a.qasm", FAIR)]

    result = run(*names, "--backend", "toy,wrong,wavelet", "--shots", "4000", "--seed", "5", "--compare", "--json")

    assert result.exit_code == 0, result.output
    far = {(*one["compared"], one["circuit"]): one["distance"] for one in lines(result) if "compared" in one}
    assert far["toy", "wrong", "even.qasm"] == 0  # the same seed and sampler
    assert far["toy", "wavelet", "a.qasm"] < 0.05
    assert far["toy", "wrong", "a.qasm"] == pytest.approx(0.5, abs=0.05)  # 00 and 11 against 00 and 01
    assert len(far) == 6
    shown = run("a.qasm", "--backend", "toy,wrong", "--compare").stdout.splitlines()[-1]
    assert shown.startswith("a.qasm: total variation distance of toy and wrong 0.")


def test_a_failure_is_reported_and_the_others_go_on(run: Any) -> None:
    names = [
        file("reset.qasm", f"{TWO}qreg q[1]; reset q[0];"),
        "missing.qasm",
        file("a.qasm", FAIR),
        file("large.qasm", f"{TWO}qreg q[13];"),
        file("bad.json", '{"qubits": 1, "gates": [{"gate": "X", "qubits": [0], "condition": 1}]}'),
    ]
    Path("bytes.qpy").write_bytes(b"QISKIT\x0d\xff")
    Path("bytes.pkl").write_bytes(b"\x80\x04\xff")

    result = run(*names, "bytes.qpy", "bytes.pkl", "--backend", "toy", "--json")

    assert result.exit_code == 1
    errors = {one["circuit"]: one["error"] for one in lines(result)}
    assert [name for name, error in errors.items() if error is None] == ["a.qasm"]
    for name, word in (
        ("reset.qasm", "`reset` cannot be run"),
        ("missing.qasm", "cannot be read"),
        ("large.qasm", "at most 12"),
        ("bad.json", "'condition'"),
        ("bytes.qpy", "no QPY file"),
        ("bytes.pkl", "cannot be read"),
    ):
        assert word in errors[name]
        assert f"rigil: {name} on toy: " in result.stderr
    assert "7 of 7 done, 6 failed" in result.stderr


def test_statevectors_and_results_are_left_in_a_folder(run: Any) -> None:
    import numpy
    from qiskit.quantum_info import Statevector

    from tools.circuit_input import as_qiskit

    text = f"{TWO}qreg q[3]; h q[0]; ry(0.4) q[1]; cx q[0], q[2];"
    result = run(file("a.qasm", text), "--backend", "vector,wavelet", "--out", "out", "--seed", "1")

    assert result.exit_code == 0, result.output
    vector, wavelet = (json.loads(line) for line in Path("out/results.jsonl").read_text().splitlines())
    state = numpy.load(vector["statevector"])
    assert state.dtype == numpy.complex128 and Path(vector["statevector"]).parent == Path("out")
    assert Statevector(state).equiv(Statevector(as_qiskit(text)))
    assert wavelet["statevector"] is None and sum(wavelet["counts"].values()) == 1024
    again = run("a.qasm", "--backend", "toy", "--out", "out")
    assert again.exit_code == 1 and "is there already" in again.stderr


def test_qpy_files_hold_circuits(run: Any) -> None:
    from qiskit import QuantumCircuit, qpy

    first, second = QuantumCircuit(1), QuantumCircuit(2)
    first.x(0)
    second.x(1)
    with Path("both.qpy").open("wb") as out:
        qpy.dump([first, second], out)

    result = run("both.qpy", "--backend", "wavelet", "--shots", "7", "--json")

    assert result.exit_code == 0, result.output
    assert [(one["circuit"], one["counts"]) for one in lines(result)] == [
        ("both.qpy[0]", {"1": 7}),
        ("both.qpy[1]", {"10": 7}),
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--backend", "nosuch"], "No backend is called 'nosuch'"),
        (["--backend", "toy,nosuch"], "No backend is called 'nosuch'"),
        (["--backend", "toy,toy"], "different backends"),
        (["--backend", ","], "different backends"),
        (["--backend", "toy", "--compare"], "at least two backends"),
        (["--backend", "toy", "--shots", "0"], "at least 1"),
        (["--backend", "toy", "--shots", "2.5"], "whole numbers"),
        (["--backend", "toy", "--shots", "many"], "whole numbers"),
        (["--backend", "toy", "--set", "noise_level"], "PARAM=VALUE"),
        (["--backend", "toy", "--set", "shots=5"], "use --shots"),
        (["--backend", "toy", "--set", "a=1", "--set", "a=2"], "once for each"),
    ],
)
def test_wrong_usage_is_said_before_anything_runs(run: Any, arguments: list[str], why: str) -> None:
    result = run(file("a.qasm", FAIR), *arguments)

    assert result.exit_code == 1
    assert why in result.stderr and result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


def test_a_plain_circuit_loads_neither_qiskit_nor_numpy(home: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    path = tmp_path / "a.qasm"
    path.write_text(FAIR + "creg c[2]; measure q -> c;")
    arguments = ["run", str(path), "--backend", "toy", "--proxima-home", str(home)]
    program_ = (
        f"import sys; sys.argv = ['rigil', *{arguments!r}]\n"
        "from cli.main import main\n"
        "try: main()\nexcept SystemExit as end: assert end.code == 0\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program_], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert loaded & {"qiskit", "numpy", "scipy", "langgraph", "jinja2"} == set()

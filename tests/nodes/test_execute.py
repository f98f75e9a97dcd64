from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodes.execute.unseen import unseen
from nodes.integrate.metadata import metadata
from nodes.integrate.parameters import parameters
from nodes.integrate.register import register
from tests.nodes.conftest import FEW
from tests.nodes.tiny_backend import begin
from tools.adapters import CircuitFileError, load_adapter
from tools.proxima import ProximaError
from tools.registration import remove
from tools.running import run_file


@pytest.fixture
def registered(tmp_path: Path) -> tuple[Any, Any]:
    session, state = begin(tmp_path)
    for node in (metadata, parameters, register):
        state = {**state, **node(state)}  # type: ignore[typeddict-item]
    assert state["failure"] is None
    return session, state


def circuit(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "circuit.qasm"
    path.write_text(text)
    return path


def test_an_unseen_circuit_runs_through_the_registry(registered: tuple[Any, Any]) -> None:
    _, state = registered

    state = {**state, **unseen(state)}

    assert state["failure"] is None
    assert "random circuit of 12 gates" in state["reached"]["execute.unseen"]
    assert "total variation distance" in state["reached"]["execute.unseen"]


def test_a_backend_that_has_gone_wrong_since_is_noticed(registered: tuple[Any, Any]) -> None:
    session, state = registered
    program = session.tree / "bin" / "wavelet"
    few = "drawn = [0] * (options.shots // 3)\ndrawn += [(1 << n) - 1] * (options.shots - len(drawn))\n"
    program.write_text(program.read_text().replace("for i in drawn:", f"{few}for i in drawn:"))

    failure = unseen(state)["failure"]

    assert failure and "differs from Qiskit" in failure["what"]
    assert failure["log"]


def test_an_unregistered_backend_has_nothing_to_run(tmp_path: Path) -> None:
    _, state = begin(tmp_path)

    failure = unseen(state)["failure"]

    assert failure and "not registered" in failure["what"]


def test_a_file_runs_without_a_model(registered: tuple[Any, Any], tmp_path: Path) -> None:
    session, _ = registered
    calls = len(session.asker.transcript.records())
    path = circuit(tmp_path, 'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; h q[0]; cx q[0],q[2]; swap q[1],q[2];')

    found = run_file(path, home=tmp_path / "home", backend="wavelet", shots=300, seed=4)

    assert set(found["counts"]) == {"000", "011"} and sum(found["counts"].values()) == 300
    assert (found["backend"], found["qubits"], found["shots"], found["seed"]) == ("wavelet", 3, 300, 4)
    assert 0 < found["seconds"] <= found["total_seconds"]
    assert found["counts"] == run_file(path, home=tmp_path / "home", backend="wavelet", shots=300, seed=4)["counts"]
    assert len(session.asker.transcript.records()) == calls


def test_every_way_to_write_a_circuit(registered: tuple[Any, Any], tmp_path: Path) -> None:
    def counts(text: str, **options: Any) -> dict[str, int]:
        found = run_file(circuit(tmp_path, text), home=tmp_path / "home", backend="wavelet", shots=50, options=options)
        result: dict[str, int] = found["counts"]
        return result

    assert counts('// 3?\nOPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; x q[0]; c = measure q;') == {
        "01": 50
    }
    two = 'OPENQASM 2.0; include "qelib1.inc"; qreg a[1]; qreg b[2]; creg c[1]; creg d[2];'
    # Bits are those of the classical registers, the first register's last: a -> d[1], b[0] is not measured.
    assert counts(f"{two} x a[0]; x b[0]; measure a[0] -> d[1]; measure b[1] -> c[0];") == {"100": 50}
    gates = "u3(0.1,0.2,0.3) q[0]; ccx q[0],q[1],q[2]; crz(0.4) q[1],q[2]; barrier q; sdg q[2]; x q[1];"
    text = f'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; creg c[3]; {gates} measure q[1] -> c[1];'
    assert counts(text, num_qubits=3, timeout=30) == {"010": 50}


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("OPENQASM 2.0; nonsense", {}, "cannot be read"),
        ("", {}, "no qubits"),
        ("qreg q[13];", {}, "at most 12"),
        ("qreg q[1]; creg c[1]; h q[0]; measure q -> c; h q[0];", {}, "follows a measurement"),
        ("qreg q[1]; h q[0]; reset q[0];", {}, "reset"),
        ("qreg q[1]; creg c[1]; measure q -> c; if (c==1) x q[0];", {}, "`if_else`"),
        ("opaque mystery a; qreg q[1]; mystery q[0];", {}, "mystery"),
        ("qreg q[1];", {"shots": 0}, "at least 1"),
        ("qreg q[1];", {"shots": 2.5}, "whole number"),
        ("qreg q[1];", {"seed": -1}, "whole number"),
        ("qreg q[1];", {"nosuch": 1}, "no parameter 'nosuch'"),
        ("qreg q[1];", {"noise_level": 2}, "from 0 to 1"),
        ("qreg q[1];", {"num_qubits": 2}, "has 1 qubits"),
        ("qreg q[1];", {"precision": "double"}, "does not support"),
        ("qreg q[1];", {"timeout": 0.0001}, "did not finish"),
        ("qreg q[1];", {"parallelization": "many"}, "at least 1, not 'many'"),
    ],
)
def test_what_cannot_be_run_is_said(shared: Path, tmp_path: Path, text: str, options: dict[str, Any], why: str) -> None:
    whole = text if not text or text.startswith("OPENQASM") else f'OPENQASM 2.0; include "qelib1.inc"; {text}'
    given = {"shots": options.get("shots", 10), "seed": options.get("seed")}
    others = {name: value for name, value in options.items() if name not in given}

    with pytest.raises(CircuitFileError, match=why):
        run_file(circuit(tmp_path, whole), home=shared, backend="wavelet", options=others, **given)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a registered backend, for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("shared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIGIL_STATE", str(folder / "state"))
        patch.setenv("RIGIL_SETTINGS", str(folder / "settings.yaml"))
        (folder / "settings.yaml").write_text(FEW)
        _, state = begin(folder)
        for node in (metadata, parameters, register):
            state = {**state, **node(state)}  # type: ignore[typeddict-item]
    return folder / "home"


def test_a_qiskit_circuit_is_taken_and_judged(shared: Path) -> None:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter

    adapter = load_adapter(shared, "wavelet")
    built = QuantumCircuit(2)
    built.rx(Parameter("theta"), 0)

    assert "theta" in adapter.validate_circuit(built).message
    assert not adapter.validate_circuit(42).valid
    bound = built.assign_parameters([0.3])
    assert adapter.validate_circuit(bound).valid
    assert adapter.estimate_resources(bound).memory_mb == pytest.approx(64e-6)
    assert built.num_parameters == 1  # the caller's circuit is left as it was


def test_an_unknown_backend_or_file_is_said(tmp_path: Path, shared: Path) -> None:
    with pytest.raises(ProximaError, match="there are: wavelet"):
        run_file(circuit(tmp_path, "OPENQASM 2.0;"), home=shared, backend="nosuch")
    with pytest.raises(CircuitFileError, match="cannot be read"):
        run_file(tmp_path / "nosuch.qasm", home=shared, backend="wavelet")


def test_a_removed_backend_leaves_the_home_as_it_was(registered: tuple[Any, Any], tmp_path: Path) -> None:
    home = tmp_path / "home"

    saved = remove(home, "wavelet")

    assert (home / "config" / "default.yaml").read_text().endswith("backends:\n")
    assert not (home / "backends" / "wavelet_adapter.py").exists()
    assert len(saved) == 3 and all(path.exists() for path in saved)
    with pytest.raises(ProximaError, match="there are: none"):
        load_adapter(home, "wavelet")

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import reference
from tools.circuits import GATES, distance, distribution
from tools.scaling import DRAWN, LAYERED, layered


@pytest.mark.parametrize(
    "gates", [["h", "cx", "ry", "rz"], ["h", "cx", "rz"], ["h", "cz", "rx", "rz"], ["h", "cx", "p"]]
)
def test_the_circuit_is_the_same_in_whatever_gates(gates: list[str]) -> None:
    (qubits, operations), family = layered(gates, 4, 3)

    assert (qubits, family) == (4, LAYERED)
    assert {name for name, _, _ in operations} <= set(gates)
    assert distance(distribution((qubits, operations)), distribution(layered(list(GATES), 4, 3)[0])) < 1e-9


@pytest.mark.parametrize("gates", [["h", "cx"], ["h", "cx", "t"], ["x", "h", "ccx"]])
def test_gates_that_cannot_say_it_are_drawn(gates: list[str]) -> None:
    (qubits, operations), family = layered(gates, 4, 3)

    assert family == DRAWN
    assert {name for name, _, _ in operations} <= set(gates)
    assert len(operations) == 4 * 2 * 4 + 3 * 3
    assert layered(gates, 4, 3)[0] == (qubits, operations)


def test_twice_the_layers_are_about_twice_the_gates() -> None:
    gates = ["h", "cx", "ry", "rz"]
    few, many = (len(layered(gates, 6, layers)[0][1]) for layers in (4, 8))

    assert 1.7 < many / few < 2


def test_the_reference_tells_its_simulator_and_its_own_time(tmp_path: Path) -> None:
    qubits, operations = layered(["h", "cx", "ry", "rz"], 3, 2)[0]
    given = tmp_path / "circuit.json"
    given.write_text(json.dumps({"qubits": qubits, "operations": operations, "shots": 10, "seed": 1}))

    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", reference.__file__, str(given)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    said = json.loads(done.stdout)
    assert said["simulator"].startswith("Qiskit ") and said["seconds"] > 0

from __future__ import annotations

import json
import random
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
    given.write_text(json.dumps({"qubits": qubits, "operations": operations, "shots": 10, "seed": 1, "numbers": {}}))

    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", reference.__file__, str(given)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    said = json.loads(done.stdout)
    assert said["simulator"].startswith("Qiskit ") and said["seconds"] > 0
    assert said["fidelity"] is None


def test_the_fidelity_is_1_for_the_circuits_own_outcomes_and_0_for_even_ones() -> None:
    import numpy

    circuit = layered(["h", "cx", "ry", "rz"], 6, 4)[0]
    named = distribution(circuit)
    exact = numpy.array([named.get(format(outcome, "06b"), 0.0) for outcome in range(64)])
    drawn = random.Random(5).choices(list(named), list(named.values()), k=400)

    own = reference.fidelity({bits: drawn.count(bits) for bits in set(drawn)}, exact)
    even = reference.fidelity({format(outcome, "06b"): 5 for outcome in range(64)}, exact)
    other = reference.fidelity({bits[::-1]: drawn.count(bits) for bits in set(drawn)}, exact)

    assert reference.fidelity(named, exact) == (pytest.approx(1), 0.0)
    assert own is not None and abs(own[0] - 1) < 4 * own[1] and own[1] < 0.2
    assert even is not None and even[0] == pytest.approx(0, abs=1e-9)
    assert other is not None and abs(other[0] - 1) > 4 * other[1] + 0.05
    assert reference.fidelity({"00": 1.0}, numpy.full(4, 0.25)) is None

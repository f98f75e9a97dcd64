from __future__ import annotations

import pytest

from tools.circuits import (
    GATES,
    Circuit,
    bell,
    distribution,
    probes,
    suite,
)
from tools.comparison import distance


def test_the_reference_has_qubit_0_last() -> None:
    assert distribution((3, [("x", (0,), ())])) == pytest.approx({"001": 1.0})
    assert distribution(bell()) == pytest.approx({"00": 0.5, "11": 0.5})


def mutated(circuit: Circuit, gate: str, other: str) -> Circuit:
    return circuit[0], [(other if name == gate else name, qubits, angles) for name, qubits, angles in circuit[1]]


@pytest.mark.parametrize(
    ("gate", "mistaken_for"),
    [("t", "s"), ("s", "sdg"), ("t", "tdg"), ("z", "s"), ("rx", "ry"), ("ry", "rz"), ("cz", "cx"), ("x", "y")],
)
def test_probes_tell_a_gate_from_what_it_may_be_mistaken_for(gate: str, mistaken_for: str) -> None:
    known = ["h", "cx", "x", "rz", "ry", "t"]
    found = probes(gate, [name for name in known if name != gate])
    assert max(distance(distribution(c), distribution(mutated(c, gate, mistaken_for))) for c in found) > 0.05


def test_probes_tell_operands_apart() -> None:
    circuit = probes("cx", ["h", "x", "ry"])[0]
    turned = [(n, tuple(reversed(q)) if n == "cx" else q, a) for n, q, a in circuit[1]]
    assert distance(distribution(circuit), distribution((circuit[0], turned))) > 0.1


def test_the_suite_holds_only_what_the_gates_can_express() -> None:
    assert set(suite(["h", "cx"])) == {"Bell", "GHZ", "bit order"}
    assert {"asymmetric", "interference", "phase"} <= set(suite(list(GATES)))

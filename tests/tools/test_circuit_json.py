from __future__ import annotations

import json
from typing import Any

import pytest

from tools.circuit_input import as_qiskit, prepared
from tools.circuit_json import CircuitRefused, from_json
from tools.openqasm import Plain

BELL = [("h", [0], []), ("cx", [0, 1], [])]
LINES = {"h": "H ⟨a⟩", "cx": "CX ⟨a⟩ ⟨b⟩", "ry": "RY ⟨a⟩ ⟨t⟩", "rz": "RZ ⟨a⟩ ⟨t⟩"}


def made(circuit: Any, values: dict[str, float] | None = None) -> Plain:
    return prepared(circuit, values or {}, gates=LINES, name="sim", most=4, capacity="stated")


@pytest.mark.parametrize(
    ("circuit", "operations"),
    [
        ({"num_qubits": 2, "gates": [{"gate": "H", "qubits": [0]}, {"gate": "CX", "qubits": [0, 1]}]}, BELL),
        (
            {
                "name": "Bell State",
                "qubits": 2,
                "gates": [{"gate": "H", "target": 0}, {"gate": "CNOT", "control": 0, "target": 1}],
                "measurements": [0, 1],
            },
            BELL,
        ),
        ([{"type": "hadamard", "targets": [0]}, {"name": "cnot", "qubits": [0, 1]}], BELL),
        ({"type": "test", "qubits": 1, "gates": [{"name": "H", "qubit": 0}]}, BELL[:1]),
        (
            {"n_qubits": 3, "operations": [{"name": "Toffoli", "controls": [2, 0], "target": 1}]},
            [("ccx", [2, 0, 1], [])],
        ),
        ([{"name": "Rx", "qubits": [0], "params": {"theta": 1.5}}], [("rx", [0], [1.5])]),
        (
            [{"gate": "U3", "qubits": 0, "params": [1, 2.5, 3]}, {"gate": "barrier", "qubits": [0]}],
            [("u3", [0], [1, 2.5, 3])],
        ),
    ],
)
def test_every_way_that_proxima_writes_a_circuit(circuit: Any, operations: list[Any]) -> None:
    found = from_json(circuit)

    assert list(found.operations) == operations
    assert found.qubits == max([*(qubit for _, on, _ in operations for qubit in on), found.qubits - 1]) + 1


def test_what_is_measured_goes_to_the_bits_in_its_order() -> None:
    gates = [{"gate": "X", "qubits": [2]}]
    assert from_json({"qubits": 3, "gates": gates, "measurements": [2, 0]}).measured == [(2, 0), (0, 1)]
    assert from_json({"qubits": 3, "gates": gates, "measurements": True}).measured == [(0, 0), (1, 1), (2, 2)]
    assert from_json({"qubits": 3, "gates": gates, "measurements": False}).measured == []
    assert from_json([*gates, {"name": "Measure", "qubits": [2, 1]}]).measured == [(2, 0), (1, 1)]


@pytest.mark.parametrize(
    ("circuit", "why"),
    [
        ("{", "cannot be read"),
        ("{}", "a list of"),
        ('[{"gate": "H"}]', "Gate 0 .* has to say"),
        ('[{"gate": "H", "name": "X", "qubits": [0]}]', "'gate' and 'name'"),
        ("[3]", "is no object"),
        ('[{"gate": "H", "qubits": [-1]}]', "no number from 0"),
        ('[{"gate": "H", "qubits": [true]}]', "no number from 0"),
        ('[{"gate": "CX", "qubits": [1, 1]}]', "a qubit twice"),
        ('[{"gate": "X", "qubits": [0], "conditional": true}]', "'conditional'"),
        ('[{"gate": "RZ", "qubits": [0], "params": ["theta"]}]', "no list of angles"),
        ('[{"gate": "RZ", "qubits": [0], "params": [NaN]}]', "no list of angles"),
        ('[{"gate": "RZ", "qubits": [0]}]', "takes 1 qubits and 1 angles, not 1 and 0"),
        ('[{"gate": "X", "control": 0, "target": 1}]', "takes 1 qubits"),
        ('[{"gate": "Bloch", "qubits": [0]}]', "no gate 'bloch'"),
        ('[{"gate": "reset", "qubits": [0]}]', "`reset` cannot be run"),
        ('[{"gate": "M", "qubits": [0]}, {"gate": "H", "qubits": [0]}]', "follows a measurement"),
        ('{"qubits": 1, "gates": [{"gate": "CX", "qubits": [0, 1]}]}', "uses qubit 1"),
        ('{"qubits": 1, "gates": [], "shots": 5}', "'shots'"),
        ('{"qubits": 1, "gates": [], "measurements": [1]}', "distinct ones of 1"),
        ('{"qubits": 1, "gates": [{"gate": "M", "qubits": [0]}], "measurements": [0]}', "give one of them"),
        ('{"qubits": 5, "gates": []}', "at most 4"),
        ('{"qubits": 0, "gates": []}', "no qubits"),
    ],
)
def test_what_is_no_circuit_or_means_more_is_refused(circuit: str, why: str) -> None:
    with pytest.raises(CircuitRefused, match=why):
        made(circuit)


def test_gates_that_the_backend_lacks_are_expressed_in_those_it_has() -> None:
    from qiskit.quantum_info import Operator, Statevector

    given = {"qubits": 3, "gates": [{"gate": "CSWAP", "control": 2, "targets": [0, 1]}, {"gate": "SX", "target": 1}]}
    found = made(json.dumps({**given, "measurements": [1]}))

    assert {name for name, _, _ in found.operations} <= set(LINES)
    again = as_qiskit([{"gate": name, "qubits": list(on), "params": list(at)} for name, on, at in found.operations])
    assert Operator(again).equiv(Operator(as_qiskit(given)))
    assert list(found.measured) == [(1, 0)] and found.width == 1
    assert Statevector(again).num_qubits == 3


THREE = 'OPENQASM 3.0; include "stdgates.inc"; '


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("qubit[1] q; bit[1] c; c[0] = measure q[0]; if (c[0]) x q[0];", "if_else"),
        ("qubit[2] q; for uint i in [0:1] { h q[i]; }", "cannot read|for_loop"),
        ("qubit[1] q; bit c; while (c == false) { c = measure q[0]; }", "while_loop|cannot read"),
        ("qubit[1] q; reset q[0];", "`reset`"),
        ("qubit[1] q; def f(qubit a) { h a; } f(q[0]);", "SubroutineDefinition"),
        ("qubit[1] q; delay[10ns] q[0];", "delay"),
        ("input float theta; qubit[1] q; rx(theta) q[0];", "without a value: theta"),
        ("input int n; qubit[1] q; rx(n) q[0];", "inputs"),
        ("qubit[1] q; bit[2] c; c[0] = measure q[0]; h q[0];", "follows a measurement"),
        ("qubit[1] q; nonsense", "cannot read"),
    ],
)
def test_what_openqasm_3_says_beyond_gates_is_refused(text: str, why: str) -> None:
    with pytest.raises(CircuitRefused, match=why):
        made(THREE + text)


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("qubit[2] q; ctrl @ x q[0], q[1];", "qubit[2] q; cx q[0], q[1];"),
        ("qubit[2] q; negctrl @ x q[0], q[1];", "qubit[2] q; x q[0]; cx q[0], q[1]; x q[0];"),
        ("qubit[1] q; inv @ s q[0]; gphase(pi/3);", "qubit[1] q; sdg q[0];"),
        ("qubit[1] q; pow(2) @ s q[0];", "qubit[1] q; z q[0];"),
        ("qubit a; qubit[2] b; h b[1]; cx b[1], a;", "qubit[3] q; h q[2]; cx q[2], q[0];"),
        ("gate my(t) a { ry(t) a; } qubit[1] q; my(0.3) q[0];", "qubit[1] q; ry(0.3) q[0];"),
    ],
)
def test_modifiers_and_several_registers_of_openqasm_3_are_run(text: str, like: str) -> None:
    from qiskit.quantum_info import Operator

    found = made(THREE + text)

    again = as_qiskit([{"gate": name, "qubits": list(on), "params": list(at)} for name, on, at in found.operations])
    assert {name for name, _, _ in found.operations} <= set(LINES)
    assert Operator(again).equiv(Operator(as_qiskit(THREE + like)))


def test_free_parameters_get_their_values() -> None:
    text = f"{THREE}input float theta; input float[64] phi; qubit[1] q; ry(theta/2) q[0]; rz(phi) q[0];"
    assert list(made(text, {"theta": 1.0, "phi": 2}).operations) == [("ry", [0], [0.5]), ("rz", [0], [2.0])]
    for values, why in (
        ({"theta": 1.0}, "without a value: phi"),
        ({"theta": 1, "phi": 2, "chi": 3}, "no parameter 'chi'; it has phi, theta"),
        ({"theta": 1, "phi": "wide"}, "is a number"),
    ):
        with pytest.raises(CircuitRefused, match=why):
            made(text, values)
    with pytest.raises(CircuitRefused, match="no parameter 'theta'; it has none"):
        made('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; h q[0];', {"theta": 1.0})


STANDARD = [
    "ccx",
    "cswap",
    "u",
    "cu",
    "crz",
    "rzz",
    "swap",
    "iswap",
    "sx",
    "p",
    "ch",
    "ecr",
    "ry",
    "rz",
    "h",
    "cx",
    "id",
]


@pytest.mark.parametrize("seed", range(8))
def test_random_circuits_of_qiskits_gates_are_expressed_right(seed: int) -> None:
    import random

    from qiskit import QuantumCircuit
    from qiskit.circuit.library import get_standard_gate_name_mapping
    from qiskit.quantum_info import Operator

    known, rng = get_standard_gate_name_mapping(), random.Random(seed)
    circuit = QuantumCircuit(4)
    for _ in range(20):
        kind = known[rng.choice(STANDARD)]
        angles = [rng.uniform(-7, 7) for _ in kind.params]
        circuit.append(type(kind)(*angles) if angles else kind, rng.sample(range(4), kind.num_qubits))
    circuit.append(circuit.copy().to_gate(label="own").power(2), rng.sample(range(4), 4))
    circuit.cx(0, 1, ctrl_state=0)

    found = made(circuit)

    again = as_qiskit(
        {"qubits": 4, "gates": [{"gate": n, "qubits": list(q), "params": list(a)} for n, q, a in found.operations]}
    )
    assert {name for name, _, _ in found.operations} <= set(LINES)
    assert Operator(again).equiv(Operator(circuit))


def test_a_gate_of_the_circuits_own_is_not_taken_for_another() -> None:
    with pytest.raises(CircuitRefused, match="own gate `h`"):
        made("OPENQASM 3.0; gate h a { U(pi, 0, pi) a; } qubit[1] q; h q[0];")
    with pytest.raises(CircuitRefused, match="`mystery` cannot be expressed"):
        made('OPENQASM 2.0; include "qelib1.inc"; opaque mystery a; qreg q[1]; mystery q[0];')

"""The reference: circuits that tell right from wrong, and what they must give, by Qiskit."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from math import sqrt
from typing import TYPE_CHECKING

from tools.comparison import distance
from tools.driver import Operation
from tools.qiskit_loading import load_qiskit as load_qiskit

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

GATES: dict[str, tuple[int, int, str]] = {
    "h": (1, 0, "Hadamard gate"),
    "cx": (2, 0, "controlled NOT"),
    "x": (1, 0, "Pauli X gate (NOT)"),
    "rz": (1, 1, "rotation about the Z axis"),
    "ry": (1, 1, "rotation about the Y axis"),
    "rx": (1, 1, "rotation about the X axis"),
    "t": (1, 0, "T gate"),
    "s": (1, 0, "S gate"),
    "y": (1, 0, "Pauli Y gate"),
    "z": (1, 0, "Pauli Z gate"),
    "p": (1, 1, "phase gate diag(1, exp(i angle))"),
    "sdg": (1, 0, "inverse of the S gate"),
    "tdg": (1, 0, "inverse of the T gate"),
    "sx": (1, 0, "square root of X"),
    "cz": (2, 0, "controlled Z"),
    "swap": (2, 0, "swap gate"),
    "ccx": (3, 0, "Toffoli gate"),
}
"""Qiskit's name of a gate -> (qubits, angles, what people call it): the vocabulary a backend is asked about."""

Circuit = tuple[int, list[Operation]]
"""(number of qubits, operations)."""


def to_qiskit(circuit: Circuit) -> QuantumCircuit:
    """The same circuit as a Qiskit object, without measurements."""
    load_qiskit()
    from qiskit import QuantumCircuit

    built = QuantumCircuit(circuit[0])
    for name, qubits, angles in circuit[1]:
        getattr(built, name)(*angles, *qubits)
    return built


def statevector(circuit: Circuit) -> dict[str, complex]:
    """Exact amplitudes by bit string, qubit 0 as the last character; below 1e-12 is left out."""
    load_qiskit()
    from qiskit.quantum_info import Statevector

    found = Statevector(to_qiskit(circuit)).to_dict()
    return {str(bits): complex(value) for bits, value in found.items() if abs(value) > 1e-12}


def distribution(circuit: Circuit) -> dict[str, float]:
    """Exact probabilities by bit string, qubit 0 as the last character; below 1e-12 is left out."""
    load_qiskit()
    from qiskit.quantum_info import Statevector

    found = Statevector(to_qiskit(circuit)).probabilities_dict()
    return {str(bits): float(p) for bits, p in found.items() if p > 1e-12}


def bell() -> Circuit:
    """(|00⟩ + |11⟩)/√2."""
    return 2, [("h", (0,), ()), ("cx", (0, 1), ())]


def suite(gates: Sequence[str]) -> dict[str, Circuit]:
    """The validation circuits that these gates can express, by name."""
    circuits: dict[str, Circuit] = {
        "Bell": bell(),
        "GHZ": (3, [("h", (0,), ()), ("cx", (0, 1), ()), ("cx", (1, 2), ())]),
        "bit order": (3, [("h", (0,), ()), ("cx", (0, 1), ())]),
        "asymmetric": (3, [("x", (0,), ()), ("h", (1,), ()), ("cx", (1, 2), ())]),
        "interference": (1, [("h", (0,), ()), ("t", (0,), ()), ("h", (0,), ())]),
        "irrational rotation": (2, [("ry", (0,), (sqrt(2),)), ("cx", (0, 1), ()), ("rx", (1,), (sqrt(3),))]),
        "phase": (2, [("h", (0,), ()), ("rz", (0,), (sqrt(2),)), ("h", (0,), ()), ("cx", (0, 1), ())]),
    }
    return {name: circuit for name, circuit in circuits.items() if all(op[0] in gates for op in circuit[1])}


def random_circuit(gates: Sequence[str], qubits: int, depth: int, rng: random.Random) -> Circuit:
    """``depth`` gates drawn from ``gates`` on ``qubits`` qubits; gates that need more qubits are passed over."""
    fitting = [name for name in gates if GATES[name][0] <= qubits]
    operations: list[Operation] = []
    for _ in range(depth):
        name = rng.choice(fitting)
        width, angles, _what = GATES[name]
        operations.append(
            (
                name,
                tuple(rng.sample(range(qubits), width)),
                tuple(rng.uniform(0.3, 2.8) for _ in range(angles)),
            )
        )
    return qubits, operations


def _plausible_mistakes(circuit: Circuit, gate: str) -> list[dict[str, float]]:
    """What the circuit would give with ``gate`` left out, its operands exchanged, its angle negated, or another."""
    width, angles, _what = GATES[gate]

    def instead(*operations: Operation) -> list[Operation]:
        return list(operations)

    mistakes: list[Callable[[Operation], list[Operation]]] = [
        lambda _operation: [],
        lambda operation: instead((operation[0], tuple(reversed(operation[1])), operation[2])),
        lambda operation: instead((operation[0], operation[1], tuple(-angle for angle in operation[2]))),
    ]
    others = [name for name, shape in GATES.items() if shape[:2] == (width, angles) and name != gate]
    mistakes += [lambda operation, name=name: instead((name, *operation[1:])) for name in others]  # type: ignore[misc]
    return [
        distribution((circuit[0], [new for op in circuit[1] for new in (mistake(op) if op[0] == gate else [op])]))
        for mistake in mistakes
    ]


def probes(gate: str, verified: Sequence[str], *, most: int = 3, tries: int = 16) -> list[Circuit]:
    """Circuits that tell ``gate`` from its plausible mistakes, made of it and gates already verified.

    Of ``tries`` seeded random circuits, at most ``most`` are taken, each time the one that tells most of the mistakes
    that are not told yet, by a total variation distance above 0.05; at least one is.
    """
    width = max(GATES[gate][0] + 1, 2)
    pool = [*dict.fromkeys([*verified, gate]), gate]
    told: list[tuple[set[int], Circuit]] = []
    for seed in range(tries):
        qubits, operations = random_circuit(pool, width, 14, random.Random(seed))
        opening: list[Operation] = [("h", (q,), ()) for q in range(0, width, 2) if "h" in verified]
        circuit = (qubits, opening + operations)
        exact = distribution(circuit)
        wrong = enumerate(_plausible_mistakes(circuit, gate))
        told.append(({k for k, other in wrong if distance(exact, other) > 0.05}, circuit))
    chosen: list[Circuit] = []
    open_mistakes = set().union(*(mistakes for mistakes, _ in told))
    while len(chosen) < most and (open_mistakes or not chosen):
        mistakes, circuit = max(told, key=lambda pair: len(pair[0] & open_mistakes))
        open_mistakes -= mistakes
        chosen.append(circuit)
    return chosen

"""Circuits of one family that are there for every number of qubits, in the gates that a backend has."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tools.circuits import GATES, Circuit, load_qiskit, random_circuit
from tools.driver import Operation

ROTATIONS, ENTANGLING = ("ry", "rz"), "linear"
LAYERED = "layers of rotations and entangling gates (efficient_su2 of Qiskit's circuit library)"
DRAWN = "random gates of the backend's own"
LONGER = 6
"""How many times as many gates a translation may have: a gate set without angles only approximates a rotation."""
SEED = 4_217


def layered(gates: Sequence[str], qubits: int, layers: int) -> tuple[Circuit, str]:
    """(circuit, what it is called): layers of rotations about Y and Z by seeded angles and CNOTs along a line.

    Where Qiskit cannot say it in these gates, or only in very many, as many gates are drawn at random from them.

    Args:
        gates: Qiskit's names of the gates that may stand in it.
        qubits: at least 2.
        layers: at least 1.
    """
    load_qiskit()
    from qiskit import transpile
    from qiskit.circuit.library import efficient_su2
    from qiskit.transpiler.exceptions import TranspilerError

    built = efficient_su2(qubits, su2_gates=list(ROTATIONS), entanglement=ENTANGLING, reps=layers)
    rng = random.Random(SEED)
    built = built.assign_parameters([rng.uniform(0.2, 2.9) for _ in built.parameters])
    count = (layers + 1) * len(ROTATIONS) * qubits + layers * (qubits - 1)
    if not any(GATES[name][1] for name in gates):  # a rotation would be spelled out in hundreds of them
        return random_circuit(gates, qubits, count, random.Random(SEED)), DRAWN
    try:
        found = transpile(built, basis_gates=list(gates), optimization_level=0, seed_transpiler=SEED)
    except TranspilerError:
        return random_circuit(gates, qubits, count, random.Random(SEED)), DRAWN
    if len(found.data) > LONGER * count or not set(found.count_ops()) <= set(gates):
        return random_circuit(gates, qubits, count, random.Random(SEED)), DRAWN
    operations: list[Operation] = [
        (
            step.operation.name,
            tuple(found.find_bit(qubit).index for qubit in step.qubits),
            tuple(float(angle) for angle in step.operation.params),
        )
        for step in found.data
    ]
    return (qubits, operations), LAYERED

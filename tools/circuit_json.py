"""Reads circuits as ProximA writes them in JSON.

An object with the number of qubits, the gates in order and what is measured, or the list of the gates alone:

    {"num_qubits": 2, "gates": [{"gate": "H", "qubits": [0]}, {"gate": "RZ", "qubits": [1], "params": [0.5]},
                                {"gate": "CNOT", "control": 0, "target": 1}], "measurements": [0, 1]}

Gates are called as in Qiskit, in upper or lower case, or as in `_SPOKEN`; angles are in radians, controls come before
targets. "measurements" is a list of qubits, of which the first goes to classical bit 0, or true for every qubit; a
circuit without any is measured whole, as in OpenQASM. Synonyms of the keys are those that ProximA's documents and tests
use. A key that is not known is refused, because it could change what the circuit means.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tools.driver import Operation
from tools.openqasm import Plain

_SPOKEN = {
    "cnot": "cx",
    "ccnot": "ccx",
    "toffoli": "ccx",
    "hadamard": "h",
    "not": "x",
    "pauli_x": "x",
    "pauli_y": "y",
    "pauli_z": "z",
}
_ASIDE = {"name", "type", "description", "metadata", "depth"}
"""Keys beside the gates that say nothing of what a circuit does."""
_MEASURING = {"measure", "measurement", "m"}


class CircuitRefused(ValueError):
    """The backend cannot run this circuit, or not with these parameters; the message says why."""


def from_json(given: Any) -> Plain:
    """A circuit from an object or a list.

    Raises:
        CircuitRefused: if it is no circuit, or says more than gates and measurements at the end.
    """
    whole: Mapping[str, Any] = {"gates": given} if isinstance(given, list) else given
    left = dict(whole)
    gates = _only(left, ("gates", "operations", "instructions"), "The circuit")
    size = _only(left, ("num_qubits", "qubits", "n_qubits"), "The circuit")
    measured = left.pop("measurements", None)
    if unknown := sorted(set(left) - _ASIDE):
        raise CircuitRefused(f"The JSON circuit has the key {unknown[0]!r}, which is not known; leave it out.")
    if not isinstance(gates, list):
        raise CircuitRefused('A JSON circuit has a list of "gates".')
    operations: list[Operation] = []
    ends: list[int] = []
    for number, gate in enumerate(gates):
        name, qubits, angles = _gate(f"Gate {number} of the JSON circuit", gate)
        if name == "barrier":
            continue
        if found := [qubit for qubit in qubits if qubit in ends]:
            raise CircuitRefused(f"`{name}` follows a measurement of qubit {found[0]}, which must be at the end.")
        if name in _MEASURING:
            ends += qubits
        else:
            operations.append((name, qubits, angles))
    if isinstance(size, list):
        size = len(size)
    used = max((qubit for _, qubits, _ in [*operations, ("", ends, ())] for qubit in qubits), default=-1) + 1
    count = used if size is None else size
    if isinstance(count, bool) or not isinstance(count, int) or count < used:
        raise CircuitRefused(f"The JSON circuit has {count!r} qubits, but uses qubit {used - 1}.")
    if measured:
        if ends:
            raise CircuitRefused('The JSON circuit measures by gates and by "measurements"; give one of them.')
        ends = list(range(count)) if measured is True else _qubits("The circuit", measured)
        if any(qubit >= count for qubit in ends) or len(set(ends)) < len(ends):
            raise CircuitRefused(f'The "measurements" of the JSON circuit are not distinct ones of {count} qubits.')
    return Plain(count, operations, [(qubit, bit) for bit, qubit in enumerate(ends)], len(ends))


def _gate(where: str, gate: Any) -> tuple[str, list[int], list[float]]:
    if not isinstance(gate, Mapping):
        raise CircuitRefused(f'{where} is no object such as {{"gate": "H", "qubits": [0]}}.')
    left = dict(gate)
    name = _only(left, ("gate", "type", "name"), where)
    targets = _only(left, ("qubits", "qubit", "targets", "target"), where)
    controls = _only(left, ("controls", "control"), where)
    angles = left.pop("params", None)
    if left:
        raise CircuitRefused(f"{where} has the key {sorted(left)[0]!r}, which cannot be run.")
    if not isinstance(name, str) or targets is None:
        raise CircuitRefused(f'{where} has to say its "gate" and "qubits".')
    qubits = [*([] if controls is None else _qubits(where, controls)), *_qubits(where, targets)]
    if len(set(qubits)) < len(qubits):
        raise CircuitRefused(f"{where} names a qubit twice.")
    if isinstance(angles, Mapping) and len(angles) == 1:
        angles = list(angles.values())
    if angles is None:
        angles = []
    if not isinstance(angles, list) or not all(_finite(angle) for angle in angles):
        raise CircuitRefused(f'The "params" of {where[0].lower()}{where[1:]} are no list of angles in radians.')
    word = name.lower()
    return _SPOKEN.get(word, word), qubits, [float(angle) for angle in angles]


def _finite(angle: Any) -> bool:
    return not isinstance(angle, bool) and isinstance(angle, int | float) and math.isfinite(angle)


def _only(left: dict[str, Any], names: Sequence[str], where: str) -> Any:
    """Take out the one that is there of several names of the same thing; None if none is."""
    found = [name for name in names if name in left]
    if len(found) > 1:
        raise CircuitRefused(f"{where} has {found[0]!r} and {found[1]!r}; give one of them.")
    return left.pop(found[0]) if found else None


def _qubits(where: str, given: Any) -> list[int]:
    listed = given if isinstance(given, list) else [given]
    if any(isinstance(qubit, bool) or not isinstance(qubit, int) or qubit < 0 for qubit in listed):
        raise CircuitRefused(f"{where} names a qubit that is no number from 0.")
    return listed

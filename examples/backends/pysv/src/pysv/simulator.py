"""Exact simulation of circuits, and sampling from the result."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from . import gates
from .circuit import Circuit, check_qubits

PAULIS = {"I": gates.I, "X": gates.X, "Y": gates.Y, "Z": gates.Z}


class Simulator:
    """A state-vector simulator.

    `dtype` is the precision of the amplitudes: complex128, or complex64 for
    half the memory.

    Qubit 0 is the leftmost character of a bitstring and the most significant
    bit of an index into a state vector.
    """

    def __init__(self, dtype: DTypeLike = np.complex128) -> None:
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.complex64, np.complex128):
            raise ValueError(f"dtype must be complex64 or complex128, not {self.dtype}")

    def statevector(self, circuit: Circuit) -> np.ndarray:
        """Return the 2**n amplitudes at the end of the circuit."""
        return self._evolve(circuit).reshape(-1)

    def probabilities(
        self, circuit: Circuit, qubits: Sequence[int] | None = None
    ) -> np.ndarray:
        """Return the probabilities of all outcomes of measuring `qubits`.

        The first of `qubits` is the most significant bit of the index. The
        default is to measure all of them.
        """
        n = circuit.num_qubits
        kept = check_qubits(tuple(range(n) if qubits is None else qubits), n)
        p = np.abs(self._evolve(circuit)).astype(float) ** 2
        p = p.sum(axis=tuple(set(range(n)) - set(kept)))
        # The axes left are the kept qubits in ascending order.
        p = p.transpose([sorted(kept).index(q) for q in kept])
        result: np.ndarray = (p / p.sum()).reshape(-1)
        return result

    def run(
        self,
        circuit: Circuit,
        shots: int = 1024,
        seed: int | np.random.Generator | None = None,
        qubits: Sequence[int] | None = None,
    ) -> dict[str, int]:
        """Run the circuit, measure `qubits` at its end, and count the outcomes.

        The characters of a bitstring are in the order of `qubits`, which are
        all of them by default. Outcomes that never occurred are left out.
        """
        if shots < 1:
            raise ValueError("shots must be at least 1")
        p = self.probabilities(circuit, qubits)
        draws = np.random.default_rng(seed).choice(p.size, size=shots, p=p)
        width = p.size.bit_length() - 1
        outcomes, counts = np.unique(draws, return_counts=True)
        return {
            format(outcome, f"0{width}b"): count
            for outcome, count in zip(outcomes.tolist(), counts.tolist())
        }

    def expectation(self, circuit: Circuit, pauli: str) -> float:
        """Return the expectation value of a Pauli string such as "ZIX".

        Its first character acts on qubit 0.
        """
        if len(pauli) != circuit.num_qubits or not set(pauli) <= PAULIS.keys():
            raise ValueError(
                f"expected {circuit.num_qubits} characters out of IXYZ, got {pauli!r}"
            )
        state = self._evolve(circuit)
        image = state
        for q, p in enumerate(pauli):
            if p != "I":
                image = apply(PAULIS[p].astype(self.dtype), image, (q,))
        return float(np.vdot(state, image).real)

    def _evolve(self, circuit: Circuit) -> np.ndarray:
        state = np.zeros((2,) * circuit.num_qubits, dtype=self.dtype)
        state.flat[0] = 1
        for operation in circuit:
            state = apply(operation.matrix.astype(self.dtype), state, operation.qubits)
        return state


def apply(matrix: np.ndarray, state: np.ndarray, qubits: tuple[int, ...]) -> np.ndarray:
    """Apply a matrix to a state whose axis q is qubit q."""
    k = len(qubits)
    gate = matrix.reshape((2,) * (2 * k))
    state = np.tensordot(gate, state, axes=(range(k, 2 * k), qubits))
    return np.moveaxis(state, range(k), qubits)

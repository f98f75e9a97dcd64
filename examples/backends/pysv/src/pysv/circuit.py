"""Circuits: a number of qubits and the gates applied to them, in order."""

from __future__ import annotations

from collections.abc import Iterator
from operator import index
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from . import gates


class Operation(NamedTuple):
    """A gate and the qubits it acts on."""

    name: str
    matrix: np.ndarray
    qubits: tuple[int, ...]


class Circuit:
    """A circuit on qubits 0 to n-1, all of them initially |0>.

    Gate methods take angles (in radians) first, then controls, then targets,
    and return the circuit, so that they can be chained.
    """

    def __init__(self, num_qubits: int) -> None:
        self.num_qubits = index(num_qubits)
        if self.num_qubits < 1:
            raise ValueError("a circuit needs at least one qubit")
        self.operations: list[Operation] = []

    def __len__(self) -> int:
        return len(self.operations)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    def __repr__(self) -> str:
        return f"<Circuit: {self.num_qubits} qubits, {len(self)} gates>"

    def x(self, q: int) -> Circuit:
        return self._append("x", gates.X, q)

    def y(self, q: int) -> Circuit:
        return self._append("y", gates.Y, q)

    def z(self, q: int) -> Circuit:
        return self._append("z", gates.Z, q)

    def h(self, q: int) -> Circuit:
        return self._append("h", gates.H, q)

    def s(self, q: int) -> Circuit:
        return self._append("s", gates.S, q)

    def s_dag(self, q: int) -> Circuit:
        return self._append("s_dag", gates.S.conj(), q)

    def t(self, q: int) -> Circuit:
        return self._append("t", gates.T, q)

    def t_dag(self, q: int) -> Circuit:
        return self._append("t_dag", gates.T.conj(), q)

    def sqrt_x(self, q: int) -> Circuit:
        return self._append("sqrt_x", gates.SQRT_X, q)

    def rx(self, theta: float, q: int) -> Circuit:
        return self._append("rx", gates.rx(theta), q)

    def ry(self, theta: float, q: int) -> Circuit:
        return self._append("ry", gates.ry(theta), q)

    def rz(self, theta: float, q: int) -> Circuit:
        return self._append("rz", gates.rz(theta), q)

    def phase(self, theta: float, q: int) -> Circuit:
        return self._append("phase", gates.phase(theta), q)

    def cnot(self, control: int, target: int) -> Circuit:
        return self._append("cnot", gates.CNOT, control, target)

    def cz(self, control: int, target: int) -> Circuit:
        return self._append("cz", gates.CZ, control, target)

    def cphase(self, theta: float, control: int, target: int) -> Circuit:
        return self._append(
            "cphase", gates.controlled(gates.phase(theta)), control, target
        )

    def swap(self, a: int, b: int) -> Circuit:
        return self._append("swap", gates.SWAP, a, b)

    def toffoli(self, control1: int, control2: int, target: int) -> Circuit:
        return self._append("toffoli", gates.TOFFOLI, control1, control2, target)

    def unitary(self, matrix: ArrayLike, *qubits: int) -> Circuit:
        """Apply any unitary matrix; the first qubit is its most significant bit."""
        u = np.array(matrix, dtype=complex)
        dim = 2 ** len(qubits)
        if u.shape != (dim, dim):
            raise ValueError(f"expected a {dim}x{dim} matrix, got shape {u.shape}")
        if not np.allclose(u @ u.conj().T, np.eye(dim)):
            raise ValueError("the matrix is not unitary")
        return self._append("unitary", u, *qubits)

    def _append(self, name: str, matrix: np.ndarray, *qubits: int) -> Circuit:
        if not np.isfinite(matrix).all():
            raise ValueError(f"{name}: the angle must be finite")
        operation = Operation(name, matrix, check_qubits(qubits, self.num_qubits))
        self.operations.append(operation)
        return self


def check_qubits(qubits: tuple[int, ...], num_qubits: int) -> tuple[int, ...]:
    """Return the qubits as a tuple of int, or raise if they are not valid."""
    checked = tuple(index(q) for q in qubits)
    for q in checked:
        if not 0 <= q < num_qubits:
            raise IndexError(f"qubit {q} is out of range for {num_qubits} qubits")
    if len(set(checked)) != len(checked):
        raise ValueError(f"repeated qubit in {checked}")
    return checked

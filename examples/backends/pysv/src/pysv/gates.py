"""Gate matrices. The first qubit is the most significant bit of the index."""

from __future__ import annotations

import numpy as np

I = np.eye(2, dtype=complex)
X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1, -1]).astype(complex)
H = np.array([[1, 1], [1, -1]], dtype=complex) * np.sqrt(0.5)
SQRT_X = np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2
S = np.diag([1, 1j])
T = np.diag([1, np.exp(1j * np.pi / 4)])
SWAP = np.eye(4, dtype=complex)[[0, 2, 1, 3]]


def rx(theta: float) -> np.ndarray:
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array([[c, -1j * s], [-1j * s, c]])


def ry(theta: float) -> np.ndarray:
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array([[c, -s], [s, c]], dtype=complex)


def rz(theta: float) -> np.ndarray:
    return np.diag(np.exp([-0.5j * theta, 0.5j * theta]))


def phase(theta: float) -> np.ndarray:
    return np.diag([1, np.exp(1j * theta)])


def controlled(matrix: np.ndarray) -> np.ndarray:
    """Return the gate that applies `matrix` if a new first qubit is 1."""
    dim = len(matrix)
    result = np.eye(2 * dim, dtype=complex)
    result[dim:, dim:] = matrix
    return result


CNOT = controlled(X)
CZ = controlled(Z)
TOFFOLI = controlled(CNOT)

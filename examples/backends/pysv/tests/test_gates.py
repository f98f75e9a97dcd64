from math import pi

import numpy as np
import pytest

from pysv import Circuit, Simulator, gates

IDENTITIES = [
    (lambda c: c.s(0).s(0), lambda c: c.z(0)),
    (lambda c: c.t(0).t(0), lambda c: c.s(0)),
    (lambda c: c.s(0).s_dag(0).t(0).t_dag(0), lambda c: c),
    (lambda c: c.sqrt_x(0).sqrt_x(0), lambda c: c.x(0)),
    (lambda c: c.h(0).z(0).h(0), lambda c: c.x(0)),
    (lambda c: c.s_dag(0).x(0).s(0), lambda c: c.y(0)),
    (lambda c: c.phase(pi / 4, 0), lambda c: c.t(0)),
    (lambda c: c.rx(0.3, 0).rx(0.4, 0), lambda c: c.rx(0.7, 0)),
    (lambda c: c.h(0).rz(0.3, 0).h(0), lambda c: c.rx(0.3, 0)),
    (lambda c: c.z(0).h(0), lambda c: c.ry(pi / 2, 0)),
    (lambda c: c.h(1).cnot(0, 1).h(1), lambda c: c.cz(0, 1)),
    (lambda c: c.cphase(pi, 0, 1), lambda c: c.cz(1, 0)),
    (lambda c: c.cnot(0, 1).cnot(1, 0).cnot(0, 1), lambda c: c.swap(0, 1)),
    (lambda c: c.unitary(gates.CNOT, 2, 0), lambda c: c.cnot(2, 0)),
]


def generic_circuit():
    return (
        Circuit(3)
        .ry(0.4, 0).rz(0.9, 0).rx(1.1, 1).ry(-0.7, 2)
        .cnot(0, 2).cnot(2, 1)
    )  # fmt: skip


@pytest.mark.parametrize("left, right", IDENTITIES)
def test_identity(left, right):
    simulator = Simulator()
    np.testing.assert_allclose(
        simulator.statevector(left(generic_circuit())),
        simulator.statevector(right(generic_circuit())),
        atol=1e-14,
    )


@pytest.mark.parametrize("inputs", range(8))
def test_toffoli(inputs):
    circuit = Circuit(3)
    for q, bit in enumerate(format(inputs, "03b")):
        if bit == "1":
            circuit.x(q)
    circuit.toffoli(0, 1, 2)
    output = inputs ^ 0b001 if inputs >= 0b110 else inputs
    assert Simulator().statevector(circuit)[output] == 1


def test_against_kronecker_products():
    circuit = Circuit(3).h(0).rx(0.3, 1).t(2).cnot(0, 1).cphase(0.8, 1, 2)
    h, rx, t, i = gates.H, gates.rx(0.3), gates.T, gates.I
    cphase = gates.controlled(gates.phase(0.8))
    u = np.kron(i, cphase) @ np.kron(gates.CNOT, i) @ np.kron(np.kron(h, rx), t)
    np.testing.assert_allclose(Simulator().statevector(circuit), u[:, 0], atol=1e-15)


def test_quantum_fourier_transform():
    n, value = 4, 11
    circuit = Circuit(n)
    for q, bit in enumerate(format(value, f"0{n}b")):
        if bit == "1":
            circuit.x(q)
    for q in range(n):
        circuit.h(q)
        for k in range(q + 1, n):
            circuit.cphase(pi / 2 ** (k - q), k, q)
    for q in range(n // 2):
        circuit.swap(q, n - 1 - q)
    k = np.arange(2**n)
    expected = np.exp(2j * pi * value * k / 2**n) / 2 ** (n / 2)
    np.testing.assert_allclose(Simulator().statevector(circuit), expected, atol=1e-14)

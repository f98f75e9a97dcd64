import numpy as np
import pytest

from pysv import Circuit, Simulator


def ghz(n):
    circuit = Circuit(n).h(0)
    for q in range(n - 1):
        circuit.cnot(q, q + 1)
    return circuit


def test_qubit_0_is_leftmost():
    circuit = Circuit(3).x(0)
    assert Simulator().run(circuit, shots=10) == {"100": 10}
    assert Simulator().statevector(circuit)[0b100] == 1


def test_counts():
    counts = Simulator().run(ghz(3), shots=10_000, seed=1)
    assert set(counts) == {"000", "111"}
    assert sum(counts.values()) == 10_000
    assert abs(counts["000"] - 5000) < 250  # 5 sigma
    assert all(type(count) is int for count in counts.values())


def test_seed():
    simulator = Simulator()
    counts = simulator.run(ghz(2), shots=1000, seed=1)
    assert simulator.run(ghz(2), shots=1000, seed=1) == counts
    assert simulator.run(ghz(2), shots=1000, seed=2) != counts
    rng = np.random.default_rng(1)
    assert simulator.run(ghz(2), shots=1000, seed=rng) == counts
    assert simulator.run(ghz(2), shots=1000, seed=rng) != counts


def test_measured_qubits_are_in_the_order_asked_for():
    circuit = Circuit(4).x(1).x(3)
    simulator = Simulator()
    assert simulator.run(circuit, shots=5, qubits=[3]) == {"1": 5}
    assert simulator.run(circuit, shots=5, qubits=[3, 0, 1]) == {"101": 5}
    assert simulator.run(circuit, shots=5, qubits=[2, 1, 0]) == {"010": 5}


def test_probabilities():
    circuit = Circuit(3).ry(2 * np.arcsin(np.sqrt(0.2)), 0).cnot(0, 2)
    simulator = Simulator()
    p = simulator.probabilities(circuit)
    np.testing.assert_allclose(p, [0.8, 0, 0, 0, 0, 0.2, 0, 0], atol=1e-15)
    p = simulator.probabilities(circuit, [1, 2])
    np.testing.assert_allclose(p, [0.8, 0.2, 0, 0], atol=1e-15)
    with pytest.raises(IndexError):
        simulator.probabilities(circuit, [3])
    with pytest.raises(ValueError, match="repeated"):
        simulator.probabilities(circuit, [1, 1])


def test_expectation():
    simulator = Simulator()
    for pauli, value in {"XXX": 1, "XYY": -1, "ZZI": 1, "ZII": 0, "III": 1}.items():
        assert simulator.expectation(ghz(3), pauli) == pytest.approx(value, abs=1e-14)
    assert simulator.expectation(Circuit(2).x(0), "ZI") == -1
    assert simulator.expectation(Circuit(2).x(0), "IZ") == 1
    for pauli in ("Z", "ZZZ", "ZA"):
        with pytest.raises(ValueError, match="IXYZ"):
            simulator.expectation(Circuit(2), pauli)


def test_single_precision():
    single = Simulator(dtype=np.complex64)
    psi = single.statevector(ghz(3).t(0))
    assert psi.dtype == np.complex64
    np.testing.assert_allclose(psi, Simulator().statevector(ghz(3).t(0)), atol=1e-6)
    assert sum(single.run(ghz(10), shots=100).values()) == 100
    with pytest.raises(ValueError, match="dtype"):
        Simulator(dtype=float)


def test_shots_are_positive():
    with pytest.raises(ValueError, match="at least 1"):
        Simulator().run(Circuit(1), shots=0)

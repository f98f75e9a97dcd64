import numpy as np
import pytest

from pysv import Circuit


def test_gates_chain_and_keep_their_order():
    circuit = Circuit(3).h(0).rz(0.5, 1).toffoli(2, 0, 1)
    assert [op.name for op in circuit] == ["h", "rz", "toffoli"]
    assert [op.qubits for op in circuit] == [(0,), (1,), (2, 0, 1)]
    assert len(circuit) == 3
    assert repr(circuit) == "<Circuit: 3 qubits, 3 gates>"


@pytest.mark.parametrize("n", [0, -1])
def test_needs_a_qubit(n):
    with pytest.raises(ValueError, match="at least one qubit"):
        Circuit(n)


@pytest.mark.parametrize("q", [-1, 2])
def test_qubit_out_of_range(q):
    with pytest.raises(IndexError, match="out of range"):
        Circuit(2).x(q)


def test_qubit_is_an_integer():
    assert Circuit(2).x(np.int64(1)).operations[0].qubits == (1,)
    with pytest.raises(TypeError):
        Circuit(2).x(0.5)


def test_repeated_qubit():
    with pytest.raises(ValueError, match="repeated"):
        Circuit(3).toffoli(0, 1, 0)


@pytest.mark.parametrize("theta", [np.inf, np.nan])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_angle_is_finite(theta):
    with pytest.raises(ValueError, match="finite"):
        Circuit(1).rx(theta, 0)


def test_unitary_is_checked():
    with pytest.raises(ValueError, match="4x4"):
        Circuit(2).unitary(np.eye(2), 0, 1)
    with pytest.raises(ValueError, match="not unitary"):
        Circuit(1).unitary([[1, 1], [0, 1]], 0)

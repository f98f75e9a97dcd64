from __future__ import annotations

import pytest
from qiskit import QuantumCircuit, qasm2, qasm3

from tools.expected import expected_s, in_words, size_of

SPEED = {"start_up_s": 0.5, "slope": 1.0, "intercept": 2.0}
"""A gate on n qubits takes 2 ** (n + 2) seconds."""


def circuit() -> QuantumCircuit:
    made = QuantumCircuit(3, 3)
    made.h(0)
    made.cx(0, 1)
    made.rz(0.3, 2)
    made.measure([0, 1, 2], [0, 1, 2])
    return made


@pytest.mark.parametrize("written", [qasm2.dumps, qasm3.dumps])
def test_the_size_of_what_qiskit_writes(written: object) -> None:
    assert callable(written)
    assert size_of(written(circuit())) == (3, 6)


def test_registers_comments_and_what_is_no_circuit() -> None:
    assert size_of("qreg a[2]; // qreg c[9];\nqreg b[3]; /* h a[0]; */ h b; cx a[0],b[0];") == (5, 6)
    assert size_of("qubit[4] q; h q[0];") == (4, 1)
    assert size_of('{"qubits": 3}') == (0, 0)


def test_the_time_of_several_circuits_is_added_up() -> None:
    text = "qreg q[3]; h q[0]; h q[1];"
    assert expected_s([text], SPEED) == 0.5 + 2 * 32
    assert expected_s([text, text], SPEED) == 2 * (0.5 + 2 * 32)
    assert expected_s([text, "{}"], SPEED) is None
    assert expected_s(["qreg q[5000]; h q[0];"], SPEED) == pytest.approx(2.0**60)


def test_words() -> None:
    assert [in_words(s) for s in (5, 119, 600, 7200, 1e9)] == [
        "5 s",
        "119 s",
        "10 minutes",
        "2 hours",
        "more than 100 days",
    ]

"""The plain reader is held to Qiskit's: whatever it takes, it takes as Qiskit does, to the last bit of an angle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.circuit_input import as_qiskit
from tools.circuits import GATES
from tools.openqasm import Plain, plain

SHAPES = {name: (qubits, angles) for name, (qubits, angles, _) in GATES.items()}
TWO = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
THREE = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def by_qiskit(text: str) -> Plain:
    circuit = as_qiskit(text)
    operations: list[Any] = []
    measured: dict[int, int] = {}
    for step in circuit.data:
        qubits = tuple(circuit.find_bit(qubit).index for qubit in step.qubits)
        if step.operation.name == "measure":
            measured[circuit.find_bit(step.clbits[0]).index] = qubits[0]
        elif step.operation.name != "barrier":
            operations.append((step.operation.name, qubits, tuple(float(value) for value in step.operation.params)))
    bits = [(qubit, bit) for bit, qubit in sorted(measured.items())]
    return Plain(circuit.num_qubits, operations, bits, circuit.num_clbits)


NUMBERS = st.one_of(
    st.integers(0, 12).map(str),
    st.floats(0, 1e3, allow_nan=False).map(repr),
    st.sampled_from(["1.", ".5", "2.5e-3", "1E2", "0.0", "007", "1e400"]),
)
PLAIN = st.one_of(
    st.floats(-10, 10, allow_nan=False).map(repr),
    st.builds("{}{}".format, st.sampled_from(["", "-", "3*", "0.25 * ", "-1.5*"]), st.just("pi")),
    st.builds("{}pi / {}".format, st.sampled_from(["", "-", "3*", "-0.7*"]), st.sampled_from(["2", "3", "7.0", ".3"])),
)
ODD = st.one_of(
    NUMBERS,
    st.builds("{}{}".format, st.sampled_from(["-", "- ", "+", ""]), NUMBERS),
    st.builds("pi/{}".format, NUMBERS),
    st.sampled_from(
        ["1/2", "3/4*pi", "2^3", "sin(pi/2)", "(pi)", "pi/2/2", "pi*2", "--pi", "1_0", "theta", "", "pi pi"]
    ),
)
OPERANDS = st.builds(
    lambda name, index: name if index is None else f"{name}[{index}]",
    st.sampled_from(["q", "q", "r", "c", "d", "pi"]),
    st.one_of(st.none(), st.integers(0, 3), st.integers(0, 3)),
)


def applied(angles: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(GATES)).flatmap(
        lambda name: st.builds(
            lambda angle, on: (
                f"{name}{f'({angle})' if SHAPES[name][1] else ''} {' , '.join(f'q[{k}]' for k in on[: GATES[name][0]])}"
            ),
            angles,
            st.permutations([0, 1, 2]),
        )
    )


def odd(three: bool) -> st.SearchStrategy[str]:
    gate = st.builds(
        lambda name, angles, on: f"{name}{'(' + ','.join(angles) + ')' if angles else ''} {', '.join(on)}",
        st.sampled_from([*GATES, "u", "cu1", "barrier", "reset", "measure"]),
        st.lists(ODD, max_size=2),
        st.lists(OPERANDS, min_size=1, max_size=3),
    )
    measure = st.builds("{1} = measure {0}".format if three else "measure {} -> {}".format, OPERANDS, OPERANDS)
    words = [
        "barrier q",
        "barrier q[0], r[1]",
        "if (c==1) x q[0]",
        "// no\n",
        "x q[0] // not;\n",
        "/* */",
        "",
        "h q",
        "h r",
    ]
    kinds = ["qubit[2] {}", "bit[2] {}", "bit[1] {}"] if three else ["qreg {}[2]", "creg {}[2]", "creg {}[0]"]
    declared = st.builds(str.format, st.sampled_from(kinds), st.sampled_from(["r", "d", "q", "x", "pi", "gate"]))
    return st.one_of(applied(ODD), gate, measure, measure, declared, declared, st.sampled_from(words))


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Mostly plain, with up to three statements that may not be."""
    three = draw(st.booleans())
    body = draw(st.lists(applied(PLAIN), min_size=1, max_size=6))
    for statement in draw(st.lists(odd(three), max_size=3)):
        body.insert(draw(st.integers(0, len(body))), statement)
    usual = ["qubit[3] q", "bit[3] c"] if three else ["qreg q[3]", "creg c[3]"]
    return (THREE if three else TWO) + ";\n".join([*usual, *body]) + ";"


@given(programs())
@settings(max_examples=400, deadline=None)
def test_what_is_taken_is_what_qiskit_reads(text: str) -> None:
    found = plain(text, SHAPES, 20)
    if found is None:
        return
    assert Plain(found.qubits, list(found.operations), list(found.measured), found.width) == by_qiskit(text)


@given(
    st.lists(
        st.sampled_from(sorted(GATES)).flatmap(
            lambda name: st.tuples(
                st.just(name), st.permutations([0, 1, 2]), st.floats(-10, 10, allow_nan=False, allow_infinity=False)
            )
        ),
        max_size=12,
    ),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_what_a_program_writes_is_taken(gates: list[tuple[str, list[int], float]], three: bool) -> None:
    lines = [
        f"{name}{f'({angle!r})' if SHAPES[name][1] else ''} {', '.join(f'q[{k}]' for k in on[: SHAPES[name][0]])};"
        for name, on, angle in gates
    ]
    declared, end = (
        ("qubit[3] q; bit[3] c;", "c = measure q;") if three else ("qreg q[3]; creg c[3];", "measure q -> c;")
    )
    text = (THREE if three else TWO) + declared + "\n".join(lines) + end

    found = plain(text, SHAPES, 20)

    assert found is not None and list(found.measured) == [(0, 0), (1, 1), (2, 2)]
    assert list(found.operations) == list(by_qiskit(text).operations)


@pytest.mark.parametrize(
    "text",
    [
        "qreg q[2]; h q[0]",
        "qreg q[2]; if (c==1) x q[0];",
        "qreg q[2]; reset q[0];",
        "qreg q[2]; creg c[2]; measure q[0] -> c[0]; h q[0];",
        "qreg q[2]; gate my a { h a; } my q[0];",
        "qreg q[2]; cx q, q;",
        "qreg q[2]; h q[2];",
        "qreg q[2]; qreg q[3];",
        "qreg q[2]; rx(1/2) q[0];",
        "qreg q[2]; rx q[0];",
        "qreg q[2]; h(0.1) q[0];",
        "qreg q[2]; cx q[0], q[0];",
    ],
)
def test_what_is_more_than_plain_is_left_to_qiskit(text: str) -> None:
    assert plain(TWO + text, SHAPES, 20) is None


def test_a_circuit_that_is_too_large_is_not_read_on() -> None:
    assert plain(f"{TWO}qreg q[1000000000]; h q;", SHAPES, 20) == Plain(1_000_000_000, (), (), 0)

from __future__ import annotations

import pytest

from tools import driver
from tools.dialect import (
    DialectError,
    command_template,
    completed,
    gate_template,
    reading_pattern,
    renamed,
    split_program,
)


def test_a_plain_format_becomes_templates() -> None:
    before, gates, after = split_program(["qubits 5", "", "H 3", "CNOT 3 4", "MEASURE 0 1 2 3 4"])
    assert before == ["qubits ⟨n⟩"]
    assert gates == {"h": "H ⟨a⟩", "cx": "CNOT ⟨a⟩ ⟨b⟩"}
    assert after == ["MEASURE ⟨all: ⟩"]


def test_a_line_for_every_qubit_becomes_one_template() -> None:
    lines = ["qreg q[5];", "h q[3];", "cx q[3],q[4];", *(f"measure q[{k}] -> c[{k}];" for k in range(5))]
    before, gates, after = split_program(lines)
    assert (before, gates["cx"]) == (["qreg q[⟨n⟩];"], "cx q[⟨a⟩],q[⟨b⟩];")
    assert after == [{"each": "measure q[⟨q⟩] -> c[⟨q⟩];"}]


@pytest.mark.parametrize(
    "lines",
    [
        ["qubits 5", "CNOT 3 4", "H 3"],
        ["qubits 2", "H 0", "CNOT 0 1"],
        ["H 3", "CNOT 3 4"],
        ["Circuit(5).h(3).cnot(3, 4)"],
    ],
)
def test_lines_that_are_not_the_circuit_asked_for_are_refused(lines: list[str]) -> None:
    with pytest.raises(DialectError):
        split_program(lines)


@pytest.mark.parametrize(
    ("line", "qubits", "angles", "template"),
    [
        ("circuit.rx(0.7125, 3)", 1, 1, "circuit.rx(⟨t⟩, ⟨a⟩)"),
        ("TOFFOLI 3 4 1", 3, 0, "TOFFOLI ⟨a⟩ ⟨b⟩ ⟨c⟩"),
        ("gate q3 X", 1, 0, "gate q⟨a⟩ X"),
        ("c.swap(a=3, b=4)", 2, 0, "c.swap(a=⟨a⟩, b=⟨b⟩)"),
    ],
)
def test_a_gate_line_becomes_a_template(line: str, qubits: int, angles: int, template: str) -> None:
    assert gate_template(line, qubits, angles) == template


@pytest.mark.parametrize(
    ("line", "qubits", "angles"), [("RX 3", 1, 1), ("CNOT 3 3", 2, 0), ("X 0", 1, 0), ("X 3\nX 3", 1, 0), ("", 1, 0)]
)
def test_a_line_without_its_operands_is_refused(line: str, qubits: int, angles: int) -> None:
    with pytest.raises(DialectError):
        gate_template(line, qubits, angles)


def test_another_gate_of_the_same_shape_takes_the_place_of_the_name() -> None:
    assert renamed("RX ⟨a⟩ ⟨t⟩", "RZ") == "RZ ⟨a⟩ ⟨t⟩"
    assert renamed("circuit.h(⟨a⟩)", "s_dag") == "circuit.s_dag(⟨a⟩)"
    assert renamed("⟨a⟩ ⟨b⟩", "X") is None


def test_a_command_becomes_a_template() -> None:
    template = command_template("sim c.q --shots 4321 --seed=97", "c.q")
    assert template == "sim ⟨circuit⟩ --shots ⟨shots⟩ --seed=⟨seed⟩"
    with pytest.raises(DialectError):
        command_template("sim --shots 4321", "c.q")


@pytest.mark.parametrize(
    ("output", "outcomes", "other", "read"),
    [
        ("00 514\n11 486\n", {"00": "514"}, "01 999\n10 1\n", {"01": 999, "10": 1}),
        ('{"c": {"00": 514, "11": 486}}', {"00": "514", "11": "486"}, '{"c": {"10": 1000}}', {"10": 1000}),
        ("frq[00] = 514\nfrq[11] = 486", {"00": "514"}, "frq[10] = 1000", {"10": 1000}),
        (
            "c[00] = +0.7071+0.0000*i : 0.5000 |++\nc[11] = -0.7071+0.0000*i : 0.5000 |++",
            {"00": "0.5000", "11": "0.5000"},
            "c[00] = +1.0000+0.0000*i : 1.0000 |++++",
            {"00": 1.0},
        ),
    ],
)
def test_a_reading_drawn_from_one_output_reads_another(
    output: str, outcomes: dict[str, str], other: str, read: dict[str, float]
) -> None:
    pattern = reading_pattern(output, outcomes)
    assert driver.read({"reading": pattern, "reversed": False}, other, 2, 1000) == read


@pytest.mark.parametrize("outcomes", [{"00": "515"}, {"01": "514"}, {"00": "51"}])
def test_an_outcome_that_does_not_stand_in_the_output_is_refused(outcomes: dict[str, str]) -> None:
    with pytest.raises(DialectError):
        reading_pattern("00 514\n11 486\n", outcomes)


def test_a_line_that_stops_short_of_the_ending_of_the_others_is_completed() -> None:
    known = ["h q[⟨a⟩];", "cx q[⟨a⟩],q[⟨b⟩];"]
    assert completed("t q[⟨a⟩]", known) == completed("t q[⟨a⟩", known) == completed("t q[⟨a⟩];", known) == "t q[⟨a⟩];"
    assert completed("t q[⟨a⟩] ,", known) == "t q[⟨a⟩] ,"
    assert completed("t ⟨a⟩", [*known, "x ⟨a⟩"]) == "t ⟨a⟩"

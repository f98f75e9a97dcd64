"""A format that no line for each gate can express: a function, written by the model, held to Qiskit."""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path
from typing import Any

import pytest

from nodes.integrate.metadata import metadata
from nodes.integrate.parameters import parameters
from nodes.integrate.register import register
from nodes.verify.gates import gates
from nodes.verify.speak import speak
from nodes.verify.speech.translate import at_hand
from nodes.verify.trial import SEED
from tests.nodes.column_backend import begin_columns, function
from tools import driver
from tools.adapters import load_adapter
from tools.dialect import SHOTS
from tools.driver import DriverError

EXCHANGED = ("column[on[0]], column[on[1]] =", "column[on[1]], column[on[0]] =")
ZERO = random.Random(SEED).choices(range(2), [0.5, 0.5], k=SHOTS).count(0)
"""How often the first of two equally likely outcomes comes with the seed of the question."""


def reading(*outcomes: str) -> dict[str, Any]:
    numbers = [ZERO, SHOTS - ZERO]
    return {"outcomes": [{"bits": bits, "number": str(n)} for bits, n in zip(outcomes, numbers, strict=True)]}


READ = [{"when": f"110 {SHOTS - ZERO}", "answer": reading("000", "110")}, {"answer": reading("000", "100")}]


def asked(session: Any, question: str) -> list[dict[str, Any]]:
    return [each for each in session.asker.transcript.records() if each["question"] == question]


def test_a_wrong_function_goes_back_with_its_smallest_circuit(tmp_path: Path) -> None:
    answers = [{"when": "Expected is", "answer": function()}, {"answer": function(EXCHANGED)}]
    session, state = begin_columns(tmp_path, translator=answers, read_counts=READ)

    assert speak(state)["failure"] is None

    first, second = asked(session, "translator")
    assert "It was not right" not in str(first["messages"]) and '"columns"' in str(first["messages"])
    shown = second["messages"][-1]["content"]
    assert "h q[0]; cx q[0],q[1];" in shown and "Expected is" in shown and '[["H", 1], ["X", "o"]]' in shown
    assert not asked(session, "circuit_file")


@pytest.mark.whole
def test_a_function_is_held_to_qiskit_and_goes_into_the_wrapper(tmp_path: Path) -> None:
    session, begun = begin_columns(tmp_path, translator=function(), read_counts=READ)
    state: Any = begun

    for node in (speak, gates, metadata, parameters, register):
        state |= node(state)
        assert state["failure"] is None, state["failure"]

    assert not asked(session, "gate_line")
    assert set(session.recipe.get("verified_gates")) == {"h", "cx", "x", "z", "t", "ry", "rz"}
    text = (tmp_path / "home" / "backends" / "wavelet_adapter.py").read_text()
    assert "def translate(operations, qubits, shots, seed):" in text and "rigil" not in text
    adapter = load_adapter(tmp_path / "home", "wavelet")
    bell = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'
    assert set(adapter.execute(bell, {"shots": 200}).data["counts"]) == {"00", "11"}
    swapped = bell.replace("h q[0];", "x q[1]; swap q[0],q[1]; cz q[0],q[1];")
    assert adapter.execute(swapped, {"shots": 50}).data["counts"] == {"11": 50}  # what it lacks is expressed


def test_a_function_that_ends_in_an_error_goes_back_with_what_python_says(tmp_path: Path) -> None:
    broken = function(('column[on[0]], column[on[1]] = "o", "X"', "column[on[2]] = CELLS[name]"))
    answers = [{"when": "KeyError", "answer": function()}, {"answer": broken}]
    session, state = begin_columns(tmp_path, translator=answers, read_counts=READ)

    assert speak(state)["failure"] is None

    shown = asked(session, "translator")[-1]["messages"][-1]["content"]
    assert "column[on[2]] = CELLS[name]" in shown and "KeyError: 'cx'" in shown


@pytest.mark.whole
def test_a_gate_that_the_function_gets_wrong_is_asked_for_again_or_left_out(tmp_path: Path) -> None:
    wrong = function(('"z": "Z", "t": "T", "ry": "RY", "rz": "RZ"', '"t": "Z"'))
    session, state = begin_columns(tmp_path, translator=wrong, read_counts=READ)

    assert speak(state)["failure"] is None
    reached = gates(state)["reached"]["verify.gates"]

    assert reached.startswith("RESERVATION") and "`translate` for t" in reached
    assert "t" not in session.recipe.get("verified_gates") and "x" in session.recipe.get("verified_gates")
    assert "The gates that it gets wrong: t." in asked(session, "translator")[-1]["messages"][-1]["content"]


def test_a_model_that_cannot_write_is_not_asked_for_a_function(tmp_path: Path) -> None:
    file = {"lines": ["wires 5", "H 3", "CX 3 4"]}
    session, state = begin_columns(tmp_path, circuit_file=file)
    session.asker.form = "small"

    failure = speak(state)["failure"]

    assert failure is not None and "No way was found" in failure["what"]
    assert asked(session, "circuit_file") and not asked(session, "translator")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("    columns = [open('/etc/passwd').read()]", "must not use the name open"),
        ("    import socket; socket.create_connection(('127.0.0.1', 1)); columns = []", "must not import socket"),
    ],
)
def test_a_function_that_reads_or_connects_is_refused_before_it_runs(tmp_path: Path, line: str, why: str) -> None:
    answers = {"translator": function(("    columns = []", line)), "circuit_file": {"lines": ["wires 5", "H 3"]}}
    session, state = begin_columns(tmp_path, **answers)

    assert speak(state)["failure"] is not None

    assert any(why in json.dumps(each) for each in asked(session, "translator"))
    assert not list(session.shell.logs.glob("*translate*"))


def test_what_gets_past_the_check_meets_the_sandbox(tmp_path: Path) -> None:
    session, _ = begin_columns(tmp_path)
    outside = tmp_path / "outside"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        connects = f"import socket; socket.create_connection({server.getsockname()!r}, 2)"
        reads = f"open({str(tmp_path / 'answers.yaml')!r})"
        for line in (reads, connects, f"open({str(outside)!r}, 'w').write('x'); {reads}"):
            source = f"def translate(operations, qubits, shots, seed):\n    {line}\n    return 'x'\n"
            dialect = {"gates": {}, "translator": source}
            with pytest.raises(DriverError, match=r"No such file or directory: |refused|unreachable|not permitted"):
                driver.expand(at_hand(session, dialect), 1, [], 1, 1)
        with pytest.raises(TimeoutError):
            server.accept()
    assert not outside.exists()

"""A gate whose line is wrong after all: its circuit is narrowed down, and the line asked for again or withdrawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nodes.integrate.metadata import metadata
from nodes.integrate.parameters import parameters
from nodes.integrate.register import register
from tests.nodes.tiny_backend import begin
from tools.adapters import load_adapter
from tools.proxima import backends

PROGRAM = (
    'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; h q[0]; t q[0]; t q[0]; t q[0]; t q[0]; h q[0]; '
    "measure q -> c;"
)
"""H, Z and H: always 1."""


def registered(folder: Path, gate: str, line: str, **answers: Any) -> tuple[Any, Any]:
    """A run that has taken a wrong line for a gate, and what came of its registration."""
    session, begun = begin(folder, **answers)
    state: Any = begun
    dialect = session.recipe.get("dialect")
    session.recipe.put("dialect", {**dialect, "gates": {**dialect["gates"], gate: line}}, "a test")
    for node in (metadata, parameters):
        state |= node(state)
        assert state["failure"] is None, state["failure"]
    return session, dict(state) | register(state)


def asked(session: Any, question: str) -> list[str]:
    return [json.dumps(each) for each in session.asker.transcript.records() if each["question"] == question]


def test_a_wrong_line_goes_back_to_the_model_with_the_difference(tmp_path: Path) -> None:
    session, state = registered(tmp_path, "t", "Z ⟨a⟩", gate_line={"line": "T 3"})

    assert state["failure"] is None, state["failure"]
    assert "t was `Z ⟨a⟩`" in state["reached"]["integrate.register"]
    assert session.recipe.get("dialect")["gates"]["t"] == "T ⟨a⟩"
    (shown,) = asked(session, "gate_line")
    assert "The line Z 3 is wrong" in shown and "h q[0]; t q[0]; h q[0];" in shown
    assert "Expected is 0: 0.854, 1: 0.146; the backend gives 1: 1.000" in shown
    found = load_adapter(tmp_path / "home", "wavelet").execute(PROGRAM, {"shots": 100})
    assert found.data["counts"] == {"1": 100}


def test_a_gate_that_stays_wrong_is_withdrawn_and_expressed_by_the_others(tmp_path: Path) -> None:
    session, state = registered(tmp_path, "t", "Z ⟨a⟩", gate_line={"line": "X 3"}, gate_name={"name": "none"})

    assert state["failure"] is None, state["failure"]
    settled = state["reached"]["integrate.register"]
    assert settled.startswith("RESERVATION: t is withdrawn") and "Expected is 0: 0.854" in settled
    assert "t" not in session.recipe.get("verified_gates") and "t" not in session.recipe.get("metadata")["gates"]
    assert "t" not in backends(tmp_path / "home")["wavelet"]["gates"]
    found = load_adapter(tmp_path / "home", "wavelet").execute(PROGRAM, {"shots": 100})
    assert found.data["counts"] == {"1": 100}

    again = register(state)
    assert again["reached"]["integrate.register"].startswith("RESERVATION: t is withdrawn")


def test_a_gate_that_is_needed_ends_the_step_with_its_smallest_circuit(tmp_path: Path) -> None:
    session, state = registered(tmp_path, "cx", "CX ⟨b⟩ ⟨a⟩", gate_line={"line": "CX 4 3"}, gate_name={"name": "none"})

    assert state["failure"] is not None
    what = state["failure"]["what"]
    assert "The smallest wrong part" in what and "The line of cx, `CX ⟨b⟩ ⟨a⟩`, is at fault" in what
    assert "wavelet" not in backends(tmp_path / "home")
    assert session.recipe.get("dialect")["gates"]["cx"] == "CX ⟨b⟩ ⟨a⟩"


def test_a_wrong_bit_order_is_blamed_on_no_gate(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    for node in (metadata, parameters):
        assert node(state)["failure"] is None
    session.recipe.put("dialect", {**session.recipe.get("dialect"), "reversed": False}, "a test")

    failure = register(state)["failure"]

    assert failure is not None and "No one gate's line is at fault" in failure["what"]
    assert not asked(session, "gate_line")

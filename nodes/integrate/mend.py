"""What is done about a circuit that the translator gets wrong: it is narrowed down, and the gate at fault goes back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from nodes.session import Session, StepFailed
from nodes.verify.speech import by_function
from nodes.verify.speech.learn import Against, learn, right_of, told_of
from nodes.verify.speech.narrow import difference, narrowed
from tools.circuit_input import prepared
from tools.circuit_json import CircuitRefused
from tools.circuits import Circuit, random_circuit, to_qiskit
from tools.finished import Finished

FUNCTION = "the function"
NEEDED = ("h", "cx")
"""Gates that no dialect is without."""
OTHERS, DEPTH = 4, 14
"""Random circuits of the other gates, and how many gates each has."""


class WrongCircuit(StepFailed):
    """The translator gets a circuit wrong.

    Args:
        what: one sentence.
        circuit: the simplest that it gets wrong.
        finished: the command that shows it, if any.
    """

    def __init__(self, what: str, circuit: Circuit, finished: Finished | None = None):
        super().__init__(what, finished)
        self.circuit = circuit


class Mended(NamedTuple):
    """What was done."""

    gate: str
    """Or the function that writes all of them."""
    line: str
    """That was wrong."""
    instead: str | None
    """The line that took its place; None where the gate was withdrawn."""
    difference: str
    """Which circuit showed it, and how."""

    def in_words(self) -> str:
        """What was done, but for a withdrawal."""
        if self.gate == FUNCTION:
            return "the function that writes circuits was asked for again, as a circuit showed it to be wrong"
        return f"the line of {self.gate} was `{self.line}`, which a circuit showed to be wrong"


def mended(session: Session, dialect: Mapping[str, Any], wrong: WrongCircuit, before: set[str]) -> Mended:
    """Ask again for the line of the gate at fault, or withdraw the gate; either is kept in the recipe.

    Args:
        session: the run.
        dialect: how the backend is spoken to.
        wrong: the circuit.
        before: gates whose line was asked for again already.

    Raises:
        WrongCircuit: if no one gate is at fault, or it can neither be had right nor be done without.
    """
    small = narrowed(session, dialect, wrong.circuit)
    if small is None:  # the translator alone is right
        raise wrong
    told = difference(session, dialect, small)
    if "translator" in dialect:
        return _function(session, dialect, wrong, small, told, before)
    gate = _at_fault(session, dialect, small)
    if gate is None:
        wrong.what += f" {told} No one gate's line is at fault."
        raise wrong
    line = dialect["gates"][gate]
    session.say(f"  {wrong.what} {gate}: `{line}` is at fault. {told}", step="integrate.register")
    gates = {name: text for name, text in dialect["gates"].items() if name != gate}
    asked: dict[str, Any] = {**dialect, "gates": dict(gates)}
    if gate not in before:
        against = Against(line, told, (small, wrong.circuit))
        learn(session, asked, gate, told_of(session, {**dialect}), {}, against)
    instead: str | None = asked["gates"].get(gate)
    if instead is None:
        done = _expressed(wrong.circuit, gates)
        if gate in NEEDED or done is None or not right_of(session, {**dialect, "gates": gates}, [done]):
            wrong.what += (
                f" {told} The line of {gate}, `{line}`, is at fault; no other was found, and the backend's other gates "
                "cannot do without it."
            )
            raise wrong
    _kept(session, gate, instead, told)
    return Mended(gate, line, instead, told)


def _function(
    session: Session, dialect: Mapping[str, Any], wrong: WrongCircuit, small: Circuit, told: str, before: set[str]
) -> Mended:
    """Ask for the function again, once."""
    more = by_function.explained(session, dialect, [small])
    other = None if FUNCTION in before else by_function.again(session, dialect, more, [small, wrong.circuit])
    if other is None:
        wrong.what += f" {told} No other function was found that writes it right."
        raise wrong
    known = session.recipe.pieces["dialect"]
    kept = {**session.recipe.get("dialect"), "translator": other["translator"]}
    session.recipe.put("dialect", kept, known.verified_by)
    return Mended(FUNCTION, "", "another", told)


def withdrawn(session: Session, dialect: Mapping[str, Any]) -> dict[str, str]:
    """The gates that were withdrawn and are not there again, with what showed that they are wrong."""
    known = session.recipe.get("withdrawn_gates") or {}
    return {gate: told for gate, told in known.items() if gate not in dialect["gates"]}


def _kept(session: Session, gate: str, instead: str | None, told: str) -> None:
    recipe = session.recipe
    known, names = recipe.get("dialect"), recipe.get("verified_gates")
    lines = {name: (instead or text) if name == gate else text for name, text in known["gates"].items()}
    if instead is None:
        lines.pop(gate)
        recipe.put("withdrawn_gates", {**(recipe.get("withdrawn_gates") or {}), gate: told}, "a circuit shows it")
    recipe.put("dialect", {**known, "gates": lines}, recipe.pieces["dialect"].verified_by)
    left = [name for name in names if name in lines]
    recipe.put("verified_gates", left, recipe.pieces["verified_gates"].verified_by)


def _at_fault(session: Session, dialect: Mapping[str, Any], circuit: Circuit) -> str | None:
    """The gate without which, done by the others instead, the circuit comes out right; the gate learned last first.

    Where the others cannot do it, random circuits of them come out right in its place.
    """
    used = {name for name, _, _ in circuit[1]}
    known: list[str] = [name for name in dialect["gates"] if name in used]
    for gate in reversed(known):
        gates = {name: text for name, text in dialect["gates"].items() if name != gate}
        done = _expressed(circuit, gates)
        others = [random_circuit(list(gates), circuit[0], DEPTH, random.Random(seed)) for seed in range(OTHERS)]
        if gates and right_of(session, {**dialect, "gates": gates}, [done] if done else others):
            return gate
    return None


def _expressed(circuit: Circuit, gates: Mapping[str, str]) -> Circuit | None:
    """The circuit in these gates alone; None where they cannot express it."""
    try:
        made = prepared(to_qiskit(circuit), {}, gates=gates, name="it", most=circuit[0], capacity="the circuit")
    except CircuitRefused:
        return None
    return made.qubits, list(made.operations)

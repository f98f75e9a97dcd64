"""Widens the dialect gate by gate; each is taken only if circuits that tell it from its mistakes come out right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from graph.state import State
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.speech import beside
from nodes.verify.speech.by_function import widen
from nodes.verify.speech.learn import known_beside, learn, told_of, wrong_probe
from nodes.verify.trial import held
from tools.circuits import GATES, random_circuit, suite
from tools.driver import DriverError

RANDOM = 5


@step("verify")
def gates(session: Session, state: State) -> str:
    """Try every gate of the vocabulary, then hold probes, the validation circuits and random ones to Qiskit."""
    dialect = session.recipe.get("dialect")
    if dialect is None:
        raise StepFailed("The backend cannot be spoken to: `verify.speak` was skipped.")
    probed = _probed_before(session, dialect)
    if not session.recipe.get("verified_gates"):
        probed |= _learned(session, dialect)
    names = list(dialect["gates"])
    circuits = suite(names) | {
        f"random {k}": random_circuit(names, 2 + k % 3, 14, random.Random(1000 + k)) for k in range(RANDOM)
    }
    if problem := next(_problems(session, dialect, circuits, [gate for gate in names if gate not in probed]), None):
        # One of the gates is not what was known of it: all but the first two are learned again.
        session.recipe.forget("verified_gates")
        first = {gate: dialect["gates"][gate] for gate in ("h", "cx")}
        session.recipe.put("dialect", {**dialect, "gates": first}, "Bell and GHZ circuits")
        raise StepFailed(problem)
    session.recipe.put("probed", _probed(session, dialect), "every gate by circuits that tell it from its mistakes")
    session.recipe.put("verified_gates", names, f"{len(circuits)} circuits agree with Qiskit")
    told = beside.learn(session, dialect)
    session.recipe.put("dialect", dialect, session.recipe.pieces["dialect"].verified_by)
    missing = [gate for gate in GATES if gate not in names]
    settled = f"{len(names)} gates ({' '.join(names)}) on {len(circuits)} circuits agree with Qiskit" + (
        f"; not found: {' '.join(missing)}" if missing else ""
    )
    settled += f"; {told}" if told else ""
    if wrong := session.recipe.get("wrong_gates"):
        lines = ", ".join(f"`{line}` for {gate}" for gate, line in wrong.items())
        return f"RESERVATION: these lines run, but do not what Qiskit means by the gate: {lines}; {settled}"
    return settled


def _learned(session: Session, dialect: dict[str, Any]) -> set[str]:
    """Ask for every gate that is not known; returns those that were found."""
    known = set(dialect["gates"])
    if "translator" in dialect:
        missing: dict[str, str] = {}
        widen(session, dialect, missing)
        session.recipe.put("dialect", dialect, "every gate by circuits that tell it from its mistakes")
        session.recipe.put("wrong_gates", missing, "the function writes them, and they differ from Qiskit's gate")
        return set(dialect["gates"]) - known
    told = told_of(session, dialect)
    shown: dict[str, dict[str, str]] = {}
    wrong: dict[str, str] = {}
    for _pass in range(2):  # a gate may be clear once one of the same shape is known
        for gate in GATES:
            if gate not in dialect["gates"] and shown.get(gate) != (beside := known_beside(dialect, gate)):
                shown[gate] = beside
                learn(session, dialect, gate, told, wrong)
    session.recipe.put("dialect", dialect, "every gate by circuits that tell it from its mistakes")
    taken = set(dialect["gates"].values())
    wrong = {gate: line for gate, line in wrong.items() if gate not in dialect["gates"] and line not in taken}
    session.recipe.put("wrong_gates", wrong, "their lines run, and differ from Qiskit's gate")
    return set(dialect["gates"]) - known


def _problems(
    session: Session, dialect: dict[str, Any], circuits: dict[str, Any], unproven: list[str]
) -> Iterator[str]:
    """What does not agree with Qiskit, in sentences."""
    for name, circuit in circuits.items():
        try:
            found = held(session, dialect, circuit)
            if not found.same:
                yield f"The circuit `{name}` {found.in_words()}."
        except DriverError as error:
            yield f"The circuit `{name}` could not be run: {error}"
    for gate in unproven:
        try:
            if wrong := wrong_probe(session, dialect, gate):
                yield f"A circuit that tells {gate} from other gates {wrong.in_words()}."
        except DriverError as error:
            yield f"A circuit that tells {gate} from other gates could not be run: {error}"


def _probed(session: Session, dialect: dict[str, Any]) -> dict[str, Any]:
    """What the probes of the gates were run with."""
    made = session.recipe.get("product_hashes")
    products = made and [made, session.recipe.source_sha256, session.recipe.get("edits")]
    return {"products": products, "gates": dialect["gates"], "translator": dialect.get("translator")}


def _probed_before(session: Session, dialect: dict[str, Any]) -> set[str]:
    """The gates whose probes were run on these very products."""
    known = session.recipe.get("probed") or {"products": None, "gates": {}}
    now = _probed(session, dialect)
    if not known["products"] or any(known.get(what) != now[what] for what in ("products", "translator")):
        return set()
    return {gate for gate, line in dialect["gates"].items() if known["gates"].get(gate) == line}

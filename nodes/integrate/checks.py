"""Holds a wrapper to what it must do, in a clean process, before it is installed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nodes.integrate.circuits import Plan, apart, differing, long_circuit, plain, planned, shown
from nodes.integrate.mend import WrongCircuit
from nodes.integrate.observe import spread
from nodes.session import Session, StepFailed
from nodes.verify.trial import held
from tools import conformance
from tools.driver import DriverError
from tools.filesystem import write_atomic
from tools.sandbox import Permit

OURS = ["cli", "configs", "graph", "models", "nodes", "tools", "rigil"]
CHECK_S = 600.0
CIRCUIT_S = 30.0
"""What each circuit adds to the time that the checks may take."""


def conforms(session: Session, home: Path, folder: Path, facts: dict[str, Any], dialect: dict[str, Any]) -> list[str]:
    """Run the checks in a clean process; returns the names of those that passed, which are all.

    Raises:
        WrongCircuit: if a circuit comes out wrong.
        StepFailed: if another check does not pass.
    """
    gates, most = list(dialect["gates"]), facts["max_qubits"]
    plan = planned(session, gates, most)
    exactly = _exactly(session, dialect, plan)
    job = {
        **{key: facts[key] for key in ("places", "access", "max_qubits")},
        "name": session.run.name,
        "circuits": {
            label: plain(circuit) | {"measured": number % 2, "shots": plan.shots[label]}
            for number, (label, circuit) in enumerate(plan.circuits.items())
        },
        "spread": plain(spread(dialect["gates"])),
        "apart": apart(plan),
        "long": plain(long_circuit(gates, most)),
        "seeded": facts["parameters"]["seed"]["supported"],
        "has_x": "x" in gates,
        "foreign": OURS,
    }
    given = folder.parent / "conformance.json"
    write_atomic(given, json.dumps(job))
    command = [
        *conformance.script(folder.parent, facts["python"]),
        str(folder),
        facts["module"],
        facts["class"],
        str(given),
    ]
    finished = session.shell.run(
        command,
        name="conformance",
        cwd=folder.parent,
        permit=Permit(session.shell.workspace, readable=readable(home, facts)),
        timeout_s=CHECK_S + CIRCUIT_S * len(plan.circuits),
        capture=True,
    )
    said = finished.stdout.read_text(errors="replace") if finished.stdout else ""
    if not finished.ok or not said.strip():
        raise StepFailed(f"The wrapper's checks did not end. {finished.in_words}", finished, " ".join(command))
    outcome = outcome_in(said, plan.circuits)
    if outcome is None:
        raise StepFailed("The wrapper's checks did not end with what they print.", finished, " ".join(command))
    if wrong := differing(session, plan, outcome["counts"]):
        words, simplest = wrong
        more = f" The check that did not pass: {outcome['failed']}." if outcome["failed"] else ""
        raise WrongCircuit(f"The wrapper's counts are wrong: {words}{more}", plan.circuits[simplest], finished)
    if outcome["failed"]:
        raise StepFailed(f"The wrapper does not do what it must: {outcome['failed']}", finished, " ".join(command))
    for label, sentence in outcome["passed"].items():
        if "over before" in sentence or "not seen" in sentence:
            session.say(f"  {label}: {sentence}", step="integrate.register")
    session.say(
        f"  {len(plan.circuits)} circuits through the wrapper agree with Qiskit; each would have shown an error of "
        f"{plan.error:.1%} with a probability of {session.settings.verify.power:.1%}",
        step="integrate.register",
    )
    return [*outcome["passed"], *([exactly] if exactly else [])]


def outcome_in(said: str, circuits: Iterable[str]) -> dict[str, Any] | None:
    """What the checks print at their end; None where it is something else: the backend can reach their output too.

    Args:
        said: their output.
        circuits: of which counts have to be there where nothing failed, and no others.
    """
    try:
        outcome: dict[str, Any] = json.loads(said.splitlines()[-1])
        counts, wanted = outcome["counts"], set(circuits)
        all_there = counts.keys() == wanted if outcome["failed"] is None else counts.keys() <= wanted
        known = isinstance(outcome["passed"], dict) and isinstance(outcome["failed"], str | None)
        numbers = [number for found in counts.values() for number in found.values()]
        fine = all(counts.values()) and all(type(number) is int and number >= 0 for number in numbers)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return None
    return outcome if known and all_there and fine else None


def readable(home: Path, facts: Mapping[str, Any]) -> tuple[Path, ...]:
    """What a process that runs ProximA has to read: its code, and the environment of its interpreter."""
    return home, Path(facts["places"]["root"]), Path(facts["python"]).parent.parent


def _exactly(session: Session, dialect: dict[str, Any], plan: Plan) -> str:
    """Hold what the backend prints of itself to Qiskit, where that is amplitudes or probabilities; says what was held.

    Raises:
        WrongCircuit: if one differs.
        StepFailed: if one does not run.
    """
    first, *others = plan.circuits
    try:
        found = held(session, dialect, plan.circuits[first])
        if found.p_value is not None:
            return ""
        for name in (first, *others):
            found = held(session, dialect, plan.circuits[name])
            if not found.same:
                words = f"The translator gets a circuit wrong: {shown(plan, name, found)}"
                raise WrongCircuit(words, plan.circuits[name])
    except DriverError as error:
        raise StepFailed(f"The translator cannot run a circuit: {error}") from error
    what = "state" if found.fidelity is not None else "probabilities"
    return f"the {what} of {len(plan.circuits)} circuits as printed"

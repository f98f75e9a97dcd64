"""Enters the backend into ProximA: a checked wrapper, and entries in its registry and configuration."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from graph.state import State
from nodes.integrate.answers import NOT_STATED
from nodes.integrate.circuits import Plan, apart, differing, long_circuit, plain, planned, shown
from nodes.integrate.entry import config_entry
from nodes.integrate.metadata import capacity
from nodes.integrate.observe import spread
from nodes.integrate.speech import dialect_of
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.trial import held
from tools import conformance
from tools.driver import DriverError
from tools.filesystem import write_atomic
from tools.proxima import ProximaError, ensure_home, home_of
from tools.proxima import register as enter
from tools.sandbox import Permit
from tools.wrapper import base_class, class_name, module_name, wrapper_source

OURS = ["cli", "configs", "graph", "models", "nodes", "tools", "rigil"]
CHECK_S = 600.0
CIRCUIT_S = 30.0
"""What each circuit adds to the time that the checks may take."""


@step("integrate")
def register(session: Session, state: State) -> str:
    """Write the wrapper, hold it to the conformance checks in a clean process, and only then enter it."""
    dialect = dialect_of(session)
    metadata, parameters = session.recipe.get("metadata"), session.recipe.get("parameters")
    if metadata is None or parameters is None:
        raise StepFailed("The backend cannot be registered without its metadata and parameters: a step was skipped.")
    home = home_of(state.get("proxima_home"))
    name = session.run.name
    try:
        made = ensure_home(home)
        base = base_class((home / "backends" / "base.py").read_text(encoding="utf-8"))
        if base is None:
            raise StepFailed(f"{home / 'backends' / 'base.py'} has no class with abstract methods to derive from.")
        text = _wrapper(session, dialect, metadata, parameters, base)
        folder = _staged(session, home, text)
        passed = _conforms(session, folder, base, dialect, metadata, parameters)
        staged = (folder / f"{module_name(name)}.py").read_text(encoding="utf-8")
        facts = _facts(session, metadata, parameters, dialect)
        changed = enter(home, name, facts=facts, config=config_entry(session, home, facts), wrapper=staged)
    except ProximaError as error:
        raise StepFailed(str(error)) from error
    for path in dict.fromkeys([*made, *changed]):
        session.say(f"  wrote {path}", step="integrate.register")
    session.recipe.put("registration", {"home": str(home), "name": name, "checks": passed}, "; ".join(passed))
    return f"{name} is registered in {home}; its wrapper passed {len(passed)} checks: {', '.join(passed)}"


def _wrapper(
    session: Session, dialect: dict[str, Any], metadata: dict[str, Any], parameters: dict[str, Any], base: str
) -> str:
    most, why = capacity(metadata)
    pieces = session.recipe.pieces
    return wrapper_source(
        name=session.run.name,
        version=_version(metadata),
        base=base,
        dialect=dialect,
        parameters=parameters["mapping"],
        features={name: found["words"] for name, found in metadata["features"].items()},
        max_qubits=most,
        capacity=why,
        verified=[f"{piece}: {pieces[piece].verified_by}" for piece in ("dialect", "verified_gates", "parameters")],
        made=pieces["verified_gates"].at[:10],
    )


def _version(metadata: dict[str, Any]) -> str:
    stated = str(metadata["version"]["value"])
    return "unknown" if stated == NOT_STATED else stated


def _staged(session: Session, home: Path, text: str) -> Path:
    """The home's own modules with the new wrapper beside them, inside the workspace."""
    folder = session.shell.workspace / "tmp" / "staged"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in (home / "backends").glob("*.py"):
        shutil.copy2(path, folder / path.name)
    path = folder / f"{module_name(session.run.name)}.py"
    path.write_text(text, encoding="utf-8")
    beside = Path(sys.executable).with_name("ruff")
    ruff = str(beside) if beside.exists() else shutil.which("ruff")
    if ruff:
        arguments = ["format", "--isolated", "--no-cache", "--line-length", "110", str(path)]
        session.shell.run([ruff, *arguments], name="format", permit=Permit(session.shell.workspace))
    return folder


def _exactly(session: Session, dialect: dict[str, Any], plan: Plan) -> str:
    """Hold what the backend prints of itself to Qiskit, where that is amplitudes or probabilities; says what was held.

    Raises:
        StepFailed: if one differs.
    """
    first, *others = plan.circuits
    try:
        found = held(session, dialect, plan.circuits[first])
        if found.p_value is not None:
            return ""
        for name in (first, *others):
            found = held(session, dialect, plan.circuits[name])
            if not found.same:
                raise StepFailed(f"The translator gets a circuit wrong: {shown(plan, name, found)}")
    except DriverError as error:
        raise StepFailed(f"The translator cannot run a circuit: {error}") from error
    what = "state" if found.fidelity is not None else "probabilities"
    return f"the {what} of {len(plan.circuits)} circuits as printed"


def _conforms(
    session: Session,
    folder: Path,
    base: str,
    dialect: dict[str, Any],
    metadata: dict[str, Any],
    parameters: dict[str, Any],
) -> list[str]:
    """Run the checks in a clean process; returns the names of those that passed, which are all.

    Raises:
        StepFailed: if one does not pass.
    """
    gates, most = list(dialect["gates"]), capacity(metadata)[0]
    plan = planned(session, gates, most)
    exactly = _exactly(session, dialect, plan)
    name = session.run.name
    facts = {
        "base": base,
        "name": name,
        "max_qubits": most,
        "circuits": {
            label: plain(circuit) | {"measured": number % 2, "shots": plan.shots[label]}
            for number, (label, circuit) in enumerate(plan.circuits.items())
        },
        "spread": plain(spread(dialect["gates"])),
        "apart": apart(plan),
        "long": plain(long_circuit(gates, most)),
        "seeded": parameters["mapping"]["seed"]["supported"],
        "has_x": "x" in gates,
        "foreign": OURS,
    }
    given = folder.parent / "conformance.json"
    write_atomic(given, json.dumps(facts))
    command = [*conformance.script(folder.parent), str(folder), module_name(name), class_name(name), str(given)]
    limit = CHECK_S + CIRCUIT_S * len(plan.circuits)
    finished = session.command(command, name="conformance", cwd=folder.parent, timeout_s=limit)
    said = finished.stdout.read_text(errors="replace") if finished.stdout else ""
    if not finished.ok or not said.strip():
        raise StepFailed(f"The wrapper's checks did not end. {finished.in_words}", finished, " ".join(command))
    outcome = json.loads(said.splitlines()[-1])
    if outcome["failed"]:
        raise StepFailed(f"The wrapper does not do what it must: {outcome['failed']}", finished, " ".join(command))
    if wrong := differing(session, plan, outcome["counts"]):
        raise StepFailed(f"The wrapper's counts are wrong: {wrong}", finished)
    session.say(
        f"  {len(plan.circuits)} circuits through the wrapper agree with Qiskit; each would have shown an error of "
        f"{plan.error:.1%} with a probability of {session.settings.verify.power:.1%}",
        step="integrate.register",
    )
    return [*outcome["passed"], *([exactly] if exactly else [])]


def _facts(
    session: Session, metadata: dict[str, Any], parameters: dict[str, Any], dialect: dict[str, Any]
) -> dict[str, Any]:
    """The registry's entry."""
    name = session.run.name
    return {
        "module": module_name(name),
        "class": class_name(name),
        "name": metadata["name"],
        "version": _version(metadata),
        "kind": dialect["kind"],
        "command": dialect["command"],
        "gates": list(dialect["gates"]),
        "max_qubits": capacity(metadata)[0],
        "parameters": parameters["mapping"],
        "features": metadata["features"],
        "source_sha256": session.recipe.source_sha256,
        "recipe": str(session.recipe.path),
    }

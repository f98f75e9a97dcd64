"""Runs a circuit that the bring-up never saw through ProximA's registry and the installed wrapper."""

from __future__ import annotations

import json
import random
from pathlib import Path

from graph.state import State
from nodes.integrate.checks import readable
from nodes.integrate.circuits import plain
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.trial import shots_for
from tools import registered
from tools.circuits import GATES, distribution, random_circuit
from tools.comparison import compare
from tools.filesystem import write_atomic
from tools.sandbox import Permit

GATE_COUNT = 12
TIME_S = 120.0


@step("execute")
def unseen(session: Session, state: State) -> str:
    """Run a random circuit, another in every run, in a clean process and compare its counts with Qiskit."""
    registration = session.recipe.get("registration")
    if registration is None:
        raise StepFailed("The backend is not registered: `integrate.register` was skipped.")
    limits = session.settings.verify
    rng = random.Random(session.run.id)
    names = [name for name in session.recipe.get("verified_gates") if name in GATES]
    circuit = random_circuit(names, rng.choice((3, 4)), GATE_COUNT, rng)
    folder = session.shell.workspace / "tmp"
    script, given = folder / "registered.py", folder / "unseen.json"
    script.write_bytes(Path(registered.__file__).read_bytes())
    exact = distribution(circuit)
    job = {**registration, "circuit": plain(circuit), "options": {"shots": shots_for(session, exact)}}
    write_atomic(given, json.dumps(job))
    command = [registration["python"], "-I", str(script), str(given)]
    finished = session.shell.run(
        command,
        name="unseen",
        cwd=folder,
        permit=Permit(session.shell.workspace, readable=readable(Path(registration["home"]), registration)),
        timeout_s=TIME_S + session.settings.limits.program_s,
        capture=True,
    )
    said = finished.stdout.read_text(errors="replace") if finished.stdout else ""
    if not finished.ok or not said.strip():
        raise StepFailed(f"The registered backend did not run. {finished.in_words}", finished, " ".join(command))
    try:
        outcome = json.loads(said.splitlines()[-1])
        counts = {str(bits): float(number) for bits, number in outcome["counts"].items()}
        how = str(outcome["how"])
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        what = "The registered backend did not run as it should: what it ended with is no counts."
        raise StepFailed(what, finished, " ".join(command)) from error
    found = compare(counts, exact, significance=limits.significance, tolerance=limits.distance)
    through = f"run through ProximA's registry ({how}),"
    what = f"a random circuit of {GATE_COUNT} gates on {circuit[0]} qubits, {through}"
    if not found.same:
        raise StepFailed(f"{what} {found.in_words()}.", finished, " ".join(command))
    return f"{what} {found.in_words()}"

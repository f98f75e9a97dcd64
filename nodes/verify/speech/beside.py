"""Learns what a backend gives beside its outcomes: numbers that it names, and a file with its amplitudes.

No model is asked. A number has to stand under the same name in every run, and be none that the run was given; a file
has to hold the state that Qiskit gives, for circuits that tell every order of qubits and every sign apart.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from nodes.session import Session
from nodes.verify.speech.translate import at_hand
from nodes.verify.trial import SEED, sandboxed_runner
from tools import driver
from tools.circuits import Circuit, random_circuit, statevector
from tools.comparison import compare_states
from tools.driver import DriverError
from tools.reading import output_of, state_in

WIDTHS, DEPTH, SHOTS = (2, 3), 12, 731
NUMBER = r"(?P<number>[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
NAMED = re.compile(rf"^\W*(?P<name>[A-Za-z][\w ./()-]{{0,40}}?)[\"']?\s*[:=]\s*{NUMBER}(?![\d.])", re.MULTILINE)
FORMATS = ("npy", "complex128", "complex64")
MOST = 12


class _Ran(NamedTuple):
    output: str
    """Without the outcomes."""
    given: set[float]
    """Numbers that the run was given."""
    states: dict[tuple[str, str], list[complex]]
    """The amplitudes in each file and format that can be read as such, qubit 0 the lowest bit or the highest."""


def learn(session: Session, dialect: dict[str, Any]) -> str:
    """Add ``metrics``, if only to say that there are none, and ``state_file``; says what was found.

    Raises:
        DriverError: if a circuit does not run.
    """
    if dialect["kind"] != "file" or "metrics" in dialect:
        return ""  # a script prints what it is told to print, and nothing else
    gates = list(dialect["gates"])
    circuits = [random_circuit(gates, width, DEPTH, random.Random(40 + width)) for width in WIDTHS]
    runs = [_ran(session, dialect, circuit, SHOTS + number) for number, circuit in enumerate(circuits)]
    dialect["metrics"] = _metrics(runs)
    said = [f"beside its outcomes it gives {', '.join(dialect['metrics'])}"] if dialect["metrics"] else []
    if file := _state_file(circuits, runs):
        dialect["state_file"] = file
        said.append(f"the state in its file {file['name']} is Qiskit's")
    return "; ".join(said)


def _ran(session: Session, dialect: Mapping[str, Any], circuit: Circuit, shots: int) -> _Ran:
    with TemporaryDirectory(prefix="beside-", dir=session.shell.workspace / "tmp") as name:
        folder, timeout_s = Path(name), session.settings.limits.program_s
        runner = sandboxed_runner(session)
        printed = driver.printed_in(
            at_hand(session, dialect), *circuit, shots, SEED, folder, timeout_s=timeout_s, runner=runner
        )
        output = re.sub(dialect["reading"], "", output_of(dialect, printed, folder), flags=re.MULTILINE)
        states = {}
        for path in folder.iterdir():
            for form in FORMATS if path.is_file() else ():
                try:
                    stated = {**dialect, "state_file": {"name": path.name, "format": form}}
                    states[path.name, form] = state_in(stated, folder, circuit[0])
                except DriverError:  # no file of that form
                    continue
        qubits, operations = circuit
        return _Ran(output, {shots, SEED, qubits, len(operations), 2**qubits}, states)


def _metrics(runs: list[_Ran]) -> dict[str, str]:
    """Regular expressions for the numbers that every run names, but for those that repeat what it was given."""
    named = [{match["name"].strip(): float(match["number"]) for match in NAMED.finditer(run.output)} for run in runs]
    alike = [name for name in named[0] if all(name in found for found in named)]
    told = [name for name in alike if not all(found[name] in run.given for found, run in zip(named, runs, strict=True))]
    return {name: rf"^\W*{re.escape(name)}[\"']?\s*[:=]\s*{NUMBER}(?![\d.])" for name in told[:MOST]}


def _state_file(circuits: list[Circuit], runs: list[_Ran]) -> dict[str, str] | None:
    """The file that holds every circuit's state in the dialect's bit order."""
    for name, form in runs[0].states:
        if all(_same(circuit, run.states.get((name, form))) for circuit, run in zip(circuits, runs, strict=True)):
            return {"name": name, "format": form}
    return None


def _same(circuit: Circuit, state: list[complex] | None) -> bool:
    if state is None:
        return False
    found = {format(index, f"0{circuit[0]}b"): amplitude for index, amplitude in enumerate(state)}
    return compare_states(found, statevector(circuit)).same

"""Runs many circuits on a registered backend, one after another. Costs no model call."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from tools.adapters import CircuitFileError, load_adapter
from tools.proxima import MAKER, backends
from tools.results import RunResult, result_of

QPY = b"QISKIT"
"""How a file in Qiskit's binary format begins (qiskit.qpy)."""


class Job(NamedTuple):
    """A circuit with the parameters that it is to be run with."""

    label: str
    """Of the circuit."""
    circuit: Any
    """Text, or a Qiskit circuit; an error if it could not be read."""
    asked: Mapping[str, Any]
    """ProximA's parameters and values of the circuit's free parameters, by name."""


def read_circuits(path: Path) -> list[tuple[str, Any]]:
    """(label, circuit) of the circuits in a file: OpenQASM 2 or 3, ProximA's JSON, or QPY.

    Raises:
        CircuitFileError: if it cannot be read.
    """
    try:
        data = path.read_bytes()
        if not data.startswith(QPY):
            return [(str(path), data.decode("utf-8"))]
    except (OSError, UnicodeDecodeError) as error:
        raise CircuitFileError(f"{path} cannot be read: {error}") from error
    from tools.qiskit_loading import load_qiskit

    load_qiskit()
    from qiskit import qpy

    try:
        with path.open("rb") as file:
            circuits = qpy.load(file)
    except Exception as error:  # a damaged file ends in errors of any type
        raise CircuitFileError(f"{path} is no QPY file that Qiskit can read: {error}") from error
    if len(circuits) == 1:
        return [(str(path), circuits[0])]
    return [(f"{path}[{number}]", circuit) for number, circuit in enumerate(circuits)]


def swept(values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every choice of one value for each name, the last name's values varying fastest."""
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


def jobs_of(paths: Sequence[Path], values: Mapping[str, Sequence[Any]]) -> list[Job]:
    """Every circuit with every choice of values; a file that cannot be read is a job that fails."""
    circuits: list[tuple[str, Any]] = []
    for path in paths:
        try:
            circuits += read_circuits(path)
        except CircuitFileError as error:
            circuits.append((str(path), error))
    return [Job(label, circuit, asked) for asked in swept(values) for label, circuit in circuits]


class Runnable:
    """A registered backend that is ready to run.

    Raises:
        ProximaError: if there is no such backend, or its code cannot be imported.
    """

    def __init__(self, home: Path, name: str) -> None:
        self.name = name
        self.adapter = load_adapter(home, name)
        entry = backends(home).get(name, {})
        self.check_due = _check_due(entry)
        """Whether its health has to be checked again before it runs."""
        self._version = str(entry.get("version") or "unknown")
        self._parameters = entry.get("parameters")
        self._gives_states = entry.get("made_by") == MAKER and hasattr(self.adapter, "execute_many")

    def run(self, jobs: Sequence[Job], out: Path | None = None) -> Iterator[RunResult]:
        """Run them in order; one that fails is a result with an error.

        Args:
            jobs: what to run.
            out: a folder for the statevectors, which are not asked for without one.
        """
        wanted = {"statevector": True} if out is not None and self._gives_states else {}
        fine = [job for job in jobs if not isinstance(job.circuit, Exception)]
        found = self._executed([job.circuit for job in fine], [self._options(job.asked) | wanted for job in fine])
        for number, job in enumerate(jobs):
            began = time.perf_counter()
            outcome = job.circuit if isinstance(job.circuit, Exception) else next(found)
            known: dict[str, Any] = {"backend": self.name, "version": self._version, "circuit": job.label}
            known["asked"] = dict(job.asked)
            spent = time.perf_counter() - began
            if isinstance(outcome, Exception):
                yield RunResult(**known, error=str(outcome), ended=_ended(outcome), total_seconds=spent)
                continue
            stem = re.sub(r"\W+", "_", f"{number:04}_{Path(job.label).stem}_{self.name}") if out else ""
            yield result_of(outcome, total_seconds=spent, out=out, stem=stem, **known)
        next(found, None)  # so that the adapter ends its series

    def _options(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """An adapter's options: what is no parameter of the backend is a value for the circuit's own."""
        if self._parameters is None:
            return dict(asked)
        values = {name: value for name, value in asked.items() if name not in self._parameters}
        given = {name: value for name, value in asked.items() if name in self._parameters}
        return {**given, "params": values} if values else given

    def _executed(self, circuits: list[Any], options: list[dict[str, Any]]) -> Iterator[Any]:
        if hasattr(self.adapter, "execute_many"):
            yield from self.adapter.execute_many(circuits, options)
            return
        for circuit, given in zip(circuits, options, strict=True):
            try:
                outcome: Any = self.adapter.execute(circuit, given)
            except Exception as error:  # whatever an adapter raises is what came of its circuit
                outcome = error
            yield outcome


def _ended(error: Exception) -> dict[str, Any]:
    """How the backend's process ended, where its wrapper says so."""
    if not hasattr(error, "timed_out"):
        return {"refused": True}
    facts = {name: getattr(error, name, None) for name in ("exit_status", "timed_out", "flooded")}
    return {name: value for name, value in facts.items() if value} or {"unusable": True}


def _check_due(entry: Mapping[str, Any]) -> bool:
    """Whether the date that `tools.standing` wrote has passed; the clock may have been set back since the check."""
    health = entry.get("health")
    if entry.get("made_by") != MAKER or not isinstance(health, dict) or not health.get("checks"):
        return False
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return not str(health.get("at")) <= now < str(health.get("due"))


def run_file(
    path: Path,
    *,
    home: Path,
    backend: str,
    shots: int = 1024,
    seed: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Run the circuit in a file on a registered backend.

    Args:
        path: OpenQASM 2 or 3, ProximA's JSON, or QPY with one circuit.
        home: of ProximA.
        backend: its name.
        shots: number of repetitions.
        seed: the same seed gives the same counts, where the backend takes one.
        options: further ProximA parameters, such as ``noise_level``.

    Returns:
        The fields of a `tools.results.RunResult`.

    Raises:
        CircuitFileError: if the file cannot be read, or the backend cannot run it or fails.
        ProximaError: if there is no such backend.
    """
    asked = {**(options or {}), "shots": shots, **({} if seed is None else {"seed": seed})}
    jobs = [Job(label, circuit, asked) for label, circuit in read_circuits(path)]
    if len(jobs) != 1:
        raise CircuitFileError(f"{path} holds {len(jobs)} circuits, not one.")
    (found,) = Runnable(home, backend).run(jobs)
    if found.error is not None:
        raise CircuitFileError(f"{path}: {found.error}")
    return found.as_dict()

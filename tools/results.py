"""What `rigil run` gives: one documented form for every backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

SCHEMA = 1
"""Goes up when a field changes its meaning or goes away; a new field does not change it."""


@dataclass(frozen=True)
class RunResult:
    """What came of one circuit on one backend. ``rigil run --json`` prints one a line, with ``"schema": 1``."""

    backend: str
    """The name it is registered under."""
    version: str
    """That the backend's documents state, or ``unknown``."""
    circuit: str
    """The file; of a QPY file with more than one circuit, followed by ``[0]``, ``[1]`` and so on."""
    asked: dict[str, Any]
    """What was asked for: ``shots``, ``seed`` if there was one, and every parameter that was set, by name."""
    error: str | None = None
    """Why there is no result; then ``counts`` is empty and what follows is None or empty."""
    ended: dict[str, Any] = field(default_factory=dict)
    """Where there is an error, one of: ``exit_status`` of the backend's process, 128 + signal where a signal ended it;
    ``timed_out``, true where it was stopped at the time limit; ``flooded``, true where it was stopped because it
    printed more than can be kept; ``unusable``, true where it ended well and what it gave cannot be the circuit's
    result; ``refused``, true where the circuit was not run at all."""
    qubits: int | None = None
    """Number of qubits of the circuit."""
    shots: int | None = None
    """Number of repetitions; the counts sum to it."""
    seed: int | None = None
    """With which the same command gives the same counts, where the backend takes a seed."""
    counts: dict[str, int] = field(default_factory=dict)
    """By bit string: classical bit 0 last, or qubit 0 last where the circuit measures nothing."""
    seconds: float | None = None
    """Wall time of the backend itself, with starting it, in seconds."""
    total_seconds: float = 0.0
    """Wall time with reading the circuit and translating it, in seconds."""
    metrics: dict[str, float] = field(default_factory=dict)
    """What the backend says of the run beside its outcomes, such as a fidelity, in the backend's own units."""
    statevector: str | None = None
    """A file beside the results with the 2^n amplitudes before measurement, up to a global phase: NumPy's format,
    complex128, qubit 0 the lowest bit of an index as in Qiskit. None without ``--out``, or if there are none."""
    options: dict[str, Any] = field(default_factory=dict)
    """What the backend itself was given, by ProximA's names."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What else the adapter says, such as ``gates_run``."""

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, as they go into JSON."""
        return {"schema": SCHEMA, **{each.name: getattr(self, each.name) for each in fields(self)}}


def result_of(found: Any, *, total_seconds: float, out: Path | None, stem: str, **known: Any) -> RunResult:
    """The result out of what an adapter gave.

    Args:
        found: a table as our own adapters give it (`outcome_of` in `configs/templates/adapter.py.jinja`), or
            ProximA's record of an execution.
        total_seconds: wall time.
        out: the folder for the statevector, if there is one.
        stem: of that file's name.
        known: the fields that the adapter does not know.
    """
    facts = dict(found) if isinstance(found, Mapping) else _recorded(found)
    facts.pop("raw", None)
    state, operations = facts.pop("statevector", None), facts.pop("operations", None)
    if operations is not None:
        facts["metadata"] = {"gates_run": operations}
    if out is not None and state is not None:
        import numpy

        facts["statevector"] = str(out / f"{stem}.npy")
        numpy.save(facts["statevector"], numpy.asarray(state, dtype=numpy.complex128))
    return RunResult(total_seconds=total_seconds, **facts, **known)


def _recorded(found: Any) -> dict[str, Any]:
    metadata = dict(found.metadata)
    return {
        "counts": found.data["counts"],
        "shots": found.shot_count,
        "seed": metadata.pop("seed", None),
        "qubits": found.qubit_count,
        "seconds": found.execution_time_ms / 1000,
        "options": metadata.pop("options", {}),
        "statevector": found.data.get("statevector"),
        "metadata": metadata,
    }

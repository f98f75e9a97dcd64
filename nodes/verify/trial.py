"""Runs circuits by a dialect inside the sandbox and compares them with Qiskit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodes.session import Session
from tools import driver
from tools.circuits import Circuit, Comparison, compare, distribution
from tools.finished import Finished

SEED = 20_011


def sandboxed_runner(
    session: Session, seen: Callable[[Finished], None] | None = None, **watching: Any
) -> driver.Runner:
    """Start commands of `tools.driver` through the run's shell.

    Args:
        session: the run.
        seen: called with how each command ended.
        watching: ``on_start`` and ``stop_if``, see `tools.shell.Shell.run`.
    """

    def run(command: str, folder: Path, timeout_s: float) -> tuple[int, str, str]:
        finished = session.shell.run(command, name="circuit", cwd=folder, timeout_s=timeout_s, capture=True, **watching)
        if seen:
            seen(finished)
        if not finished.started or finished.stopped:
            raise driver.DriverError(finished.in_words)
        both = finished.log.read_text(errors="replace")
        output = finished.stdout.read_text(errors="replace") if finished.stdout else both
        status = finished.exit_status if finished.exit_status is not None else 128 + (finished.signal or 0)
        return status, output, both

    return run


def measure(session: Session, dialect: dict[str, Any], circuit: Circuit, seed: int = SEED) -> dict[str, float]:
    """Counts or probabilities of a circuit.

    Raises:
        DriverError: if the backend fails.
    """
    return driver.execute(
        dialect,
        *circuit,
        shots=session.settings.verify.shots,
        seed=seed,
        folder=session.shell.workspace / "tmp",
        timeout_s=session.settings.limits.program_s,
        runner=sandboxed_runner(session),
    )


def held(session: Session, dialect: dict[str, Any], circuit: Circuit) -> Comparison:
    """Run a circuit and hold it to Qiskit's exact distribution.

    Raises:
        DriverError: if the backend fails.
    """
    limits = session.settings.verify
    return compare(
        measure(session, dialect, circuit),
        distribution(circuit),
        significance=limits.significance,
        tolerance=limits.distance,
    )

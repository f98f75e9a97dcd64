"""Runs circuits by a dialect inside the sandbox and compares them with Qiskit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nodes.session import Session
from nodes.verify.speech.translate import at_hand
from tools import driver, walled
from tools.circuits import Circuit, distribution, statevector
from tools.comparison import Comparison, compare, compare_states, shots_needed
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
    return walled.runner(session.shell, seen=seen, **watching)


def shots_for(session: Session, exact: Mapping[str, float]) -> int:
    """Shots at which an error of the settings' distance is found with the settings' power."""
    limits = session.settings.verify
    return shots_needed(len(exact), significance=limits.significance, error=limits.distance, power=limits.power)


def printed(
    session: Session,
    dialect: Mapping[str, Any],
    circuit: Circuit,
    *,
    shots: int,
    seed: int = SEED,
    options: Mapping[str, Any] | None = None,
    timeout_s: float | None = None,
) -> str:
    """What the backend prints for a circuit, run inside the sandbox.

    Raises:
        DriverError: if the backend fails.
    """
    return driver.run(
        at_hand(session, dialect),
        *circuit,
        shots=shots,
        seed=seed,
        folder=session.shell.workspace / "tmp",
        options=options,
        timeout_s=timeout_s or session.settings.limits.program_s,
        runner=sandboxed_runner(session),
    )


def held(session: Session, dialect: Mapping[str, Any], circuit: Circuit) -> Comparison:
    """Run a circuit and hold it to Qiskit: a statevector by its fidelity, counts and probabilities as distributions.

    Raises:
        DriverError: if the backend fails.
    """
    exact = distribution(circuit)
    shots = shots_for(session, exact)
    output = printed(session, dialect, circuit, shots=shots)
    if amplitudes := driver.amplitudes(dialect, output, circuit[0]):
        return compare_states(amplitudes, statevector(circuit))
    numbers = driver.read(dialect, output, circuit[0], shots)
    limits = session.settings.verify
    return compare(numbers, exact, significance=limits.significance, tolerance=limits.distance)

"""The dialect with all that integration added to it, and one run by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodes.session import Session, StepFailed
from nodes.verify.trial import printed
from tools import driver
from tools.circuits import Circuit


def dialect_of(session: Session) -> dict[str, Any]:
    """The verified dialect, with the options that were verified for it.

    Raises:
        StepFailed: if verification was skipped.
    """
    dialect, gates = session.recipe.get("dialect"), session.recipe.get("verified_gates")
    if dialect is None or not gates:
        raise StepFailed("There is no verified way to run a circuit on this backend: `verify` was skipped.")
    found = session.recipe.get("parameters") or {}
    dialect = {**dialect, "gates": {name: dialect["gates"][name] for name in gates}}
    if found.get("appended"):
        dialect["command"] += f" {found['appended']}"
    for line, longer in found.get("lines", {}).items():
        dialect |= {part: [longer if text == line else text for text in dialect[part]] for part in ("before", "after")}
    return dialect | {key: found[key] for key in ("options", "inserts") if found.get(key)}


def run(
    session: Session,
    dialect: Mapping[str, Any],
    circuit: Circuit,
    *,
    shots: int,
    seed: int,
    options: Mapping[str, Any] | None = None,
    timeout_s: float | None = None,
) -> dict[str, float]:
    """Counts or probabilities of a circuit, run inside the sandbox.

    Raises:
        DriverError: if the backend fails.
    """
    output = printed(session, dialect, circuit, shots=shots, seed=seed, options=options, timeout_s=timeout_s)
    return driver.read(dialect, output, circuit[0], shots)

"""Narrows a circuit that comes out wrong down to its smallest wrong part, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nodes.integrate.circuits import in_openqasm
from nodes.session import Session
from nodes.verify.trial import SEED, held, printed, shots_for
from tools.circuits import Circuit, distribution
from tools.driver import DriverError, Operation, read
from tools.reduce import smallest

SHOWN = 4
"""Outcomes of a distribution that are shown."""


def narrowed(
    session: Session, dialect: Mapping[str, Any], circuit: Circuit, *, failing: bool = False
) -> Circuit | None:
    """A smallest part that is wrong too; None where the whole is not, if it is run by the translator alone.

    Args:
        session: the run.
        dialect: how the backend is spoken to.
        circuit: that came out wrong.
        failing: whether one that cannot be run is wrong, too.
    """
    qubits, operations = circuit

    def wrong(some: Sequence[Operation]) -> bool:
        try:
            return not held(session, dialect, (qubits, list(some))).same
        except DriverError:
            return failing

    return (qubits, smallest(operations, wrong)) if wrong(operations) else None


def difference(session: Session, dialect: Mapping[str, Any], circuit: Circuit) -> str:
    """The circuit, what it must give and what it gives."""
    exact = distribution(circuit)
    shots = shots_for(session, exact)
    try:
        # With another seed than that which it was narrowed down with.
        found = read(dialect, printed(session, dialect, circuit, shots=shots, seed=SEED + 1), circuit[0], shots)
        gave = f"the backend gives {_outcomes(found)}"
    except DriverError as error:
        gave = f"the backend fails: {error}"
    try:
        how = f" It {held(session, dialect, circuit).in_words()}."
    except DriverError:
        how = ""
    return (
        f"The smallest wrong part of the circuit: {in_openqasm(circuit)} Expected is {_outcomes(exact)}; {gave}.{how}"
    )


def _outcomes(numbers: Mapping[str, float]) -> str:
    total = sum(numbers.values())
    likely = sorted(numbers, key=lambda bits: (-numbers[bits], bits))
    more = f" and {len(likely) - SHOWN} more" if len(likely) > SHOWN else ""
    return ", ".join(f"{bits}: {numbers[bits] / total:.3f}" for bits in likely[:SHOWN]) + more

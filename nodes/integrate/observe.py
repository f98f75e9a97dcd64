"""Observes what a parameter does to a backend's counts."""

from __future__ import annotations

from typing import Any, NamedTuple

from nodes.integrate.speech import run
from nodes.session import Session
from nodes.verify.trial import shots_for
from tools.circuits import Circuit, bell, distribution
from tools.comparison import compare
from tools.driver import DriverError, counts_of

FEW, MANY = 137, 1000
NOISE = 0.2
VALUES: dict[str, tuple[Any, ...]] = {
    "noise_level": (NOISE,),
    "optimization_level": (1, 0),
    "parallelization": (1, 2),
    "precision": ("double", "single"),
}
"""Values that a parameter is tried with, the first that is accepted being enough."""


class Observed(NamedTuple):
    """What was seen of a parameter."""

    works: bool
    """The backend takes it, and its counts are right."""
    effect: bool
    """Its effect was seen in the counts."""
    sentence: str
    ignored: bool = False
    """The backend takes it and gives what it gives without it, where it should give something else."""


def spread(gates: dict[str, str]) -> Circuit:
    """Four qubits with many outcomes, so that two samples are hardly ever the same."""
    if "h" in gates:
        return 4, [("h", (q,), ()) for q in range(4)]
    return 4, [("ry" if "ry" in gates else next(iter(gates)), (q,), (1.2,)) for q in range(4)]


def observe_shots(session: Session, dialect: dict[str, Any]) -> Observed:
    """As many counts as shots, for two numbers of shots."""
    sums = []
    for shots in (FEW, MANY):
        try:
            sums.append(sum(counts_of(run(session, dialect, bell(), shots=shots, seed=1), shots, 1).values()))
        except DriverError as error:
            return Observed(False, False, f"{shots} shots: {error}")
    right = sums == [FEW, MANY]
    return Observed(right, right, f"{FEW} and {MANY} shots gave {sums[0]} and {sums[1]} counts")


def observe_seed(session: Session, dialect: dict[str, Any]) -> Observed:
    """The same counts for the same seed, other counts for another."""
    circuit, found = spread(dialect["gates"]), []
    for seed in (5, 5, 6):
        try:
            found.append(counts_of(run(session, dialect, circuit, shots=MANY, seed=seed), MANY, seed))
        except DriverError as error:
            return Observed(False, False, str(error))
    if found[0] != found[1]:
        return Observed(False, False, "the same seed gave other counts")
    if found[0] == found[2]:
        return Observed(False, False, "another seed gave the same counts")
    return Observed(True, True, "the same seed gave the same counts, another seed others")


def observe_option(session: Session, dialect: dict[str, Any], name: str) -> Observed:
    """Whether the backend takes the option: noise has to disturb a Bell state, others to leave it right."""
    last, ignored = "", False
    for value in VALUES[name]:
        try:
            off, on = [_bell(session, dialect, given) for given in ({}, {name: value})]
            zero = _bell(session, dialect, {name: 0}) if name == "noise_level" else off
        except DriverError as error:
            last = last or f"with the value {value} {str(error)[:200]}"
            continue
        if name != "noise_level":
            if on.same:
                return Observed(True, False, f"taken with the value {value}, and the Bell state stayed right")
            last = last or f"with the value {value} the Bell state {on.in_words()}"
        elif zero.same and not on.same:
            return Observed(True, True, f"{value} moved the Bell state by {on.distance:.3f}, and 0 left it right")
        else:
            ignored = zero.same and on.same
            last = f"{value} did not disturb the Bell state" if on.same else "0 already disturbed the Bell state"
    return Observed(False, False, last, ignored)


def _bell(session: Session, dialect: dict[str, Any], options: dict[str, Any]) -> Any:
    """Run a Bell state and compare it.

    H on both qubits, twice, leaves it as it is, and turns what errors of single gates do into other outcomes: a
    Bell pair alone gives the same counts whatever happens to the phase, or to the qubit before the CNOT.
    """
    limits = session.settings.verify
    qubits, operations = bell()
    circuit: Circuit = (qubits, operations + [("h", (q,), ()) for _ in range(2) for q in range(qubits)])
    exact = distribution(circuit)
    numbers = run(session, dialect, circuit, shots=shots_for(session, exact), seed=1, options=options)
    return compare(numbers, exact, significance=limits.significance, tolerance=limits.distance)

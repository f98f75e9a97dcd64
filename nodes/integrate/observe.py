"""Observes what a parameter does to a backend: shots and seed in its counts, noise in its distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from nodes.integrate.speech import run
from nodes.session import Session
from nodes.verify.trial import shots_for
from tools.circuits import Circuit, bell, distribution
from tools.comparison import Comparison, compare
from tools.driver import DriverError, counts_of
from tools.transforms import apply

FEW, MANY = 137, 1000
NOISE = 0.2
LITTLE, MUCH = 0.05, 0.3
"""Noise of which the larger has to disturb more."""


class Observed(NamedTuple):
    """What was seen of a parameter."""

    works: bool
    """The backend takes it, and its counts are right."""
    effect: bool
    """Its effect was seen."""
    sentence: str
    ignored: bool = False
    """The backend takes it and gives what it gives without it, where it should give something else."""
    taken: tuple[Any, ...] = ()
    """The values that it was tried with and that the backend takes."""


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


def observe_noise(session: Session, dialect: dict[str, Any], entry: Mapping[str, Any]) -> Observed:
    """Noise has to disturb a Bell state, more noise more, and no noise not at all.

    A fifth of all gates going wrong moves it by more than the tolerance: a backend that takes a percentage moves it by
    a hundredth of that.
    """
    far = session.settings.verify.distance
    found: dict[float, Comparison] = {}
    for level in (0, NOISE, LITTLE, MUCH):
        try:
            found[level] = bell_with(session, dialect, {"noise_level": apply(entry, level)})
        except DriverError as error:
            return Observed(False, False, f"with the value {apply(entry, level)} {str(error)[:200]}")
    moved = {level: comparison.distance for level, comparison in found.items()}
    if not found[0].same:
        return Observed(False, False, "0 already disturbed the Bell state")
    if found[NOISE].same or moved[NOISE] < far:
        return Observed(False, False, f"{NOISE} did not disturb the Bell state", ignored=found[MUCH].same)
    if moved[MUCH] < moved[LITTLE] + far:
        return Observed(False, False, f"{MUCH} disturbed the Bell state no more than {LITTLE}")
    shown = ", ".join(f"{level} by {moved[level]:.3f}" for level in (LITTLE, NOISE, MUCH))
    return Observed(True, True, f"{shown} moved the Bell state, and 0 left it right")


def observe_values(
    session: Session, dialect: dict[str, Any], name: str, entry: Mapping[str, Any], values: tuple[Any, ...]
) -> Observed:
    """Which of the values the backend takes and leaves a Bell state right with."""
    taken: list[Any] = []
    last = ""
    for value in values:
        word = apply(entry, value)
        try:
            found = bell_with(session, dialect, {name: word})
        except DriverError as error:
            last = last or f"with the value {word} {str(error)[:200]}"
            continue
        if found.same:
            taken.append(value)
        else:
            last = last or f"with the value {word} the Bell state {found.in_words()}"
    if not taken:
        return Observed(False, False, last)
    shown = ", ".join(map(str, taken))
    return Observed(True, False, f"taken with {shown}, and the Bell state stayed right", taken=tuple(taken))


def refuses(session: Session, dialect: dict[str, Any], name: str, word: str) -> bool:
    """Whether the backend ends in an error for a word that does not exist."""
    try:
        bell_with(session, dialect, {name: word})
    except DriverError:
        return True
    return False


def bell_with(session: Session, dialect: dict[str, Any], options: dict[str, Any]) -> Comparison:
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

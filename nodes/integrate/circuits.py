"""The circuits that a translator has to get right before its wrapper is installed, and what a difference means."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple

from nodes.session import Session
from tools.circuits import Circuit, distribution, random_circuit, suite, to_qiskit
from tools.comparison import Comparison, compare, shots_needed

WIDEST = 8
"""Qubits of the widest random circuits."""
SHALLOWEST = 5
"""Gates of the first random circuit; each has one more than that before."""
MOST_SHOTS = 100_000
LONG = 60
CLEAR = 0.1
"""An outcome at least so likely is missed by `APART_SHOTS` with a chance below 1e-9."""
APART_SHOTS = (211, 307)


class Plan(NamedTuple):
    """Circuits by name, with what they must give and how often each is run."""

    circuits: dict[str, Circuit]
    exact: dict[str, dict[str, float]]
    shots: dict[str, int]
    significance: float
    """Of one comparison."""
    error: float
    """The total variation distance that each comparison finds with the settings' power."""


def planned(session: Session, gates: Sequence[str], most: int) -> Plan:
    """The validation circuits and random ones, from 1 qubit to `WIDEST` and ever deeper.

    The significance of the settings holds for all comparisons together: each gets its share of it (Bonferroni), so that
    a right backend is refused with at most this probability however many circuits there are. Holm's method would refuse
    exactly when this does, because one difference is enough. Shots grow with the square root of the outcomes; where
    `MOST_SHOTS` are too few, only greater errors are found, and the plan says from which on.

    Args:
        session: the run.
        gates: that the backend has.
        most: qubits that it has.
    """
    limits = session.settings.verify
    circuits = {name: circuit for name, circuit in suite(gates).items() if circuit[0] <= most}
    for number in range(limits.random_circuits):
        qubits = 1 + number % min(WIDEST, most)
        rng = random.Random(7000 + number)
        circuits[f"random {number + 1}"] = random_circuit(gates, qubits, SHALLOWEST + number, rng)
    exact = {name: distribution(circuit) for name, circuit in circuits.items()}
    share = limits.significance / max(1, len(circuits))
    needed = {
        name: shots_needed(len(outcomes), significance=share, error=limits.distance, power=limits.power)
        for name, outcomes in exact.items()
    }
    shots = {name: min(number, MOST_SHOTS) for name, number in needed.items()}
    error = limits.distance * max(sqrt(needed[name] / shots[name]) for name in needed)
    return Plan(circuits, exact, shots, share, error)


def differing(session: Session, plan: Plan, counts: Mapping[str, Mapping[str, float]]) -> tuple[str, str] | None:
    """(what differs from Qiskit, the simplest circuit that does); None where all agree."""
    wrong = {}
    for name, numbers in counts.items():
        tolerance = session.settings.verify.distance
        found = compare(numbers, plan.exact[name], significance=plan.significance, tolerance=tolerance)
        if not found.same:
            wrong[name] = found
    if not wrong:
        return None
    simplest = min(wrong, key=lambda name: (len(plan.circuits[name][1]), plan.circuits[name][0]))
    words = shown(plan, simplest, wrong[simplest], counts[simplest])
    return f"{len(wrong)} of {len(counts)} circuits differ. The simplest, {words}", simplest


def shown(plan: Plan, name: str, found: Comparison, numbers: Mapping[str, float] | None = None) -> str:
    """A circuit that is wrong: its comparison, the outcomes that are farthest off, and its OpenQASM."""
    words = f"`{name}`, {found.in_words()}"
    if numbers:
        total, exact = sum(numbers.values()), plan.exact[name]
        shares = {bits: (numbers.get(bits, 0) / total, exact.get(bits, 0.0)) for bits in {*numbers, *exact}}
        far = sorted(shares, key=lambda bits: (-abs(shares[bits][0] - shares[bits][1]), bits))[:3]
        words += " (" + ", ".join(f"{bits}: {shares[bits][0]:.3f} for {shares[bits][1]:.3f}" for bits in far) + ")"
    return f"{words}. In OpenQASM: {in_openqasm(plan.circuits[name])}"


def in_openqasm(circuit: Circuit) -> str:
    """The circuit as OpenQASM 2 on one line."""
    built = to_qiskit(circuit)
    from qiskit import qasm2

    return " ".join(qasm2.dumps(built).split())


def apart(plan: Plan) -> list[dict[str, Any]]:
    """Two circuits with few, likely and different outcomes: what runs of them mix up shows in every sample."""
    clear = [name for name, outcomes in plan.exact.items() if min(outcomes.values()) > CLEAR and len(outcomes) > 1]
    pairs = [
        (plan.circuits[a][0] != plan.circuits[b][0], a, b)
        for a in clear
        for b in clear
        if set(plan.exact[a]) != set(plan.exact[b])
    ]
    names = min(pairs)[1:] if pairs else (next(iter(plan.circuits)),) * 2
    return [
        {"circuit": plain(plan.circuits[name]), "shots": shots, "outcomes": sorted(plan.exact[name])}
        for name, shots in zip(names, APART_SHOTS, strict=True)
    ]


def long_circuit(gates: Sequence[str], most: int) -> Circuit:
    """A circuit of `LONG` gates that is run, repeated, to be ended in its midst."""
    return random_circuit(gates, min(WIDEST, most), LONG, random.Random(7))


def plain(circuit: Circuit) -> dict[str, Any]:
    """A circuit as JSON."""
    qubits, operations = circuit
    return {
        "qubits": qubits,
        "operations": [[name, list(on), list(angles)] for name, on, angles in operations],
    }

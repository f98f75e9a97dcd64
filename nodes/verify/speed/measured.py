"""Measures the sizes of a plan, and the same circuits on the reference, and puts both together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from nodes.verify.speed.pace import SMALLEST, STEP, Pace, sizes, told
from nodes.verify.speed.timed import Clock, Run, Stopwatch
from tools.circuits import Circuit
from tools.driver import DriverError
from tools.growth import LEAST, Growth, beyond_start_up, fit
from tools.scaling import layered

LONGER = 1.2
"""How much longer than the last a run may take, so that it is still begun."""


@dataclass
class Measured:
    """The runs of one simulator."""

    runs: dict[int, list[Run]] = field(default_factory=dict)
    """Number of qubits -> timed runs."""
    ended: str = ""
    """Why there are not more sizes, empty where all were run."""
    name: str = ""

    @property
    def walls(self) -> dict[int, list[float]]:
        """Number of qubits -> wall seconds."""
        return {size: [run.wall_s for run in runs] for size, runs in sorted(self.runs.items())}


Circuits = Callable[[int], Circuit]


def circuits_of(gates: Sequence[str], layers: int) -> Circuits:
    """The circuits of a plan by their number of qubits, each made once."""
    made: dict[int, Circuit] = {}

    def circuit(qubits: int) -> Circuit:
        if qubits not in made:
            made[qubits] = layered(gates, qubits, layers)[0]
        return made[qubits]

    return circuit


def measure(
    stopwatch: Stopwatch, circuits: Circuits, plan: Mapping[str, Any], reckoned: Pace, clock: Clock, repeats: int
) -> Measured:
    """Time the backend, the smallest size first, each size after a run that warms up.

    Sizes grow in steps of two; where fewer rise above the start-up than a fit needs, the ones between follow.
    """
    found = Measured()
    for size in sizes(plan["largest"]):
        if 2 * reckoned.seconds(size, plan["layers"]) > clock.left_s:
            found.ended = f"{size} qubits were left out for want of time"
            break
        try:
            found.runs[size] = _timed(stopwatch, circuits(size), clock, repeats)
        except DriverError as error:
            found.ended = f"{size} qubits could not be run: {told(error)}"
            break
    if not found.runs:
        return found
    for size in range(max(found.runs) - 1, SMALLEST, -STEP):
        rises = beyond_start_up(found.walls)[1]
        if len(rises) >= LEAST or size + 1 not in rises or 2 * max(found.walls[size + 1]) > clock.left_s:
            break
        try:
            found.runs[size] = _timed(stopwatch, circuits(size), clock, repeats)
        except DriverError:
            break
    return found


def _timed(stopwatch: Stopwatch, circuit: Circuit, clock: Clock, repeats: int) -> list[Run]:
    """The timed runs of a circuit, as many as there is time for; the first alone where there is none for a second."""
    warm = stopwatch.circuit(circuit, clock.left_s)
    runs: list[Run] = []
    while len(runs) < repeats and LONGER * warm.wall_s < clock.left_s:
        runs.append(stopwatch.circuit(circuit, clock.left_s))
    return runs or [warm]


def measure_reference(
    stopwatch: Stopwatch, circuits: Circuits, backend: Measured, clock: Clock, repeats: int
) -> Measured:
    """Time the reference on the sizes that the backend did, all of them once before any again.

    It also says how well what the backend gave fits each circuit.

    Its loading takes longer than most circuits: one run of the smallest warms up for all.
    """
    found = Measured()
    measured = sorted(backend.runs)
    given = {size: backend.runs[size][-1].numbers for size in measured}
    try:
        _, found.name = stopwatch.reference(circuits(measured[0]), clock.left_s, {})
        for size in [size for _ in range(repeats) for size in measured]:
            last = max((run.wall_s for runs in found.runs.values() for run in runs), default=0.0)
            if LONGER * last > clock.left_s:
                found.ended = "there was no time for more runs"
                break
            run, found.name = stopwatch.reference(circuits(size), clock.left_s, given[size])
            found.runs.setdefault(size, []).append(run)
    except DriverError as error:
        found.ended = told(error)
    return found


def growth_of(backend: Measured, circuits: Circuits) -> tuple[float, Growth | None]:
    """(seconds of start-up, how the time of a gate grows beyond it): larger circuits also have more gates."""
    start_up, rises = beyond_start_up(backend.walls)
    return start_up, fit({size: seconds / len(circuits(size)[1]) for size, seconds in rises.items()})


def rows(backend: Measured, reference: Measured, circuits: Circuits) -> list[dict[str, Any]]:
    """One row for each size, as JSON: medians with the least and the most, and the ratios to the reference.

    ``whole`` compares the median wall times of the processes, ``beyond_start_up`` the least wall time without that of
    the smallest circuit with the least that the reference reports for simulating, ``inside`` the medians of what both
    report of themselves.
    """
    rises = beyond_start_up(backend.walls)[1]
    found = []
    for size, runs in sorted(backend.runs.items()):
        row = {"qubits": size, "gates": len(circuits(size)[1]), **_told(runs)}
        row |= {"fidelity": None, "reference": None, "ratio": None}
        if others := reference.runs.get(size):
            row["reference"] = _told(others)
            theirs = row["reference"]
            row["fidelity"] = others[0].fidelity
            row["ratio"] = {
                "whole": row["wall_s"]["median"] / theirs["wall_s"]["median"],
                "beyond_start_up": _over(rises.get(size), min(run.inside_s or 0.0 for run in others)),
                "inside": _over(row["inside_s"], theirs["inside_s"]),
            }
        found.append(row)
    return found


def _told(runs: Sequence[Run]) -> dict[str, Any]:
    peak = max(run.peak_bytes for run in runs)
    inside = [run.inside_s for run in runs if run.inside_s is not None]
    return {
        "runs": len(runs),
        "wall_s": _spread([run.wall_s for run in runs]),
        "cpu_s": _spread([run.cpu_s for run in runs]),
        "peak_mib": round(peak / 2**20, 1) if peak else None,
        "inside_s": median(inside) if len(inside) == len(runs) else None,
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "least": min(values), "most": max(values)}


def _over(own: float | None, other: float | None) -> float | None:
    return own / other if own is not None and other else None

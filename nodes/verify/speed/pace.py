"""Finds out how many qubits can be measured in the time and memory that there are: single runs of growing circuits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nodes.verify.speed.timed import Clock, Run, Stopwatch
from tools.driver import DriverError
from tools.growth import RISES
from tools.scaling import layered

SMALLEST, STEP, MOST = 2, 2, 40
NEXT = 5.0
"""How many times as long as a circuit the next is expected to take: four times the amplitudes, and some gates more."""
LAYERS = (4, 8, 16, 32)
FASTEST = 6
"""Qubits below which no plan ends, where more are possible."""
AMPLITUDE = 16
"""Bytes of a complex number in double precision."""
COPIES = 4
"""Arrays of that size that a simulator may hold at once."""
MEMORY_SHARE = 0.5
"""Of the memory that is free, which is all that the processes of one circuit may have."""
PROBE_SHARE = 0.1
"""Of the time, which one single run may take."""
TELLING = 3
"""Times the start-up from which a run tells enough."""
NOISE = 0.02
"""Share of the start-up that a run may take beyond it without being noticed."""


@dataclass(frozen=True)
class Pace:
    """What single runs showed, and what larger circuits can be expected to take."""

    start_up_s: float
    """Of the smallest circuit."""
    gate_s: float
    """Seconds a gate on ``qubits`` qubits, at most."""
    qubits: int
    """The largest circuit that ran."""
    base: int
    """Factor per qubit that is reckoned with: 2, or 4 where the runs grew like a density matrix."""
    dense: float
    """Gates per qubit and layer."""
    family: str
    """What the circuits are called."""
    stopped: str
    """Why no larger circuit was tried."""
    limit: int
    """Qubits beyond which nothing can be run, as far as is known."""

    def seconds(self, qubits: int, layers: int) -> float:
        """What one run is expected to take at most."""
        gates = self.dense * qubits * layers
        return float(self.start_up_s + self.gate_s * gates * self.base ** (qubits - self.qubits))

    def peak_bytes(self, qubits: int) -> int:
        """What a simulator that keeps all amplitudes needs."""
        return int(AMPLITUDE * COPIES * self.base**qubits)

    def whole_s(self, largest: int, layers: int, runs: int) -> float:
        """What all sizes up to a largest are expected to take, each run so many times."""
        return runs * sum(self.seconds(size, layers) for size in sizes(largest))

    def rising(self, largest: int, layers: int) -> int:
        """How many sizes can be expected to rise above the start-up, those between the steps included."""
        between = range(SMALLEST + 1, largest + 1)
        return sum(self.seconds(size, layers) > (1 + RISES) * self.start_up_s for size in between)

    def possible(self, seconds: float, memory: int, runs: int) -> list[int]:
        """The numbers of qubits that a plan may end with, by the time and the memory."""
        fitting = [
            size
            for size in sizes(min(self.limit, MOST))
            if self.whole_s(size, LAYERS[0], runs) <= seconds and self.peak_bytes(size) <= memory
        ]
        return [size for size in fitting if size >= FASTEST] or fitting[-1:]


class Probed(NamedTuple):
    """One single run."""

    qubits: int
    gates: int
    run: Run


def sizes(largest: int) -> list[int]:
    """The numbers of qubits that are measured, up to a largest."""
    return list(range(SMALLEST, largest + 1, STEP))


def pace(stopwatch: Stopwatch, gates: list[str], clock: Clock, memory: int) -> Pace:
    """Run circuits of few layers, two qubits more each time, until one takes noticeably long or cannot be run.

    Raises:
        DriverError: if not even the smallest can be run.
    """
    longest = PROBE_SHARE * clock.left_s
    probes: list[Probed] = []
    stopped, limit = "", MOST
    for size in sizes(MOST):
        if AMPLITUDE * COPIES * 2**size > memory:
            stopped, limit = f"{size} qubits need more memory than there is", size - STEP
            break
        circuit, family = layered(gates, size, LAYERS[0])
        before = clock.left_s
        try:
            stopwatch.circuit(circuit, clock.left_s) if not probes else None
            run = stopwatch.circuit(circuit, longest if probes else clock.left_s)
        except DriverError as error:
            if not probes:
                raise
            stopped = f"{size} qubits could not be run: {told(error)}"
            # What was stopped for its time may have more of it later: that is not the backend's limit.
            limit = size - STEP if before - clock.left_s < longest else MOST
            break
        probes.append(Probed(size, len(circuit[1]), run))
        start_up = probes[0].run.wall_s
        following = start_up + NEXT * (run.wall_s - start_up)
        if following > longest or run.wall_s > TELLING * start_up:
            stopped = f"{size} qubits take {run.wall_s:.2f} s"
            break
    start_up = probes[0].run.wall_s
    last = probes[-1]
    return Pace(
        start_up_s=start_up,
        gate_s=_beyond(last, start_up) / last.gates,
        qubits=last.qubits,
        base=_base(probes, start_up),
        dense=last.gates / (last.qubits * LAYERS[0]),
        family=family,
        stopped=stopped,
        limit=limit,
    )


def told(error: DriverError) -> str:
    """The first line of what went wrong."""
    text = str(error).strip()
    return (text.splitlines() or [""])[0][:160].rstrip(".")


def _beyond(probed: Probed, start_up: float) -> float:
    """Seconds beyond the start-up, or what would not be noticed of them."""
    return max(probed.run.wall_s - start_up, NOISE * start_up)


def _base(probes: list[Probed], start_up: float) -> int:
    """4 where the last two runs grew by more than 3 a qubit for each gate, 2 otherwise."""
    if len(probes) < 3:
        return 2
    before, last = probes[-2:]
    grown = (_beyond(last, start_up) / last.gates) / (_beyond(before, start_up) / before.gates)
    return 4 if grown ** (1 / STEP) > 3 and before.run.wall_s > 1.2 * start_up else 2

"""Observes what counts do not show: the threads of a backend's processes, and the digits of its amplitudes."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Any

from nodes.integrate.observe import Observed
from nodes.session import Session
from nodes.verify.speech.translate import at_hand
from nodes.verify.trial import printed, sandboxed_runner
from tools import driver
from tools.circuits import Circuit, distribution, random_circuit, statevector
from tools.driver import DriverError
from tools.meter import Meter
from tools.scaling import layered
from tools.transforms import apply

ONE, SEVERAL = 1, 2
SIZES, LAYERS = (4, 8, 12, 16), 3
"""Of the circuit that is run while threads are counted: the first that the backend works on for long enough."""
LONG_S = 0.4
SHOTS, SEED, DEPTH = 100, 11, 24
BETTER = 30
"""How many times closer to the exact state doubles have to be than singles: 2**29 at best, less for rounding."""


def observe_threads(session: Session, dialect: dict[str, Any], entry: Mapping[str, Any], most: int) -> Observed:
    """More threads or processes were there at one moment for two than for one, each looked at twice.

    Args:
        session: the run.
        dialect: with the option.
        entry: of the mapping.
        most: qubits that the backend takes.
    """
    try:
        for qubits in [size for size in SIZES if size <= most] or [max(2, most)]:
            circuit = layered(list(dialect["gates"]), qubits, LAYERS)[0]
            began = time.monotonic()
            few = [_threads(session, dialect, circuit, apply(entry, ONE))]
            if time.monotonic() - began > LONG_S:
                break
        few.append(_threads(session, dialect, circuit, apply(entry, ONE)))
        many = [_threads(session, dialect, circuit, apply(entry, SEVERAL)) for _ in few]
    except DriverError as error:
        return Observed(False, False, str(error)[:200])
    sentence = f"{max(few)} threads of its processes were seen for {ONE}, {min(many)} for {SEVERAL}"
    return Observed(True, min(many) > max(few), sentence)


def observe_precision(session: Session, dialect: dict[str, Any], entry: Mapping[str, Any]) -> Observed:
    """What the backend prints is nearer to the exact amplitudes or probabilities in double precision than in single."""
    gates = list(dialect["gates"])
    circuit = random_circuit(gates, min(4, max(2, len(gates))), DEPTH, random.Random(SEED))
    try:
        single, double = (_error(session, dialect, circuit, apply(entry, word)) for word in ("single", "double"))
    except DriverError as error:
        return Observed(False, False, str(error)[:200])
    if single is None or double is None:
        return Observed(True, False, "it prints counts, in which the precision does not show")
    sentence = f"it was off by {single:.1e} in single precision, by {double:.1e} in double"
    return Observed(True, single > BETTER * double, sentence)


def _threads(session: Session, dialect: dict[str, Any], circuit: Circuit, value: Any) -> int:
    with Meter() as meter:
        driver.run(
            at_hand(session, dialect),
            *circuit,
            shots=SHOTS,
            seed=SEED,
            folder=session.shell.workspace / "tmp",
            options={"parallelization": value},
            timeout_s=session.settings.limits.program_s,
            runner=sandboxed_runner(session, on_start=meter.started),
        )
    return meter.peak_threads


def _error(session: Session, dialect: dict[str, Any], circuit: Circuit, value: Any) -> float | None:
    """The largest difference from the exact value, None where counts are printed."""
    output = printed(session, dialect, circuit, shots=SHOTS, seed=SEED, options={"precision": value})
    if amplitudes := driver.amplitudes(dialect, output, circuit[0]):
        state = statevector(circuit)
        overlap = sum(amplitudes.get(bits, 0) * exact.conjugate() for bits, exact in state.items())
        phase = overlap / abs(overlap) if overlap else 1
        every = state.keys() | amplitudes.keys()
        return max(abs(amplitudes.get(bits, 0) - phase * state.get(bits, 0)) for bits in every) + 1e-17
    numbers = driver.read(dialect, output, circuit[0], SHOTS)
    if sum(numbers.values()) > 1.5:
        return None
    likely = distribution(circuit)
    return max(abs(numbers.get(bits, 0) - likely.get(bits, 0)) for bits in numbers.keys() | likely.keys()) + 1e-17

"""Runs circuits as verification does, and measures what that takes."""

from __future__ import annotations

import json
import re
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from nodes.session import Session
from nodes.verify.speech.translate import at_hand
from nodes.verify.trial import SEED, sandboxed_runner
from tools import driver, reference
from tools.circuits import Circuit
from tools.filesystem import read_inside, write_atomic
from tools.finished import Finished
from tools.meter import Meter

SHOTS = 100
"""Few, so that simulating the gates is what takes the time."""
SCRIPT, GIVEN = "reference.py", "reference.json"
_CLOCK = re.compile(r"(\d+)m([\d.]+)s")


class Run(NamedTuple):
    """What one run of a circuit took."""

    wall_s: float
    """From the start of the sandbox to the end of the command."""
    cpu_s: float
    """User and system time of all processes that the shell in the sandbox waited for, in the system's clock ticks
    (mostly 10 ms)."""
    peak_bytes: int
    """See `tools.meter.Meter`."""
    output: str
    """What it printed beside its outcomes."""
    inside_s: float | None = None
    """The time that the simulator itself reports, where it does."""
    numbers: Mapping[str, float] = MappingProxyType({})
    """Its counts or probabilities, qubit 0 as the last character of a bit string."""
    fidelity: tuple[float, float] | None = None
    """Of a run of the reference: how well the given numbers fit the circuit, with the standard error."""


class Stopwatch:
    """Times circuits until a moment comes, within a limit of memory.

    Args:
        session: the run.
        dialect: how the backend is spoken to.
        memory_limit: bytes that the processes of one circuit may have.
    """

    def __init__(self, session: Session, dialect: Mapping[str, Any], memory_limit: int) -> None:
        self._session = session
        self._dialect = dialect
        self._memory_limit = memory_limit
        self._folder = session.shell.workspace / "tmp"

    def circuit(self, circuit: Circuit, left_s: float) -> Run:
        """Run a circuit on the backend.

        Raises:
            DriverError: if it could not be run, or not within the time and memory.
        """
        runs: list[Run] = []

        def runner(command: str, folder: Path, timeout_s: float) -> tuple[int, str, str]:
            run, status, output, both = self._metered(command, folder, timeout_s)
            runs.append(run._replace(output=re.sub(self._dialect["reading"], "", both, flags=re.MULTILINE)))
            return status, output, both

        numbers = driver.execute(
            at_hand(self._session, self._dialect),
            *circuit,
            shots=SHOTS,
            seed=SEED,
            folder=self._folder,
            timeout_s=self._timeout(left_s),
            runner=runner,
        )
        return runs[-1]._replace(numbers=numbers)

    def reference(self, circuit: Circuit, left_s: float, numbers: Mapping[str, float]) -> tuple[Run, str]:
        """Run the circuit on the reference, in the same sandbox: (what it took, what simulator it was).

        Args:
            circuit: the circuit.
            left_s: seconds that it may take.
            numbers: what the backend gave for the circuit, to be compared after the simulation was timed.

        Raises:
            DriverError: if it could not be run, or not within the time and memory.
        """
        script, given = self._folder / SCRIPT, self._folder / GIVEN
        script.write_bytes(Path(reference.__file__).read_bytes())
        job = {"qubits": circuit[0], "operations": circuit[1], "shots": SHOTS, "seed": SEED, "numbers": dict(numbers)}
        write_atomic(given, json.dumps(job))
        command = shlex.join([sys.executable, "-I", str(script), str(given)])
        run, status, output, both = self._metered(command, self._folder, self._timeout(left_s))
        try:
            said = json.loads(output.splitlines()[-1])
        except (IndexError, ValueError) as error:
            raise driver.DriverError(f"It ended with exit status {status}: {both.strip()[-300:]}") from error
        fidelity = tuple(said["fidelity"]) if said.get("fidelity") else None
        return run._replace(output="", inside_s=said["seconds"], fidelity=fidelity), said["simulator"]

    def _timeout(self, left_s: float) -> float:
        if left_s <= 0:
            raise driver.DriverError("There was no time left.")
        return min(self._session.settings.limits.program_s, left_s)

    def _metered(self, command: str, folder: Path, timeout_s: float) -> tuple[Run, int, str, str]:
        """Run a command; the shell that runs it also tells the processor time of its children, by POSIX's `times`.

        The sandbox does not wait for what runs in it, so nothing outside of it is told that.
        """
        told = folder / "times.txt"
        whole = f"{{ {command}\n}}\nstatus=$?; times > {shlex.quote(str(told))}; exit $status"
        ended: list[Finished] = []
        with Meter(self._memory_limit) as meter:
            runner = sandboxed_runner(self._session, ended.append, on_start=meter.started, stop_if=meter.too_much)
            status, output, both = runner(whole, folder, timeout_s)
        cpu_s = meter.cpu_s
        with suppress(OSError, IndexError):
            of_children = read_inside(folder, told.name).splitlines()[1]
            cpu_s = sum(60 * int(m) + float(s) for m, s in _CLOCK.findall(of_children))
            told.unlink()
        return Run(ended[-1].seconds, cpu_s, meter.peak_bytes, ""), status, output, both


class Clock:
    """How much of a number of seconds is left."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Seconds that are left, below 0 once they are over."""
        return self._end - time.monotonic()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It does not run on in here: a model's answer may take longer than what it is asked about."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._end += time.monotonic() - began

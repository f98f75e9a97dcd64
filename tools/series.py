"""Runs one circuit after another on a backend, at less cost than each by itself.

A backend that is driven from its own interpreter gets a worker, and while it runs one circuit the next is made ready.
It is believed only after a circuit that follows another gave what it must, and only where a script ends well: whatever
else happens, the circuit is run again in a process of its own, and that is what counts. This module imports nothing but
the standard library and the driver, because it is also part of an installed wrapper.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tools.driver import Runner, joined, outcome, pieces, printed_in, run_command
from tools.inserts import inserted
from tools.openqasm import Plain
from tools.reading import DriverError, Outcome, understood
from tools.worker import Late, Worker, short


class Asked(NamedTuple):
    """A circuit in a backend's gates, and how it is to be run."""

    circuit: Plain
    shots: int
    seed: int
    limit: float
    """In seconds."""
    own: dict[str, Any]
    """The backend's own options."""
    state: bool
    """Whether the amplitudes are wanted too."""


class Came(NamedTuple):
    """What came of a circuit."""

    asked: Asked | Exception
    """As it was given."""
    outcome: Outcome | Exception
    """What the backend gave, or why it gave nothing."""
    seconds: float
    """Wall time of the backend."""


def alone(dialect: Mapping[str, Any], job: Asked, runner: Runner = run_command) -> Came:
    """Run a circuit by itself.

    Args:
        dialect: how the backend is spoken to.
        job: what is to be run.
        runner: of the backend's command.

    Raises:
        DriverError: if the backend fails, or gives what cannot be the circuit's outcome.
    """
    began = time.perf_counter()
    given: dict[str, Any] = {"options": job.own, "timeout_s": job.limit, "state": job.state, "runner": runner}
    found = outcome(dialect, *job.circuit[:2], shots=job.shots, seed=job.seed, **given)
    return Came(job, found, time.perf_counter() - began)


class Series:
    """One circuit after another; a context manager that leaves no process and no file behind.

    It is used by one thread at a time; another thread has a series of its own.
    """

    def __init__(self, dialect: Mapping[str, Any], *, few: bool = False, runner: Runner = run_command) -> None:
        """Begin a series by a dialect; for a ``few`` circuits a worker is not worth its start."""
        self._dialect, self._joined, self._runner = dialect, joined(dialect), runner
        self._folder = tempfile.TemporaryDirectory(prefix="circuits-")
        self._worker: Worker | None = None
        words = dialect["command"].replace("⟨circuit⟩", "")
        files = {"output_file", "state_file"} & dialect.keys()
        self._served = dialect["kind"] == "program" and "⟨" not in words and "h" in dialect["gates"] and not files
        self._served = self._served and not few

    def __enter__(self) -> Series:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if self._worker is not None and error is None:
            self._worker.end()
            self._worker = None
        self._stop()
        self._folder.cleanup()

    def outcomes(self, jobs: Iterable[Asked | Exception]) -> Iterator[Came]:
        """What comes of each, in order; an error among the jobs is passed on."""
        coming = iter(jobs)
        job, sent = next(coming, None), False
        while job is not None:
            sent = sent or self._sent(self._ready(job))
            after = next(coming, None)
            behind = sent and self._sent(self._ready(after), behind=True)  # while the worker runs
            said = self._received(job) if sent and self._worker and isinstance(job, Asked) else None
            yield self._came(job, said)
            job, sent = after, behind and self._worker is not None

    def _came(self, job: Asked | Exception, said: tuple[str, float] | Late | None) -> Came:
        if isinstance(job, Exception):
            return Came(job, job, 0.0)
        if isinstance(said, Late):
            return Came(job, said, 0.0)
        if said is not None:
            try:
                folder = Path(self._folder.name)
                found = understood(self._dialect, said[0], folder, job.circuit.qubits, job.shots, state=job.state)
                return Came(job, found, said[1])
            except DriverError:
                pass  # what a process of its own gives is what counts
        try:
            came = alone(self._dialect, job, self._runner) if self._worker else self._alone(job)
        except (RuntimeError, ValueError, OSError) as error:
            return Came(job, error, 0.0)
        if said is not None:
            self._stop()
            self._served = False  # a worker that fails where a process does not is of no use
        return came

    def _alone(self, job: Asked) -> Came:
        """The same as `alone` in the folder of the series, which costs less than a new one."""
        folder, began = Path(self._folder.name), time.perf_counter()
        try:
            given: dict[str, Any] = {"options": job.own, "timeout_s": job.limit, "runner": self._runner}
            printed = printed_in(self._dialect, *job.circuit[:2], job.shots, job.seed, folder, **given)
            found = understood(self._dialect, printed, folder, job.circuit.qubits, job.shots, state=job.state)
        finally:
            self._emptied()
        return Came(job, found, time.perf_counter() - began)

    def _ready(self, job: Asked | Exception | None) -> list[str] | None:
        """The script for a circuit; None where it has to be run alone."""
        if not self._served or not isinstance(job, Asked):
            return None
        dialect, left = inserted(self._dialect, job.own)
        try:
            dialect = self._joined if dialect is self._dialect else dialect
            return None if left else pieces(dialect, *job.circuit[:2], job.shots, job.seed)
        except DriverError:  # which running it alone says again
            return None

    def _sent(self, texts: list[str] | None, *, behind: bool = False) -> bool:
        """Give the worker a script, ``behind`` one that runs; False where the circuit has to be run alone, or later."""
        if not self._served or texts is None or (behind and not short(texts)):
            return False
        try:
            if self._worker is None:
                self._served = False  # what does not come up is not tried again
                try:
                    self._worker = Worker(self._dialect, Path(self._folder.name))
                finally:
                    self._emptied()
                self._served = True
            self._worker.send(texts)
        except DriverError:
            self._stop()
            return False
        return True

    def _received(self, job: Asked) -> tuple[str, float] | Late | None:
        """What the script printed and its seconds; None where it has to be run alone."""
        assert self._worker is not None
        try:
            said = self._worker.receive(job.limit)
        except Late as error:
            self._stop()
            return error
        except DriverError:
            self._stop()
            return None
        if not self._worker.alone:  # a thread that goes on could print into the next circuit's output
            self._stop()
            self._served = False
        return said

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None
            self._emptied()

    def _emptied(self) -> None:
        """What one circuit left in the folder is not there for the next."""
        with os.scandir(self._folder.name) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                elif not entry.name.startswith("worker"):
                    Path(entry.path).unlink()

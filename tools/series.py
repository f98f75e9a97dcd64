"""Runs one circuit after another on a backend, at less cost than each by itself.

A backend that is driven from its own interpreter gets a worker. It is believed only after a circuit that follows
another gave what it must, and only where a script ends well: whatever else happens, the circuit is run again in a
process of its own, and that is what counts. This module imports nothing but the standard library and the driver,
because it is also part of an installed wrapper.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.driver import Operation, pieces, printed_in
from tools.reading import DriverError, Outcome, understood
from tools.worker import Late, Worker


class Series:
    """One circuit after another; a context manager that leaves no process and no file behind.

    It is used by one thread at a time; another thread has a series of its own.
    """

    def __init__(self, dialect: Mapping[str, Any]) -> None:
        self._dialect = dialect
        self._folder = tempfile.TemporaryDirectory(prefix="circuits-")
        self._worker: Worker | None = None
        words = dialect["command"].replace("⟨circuit⟩", "")
        self._served = dialect["kind"] == "program" and "⟨" not in words and "h" in dialect["gates"]

    def __enter__(self) -> Series:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if self._worker is not None and error is None:
            self._worker.end()
            self._worker = None
        self._stop()
        self._folder.cleanup()

    def outcome(
        self,
        qubits: int,
        operations: Sequence[Operation],
        *,
        shots: int,
        seed: int,
        options: Mapping[str, Any] | None = None,
        timeout_s: float = 300.0,
        state: bool = False,
    ) -> Outcome:
        """Run a circuit and read what came of it; the arguments are those of `tools.driver.outcome`.

        Raises:
            DriverError: if the backend fails, or gives what cannot be the circuit's outcome.
        """
        folder, failed = Path(self._folder.name), False
        try:
            if self._served and not options:
                try:
                    printed = self._sent(qubits, operations, shots, seed, timeout_s)
                    return understood(self._dialect, printed, folder, qubits, shots, state=state)
                except Late:
                    self._stop()
                    raise
                except DriverError:
                    failed = True
                    self._stop()
                    self._emptied()
            given = (shots, seed, folder, options, timeout_s)
            printed = printed_in(self._dialect, qubits, operations, *given)
            found = understood(self._dialect, printed, folder, qubits, shots, state=state)
            self._served = self._served and not failed  # a worker that fails where a process does not is of no use
            return found
        finally:
            self._emptied()

    def _sent(self, qubits: int, operations: Sequence[Operation], shots: int, seed: int, timeout_s: float) -> str:
        texts = pieces(self._dialect, qubits, operations, shots, seed)
        if self._worker is None:
            self._served = False  # what does not come up is not tried again
            try:
                self._worker = Worker(self._dialect, Path(self._folder.name))
            except Late as error:
                raise DriverError("The worker did not come up in time.") from error
            self._served = True
        printed = self._worker.run(texts, timeout_s)
        if not self._worker.alone:  # a thread that goes on could print into the next circuit's output
            self._stop()
            self._served = False
        return printed

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def _emptied(self) -> None:
        """What one circuit left in the folder is not there for the next."""
        with os.scandir(self._folder.name) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                elif not entry.name.startswith("worker"):
                    Path(entry.path).unlink()

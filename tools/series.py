"""Runs one circuit after another on a backend, at less cost than each by itself.

A backend that is driven from its own interpreter gets a *worker*: the command that runs a script runs `_WORKER`, which
runs the scripts that it is sent, each with fresh globals, and sends back what they print. A worker is believed only
after a circuit that follows another gave what it must, and only where a script ends well: whatever else happens, the
circuit is run again in a process of its own, and that is what counts. This module imports nothing but the standard
library and the driver, because it is also part of an installed wrapper.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.driver import Operation, command_line, pieces, printed_in
from tools.reading import DriverError, Outcome, read, understood

_WORKER = r"""
import functools, io, json, os, queue, signal, sys, threading, types

answers, requests = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(0), encoding="utf-8")
for number in range(3):
    os.dup2(os.open(os.devnull, os.O_RDWR), number)
waiting = queue.SimpleQueue()


def listen():
    for line in requests:
        waiting.put(json.loads(line))
    os.killpg(0, signal.SIGKILL)  # whoever asks has gone


def answer(**said):
    answers.write(json.dumps(said) + "\n")
    answers.flush()


@functools.lru_cache(maxsize=64)
def compiled(text):
    return compile(text, __file__, "exec", dont_inherit=True)


def run(texts):
    sys.modules["__main__"] = module = types.ModuleType("__main__")
    module.__file__ = __file__
    try:
        codes = [compiled(text) for text in texts]
    except SyntaxError:  # a statement goes over more than one piece
        codes = [compiled("\n".join(texts))]
    for code in codes:
        exec(code, module.__dict__)


threading.Thread(target=listen, daemon=True).start()
folder, environment, threads = os.getcwd(), dict(os.environ), threading.active_count()
answer(ready=True)
while True:
    job = waiting.get()
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", "replace") for _ in range(2))
    sys.argv, status, printed = [__file__], 0, ""
    try:
        run(job["pieces"])
    except SystemExit as end:
        status = 0 if end.code in (None, 0) else 1
    except BaseException:
        status = 1
    try:
        sys.stdout.flush()
        printed = sys.stdout.buffer.getvalue().decode("utf-8", "replace")
    except BaseException:
        status = 1
    os.chdir(folder)
    if dict(os.environ) != environment:
        os.environ.clear()
        os.environ.update(environment)
    answer(id=job["id"], status=status, printed=printed, alone=threading.active_count() == threads)
"""
_START_S = 60.0


class _Late(DriverError):
    """The time limit was reached; a process of its own would reach it too."""


class Series:
    """One circuit after another; a context manager that leaves no process and no file behind.

    It is used by one thread at a time; another thread has a series of its own.
    """

    def __init__(self, dialect: Mapping[str, Any]) -> None:
        self._dialect = dialect
        self._folder = tempfile.TemporaryDirectory(prefix="circuits-")
        self._worker: _Worker | None = None
        words = dialect["command"].replace("⟨circuit⟩", "")
        self._served = dialect["kind"] == "program" and "⟨" not in words and "h" in dialect["gates"]

    def __enter__(self) -> Series:
        return self

    def __exit__(self, *_: object) -> None:
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
                except _Late:
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
            self._worker = _Worker(self._dialect, Path(self._folder.name))
            self._worker.proven()
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
        for entry in os.scandir(self._folder.name):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            elif not entry.name.startswith("worker"):
                Path(entry.path).unlink()


class _Worker:
    """The backend's interpreter, which runs the scripts that it is sent.

    Raises:
        DriverError: if it does not come up.
    """

    def __init__(self, dialect: Mapping[str, Any], folder: Path) -> None:
        self._dialect, self._sent, self._unread, self.alone = dialect, 0, b"", True
        script = folder / f"worker{dialect['suffix']}"
        script.write_text(_WORKER)
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", command_line(dialect, script, 1, 1, 0)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            if not self._answer(_START_S).get("ready"):
                raise DriverError("The backend's interpreter did not run the worker.")
        except BaseException:
            self.stop()
            raise

    def proven(self) -> None:
        """Hold it to the outcome of a circuit that follows another: H H on a qubit after H has one outcome only.

        Raises:
            DriverError: if the outcome is another one, as where the first circuit's gates are still there.
        """
        try:
            for gates, sure in ((1, False), (2, True)):
                operations: list[Operation] = [("h", (0,), ())] * gates
                printed = self.run(pieces(self._dialect, 2, operations, 64, 1), _START_S)
                numbers = read(self._dialect, printed, 2, 64)
                if (numbers.get("00", 0) > 0.999 * sum(numbers.values())) != sure:
                    raise DriverError("A circuit in the worker gives something else than alone.")
        except BaseException:
            self.stop()
            raise

    def run(self, texts: Sequence[str], timeout_s: float) -> str:
        """What a script prints that is given in pieces.

        Raises:
            DriverError: if it does not end well.
        """
        self._sent += 1
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"id": self._sent, "pieces": texts}).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise DriverError("The worker has ended.") from error
        said = self._answer(timeout_s)
        if said.get("id") != self._sent or said.get("status") != 0:
            raise DriverError("The script did not end well in the worker.")
        self.alone = said["alone"]
        return str(said["printed"])

    def _answer(self, timeout_s: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        pipe, until = self._process.stdout.fileno(), time.monotonic() + timeout_s
        waiting = select.poll()
        waiting.register(pipe, select.POLLIN)
        while True:
            line, ended, rest = self._unread.partition(b"\n")
            if ended:
                self._unread = rest
                try:
                    said = json.loads(line)
                except ValueError:
                    continue  # something that the interpreter says as it starts
                if isinstance(said, dict):
                    return said
                continue
            if not waiting.poll(max(0.0, 1000 * (until - time.monotonic()))):
                raise _Late(f"The backend did not finish within {timeout_s:g} s.")
            more = os.read(pipe, 1 << 20)
            if not more:
                raise DriverError("The worker has ended.")
            self._unread += more

    def stop(self) -> None:
        """End it with all that it started."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended by itself
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass  # what was not sent is not needed any more

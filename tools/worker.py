"""A worker: the backend's own interpreter, which stays alive and runs one script after another.

It is started by the command that runs a script otherwise, with `_WORKER` as the script. Each script has fresh globals,
an empty standard input and its standard output to itself; what it prints below Python's own output is lost. It ends as
soon as whoever started it is gone. This module imports nothing but the standard library and the driver, because it is
also part of an installed wrapper.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.driver import Operation, command_line, pieces
from tools.reading import DriverError, understood

_WORKER = r"""
import functools, io, json, os, select, shutil, signal, sys, threading, time, types

answers, requests = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(0), encoding="utf-8")
for number in range(3):
    os.dup2(os.open(os.devnull, os.O_RDWR), number)
pipe = select.poll()
pipe.register(requests, 0)  # which tells only that whoever asks has gone


def guard():
    pipe.poll()
    time.sleep(GRACE_S)
    os.killpg(0, signal.SIGKILL)


def answer(**said):
    answers.write(json.dumps(said) + "\n")
    answers.flush()


@functools.lru_cache(maxsize=4096)
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


def emptied():
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            elif entry.name != own:
                os.unlink(entry.path)


threading.Thread(target=guard, daemon=True).start()
own = os.path.basename(__file__)
folder, environment, threads = os.getcwd(), dict(os.environ), threading.active_count()
answer(ready=True)
for line in requests:
    job = json.loads(line)
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", "replace") for _ in range(2))
    sys.argv, status, printed, began = [__file__], 0, "", time.perf_counter()
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
    said = {"status": status, "printed": printed, "seconds": time.perf_counter() - began}
    answer(id=job["id"], alone=threading.active_count() == threads, **said)
    os.chdir(folder)
    emptied()  # the next script may be here already
    if dict(os.environ) != environment:
        os.environ.clear()
        os.environ.update(environment)
os._exit(0)
"""
_START_S = 60.0
_GRACE_S = 0.5
"""In which a worker ends by itself, unless a script is running."""


_SHORT = 1 << 14
"""Bytes that a pipe holds in any case (pipe(7): 64 KiB)."""


def short(texts: Sequence[str]) -> bool:
    """Whether a script fits into the pipe to a worker that reads nothing now."""
    return len(json.dumps(texts)) < _SHORT


class Late(DriverError):
    """The time limit was reached; a process of its own would reach it too."""

    timed_out = True


class Worker:
    """The backend's interpreter, which runs the scripts that it is sent.

    Args:
        dialect: how the backend is spoken to; its command has no slot but the circuit's.
        folder: where the scripts run.

    Raises:
        DriverError: if it does not come up.
    """

    def __init__(self, dialect: Mapping[str, Any], folder: Path) -> None:
        self._dialect, self._folder, self._unread = dialect, folder, b""
        self._sent = self._received = 0
        self._began = 0.0
        self.alone = True
        """Whether no thread of a script goes on after it."""
        script = folder / f"worker{dialect['suffix']}"
        script.write_text(_WORKER.replace("GRACE_S", str(_GRACE_S)))
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
            self._prove()
        except BaseException:
            self.stop()
            raise

    def _prove(self) -> None:
        """Hold it to the outcome of a circuit that follows another: H H on a qubit after H has one outcome only.

        Raises:
            DriverError: if the outcome is another one, as where the first circuit's gates are still there.
        """
        for gates, sure in ((1, False), (2, True)):
            operations: list[Operation] = [("h", (0,), ())] * gates
            self.send(pieces(self._dialect, 2, operations, 64, 1))
            printed, _ = self.receive(_START_S)
            numbers = understood(self._dialect, printed, self._folder, 2, 64).numbers
            if (numbers.get("00", 0) > 0.999 * sum(numbers.values())) != sure:
                raise DriverError("A circuit in the worker gives something else than alone.")

    def send(self, texts: Sequence[str]) -> None:
        """Give it a script, in pieces.

        It may wait behind one that runs, where it is `short`: what the pipe does not hold would be waited for here,
        while the answer before it is waited for there.

        Raises:
            DriverError: if it has ended.
        """
        if self._sent == self._received:
            self._began = time.monotonic()
        self._sent += 1
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"id": self._sent, "pieces": texts}).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise DriverError("The worker has ended.") from error

    def receive(self, timeout_s: float) -> tuple[str, float]:
        """What the next script printed, and the seconds that it took.

        Raises:
            Late: if it did not end in this time since it was sent, or since the one before was received.
            DriverError: if it did not end well.
        """
        # An answer that waits to be read is not late because nobody came for it.
        left = max(timeout_s - (time.monotonic() - self._began), min(timeout_s, 0.5))
        try:
            said = self._answer(left)
        except Late as error:
            raise Late(f"The backend did not finish within {timeout_s:g} s.") from error
        self._received, self._began = self._received + 1, time.monotonic()
        if said.get("id") != self._received or said.get("status") != 0:
            raise DriverError("The script did not end well in the worker.")
        self.alone = bool(said["alone"])
        return str(said["printed"]), float(said["seconds"])

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
                raise Late("The worker did not answer in time.")
            more = os.read(pipe, 1 << 20)
            if not more:
                raise DriverError("The worker has ended.")
            self._unread += more

    def end(self) -> None:
        """End it after a script that has ended."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, subprocess.TimeoutExpired):
            self._process.stdin.close()
            self._process.wait(_GRACE_S)
        self.stop()

    def stop(self) -> None:
        """End it at once, with all that it started."""
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # what was not sent is not needed any more
                    pipe.close()

"""Runs a backend's command so that another thread can end it, and so that it ends with the process that started it.

It imports nothing but the standard library and the driver, behind which it stands in an installed wrapper.
"""

from __future__ import annotations

import os
import secrets
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.driver import DriverError

_GUARDED = """
exec 3<&0 </dev/null
{ read -r line <&3 || { rm -rf -- "$1" || rm -rf -- "$1"; kill -s KILL 0; }; } >/dev/null 2>&1 &
guard=$!
( exec 3<&-; eval "$2" )
status=$?
kill -s KILL $guard
wait $guard 2>/dev/null
kill -s 0 $PPID 2>/dev/null || rm -rf -- "$1"
exit $status
"""
"""Standard input is a pipe that nobody writes to: it ends when the process that holds its other end does, however that
comes about, and then the folder $1 and the whole process group go too. Where the command ends just then, the guard is
gone before it can do so, and the shell removes the folder."""


ECHO = "PROXIMA_ECHO"
"""A variable of the environment; where it is set, what the backend prints goes to standard error too, as it comes."""
_MOST_PRINTED = 256 << 20
"""Bytes that a command may print; more is not kept in memory."""


_MARK = "PROXIMA_EXECUTION"
"""A variable with a value of its own for each command, by which children that detached themselves are known."""


class Cancelled(DriverError):
    """The execution was ended by `cancel`."""


class Execution:
    """One execution: its `run` is a runner of the driver, and any thread may cancel it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._mark = secrets.token_hex(8)
        self._cancelled = False

    def cancel(self) -> None:
        """End what runs with all its children; what has not begun yet will not."""
        with self._lock:
            self._cancelled = True
            if self._process is not None and self._process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                _end_marked(self._mark)

    def check(self) -> None:
        """Go on only if it was not cancelled.

        Raises:
            Cancelled: if it was.
        """
        if self._cancelled:
            raise Cancelled("The execution was cancelled.")

    def run(self, command: str, folder: Path, timeout_s: float) -> tuple[int, str, str]:
        """Run a shell command in a process group of its own.

        Args:
            command: for ``/bin/sh``.
            folder: where it works and leaves its temporary files; it is removed if this process ends first.
            timeout_s: limit in seconds.

        Raises:
            Cancelled: if it was cancelled.
            DriverError: if the limit was reached.
        """
        reading, writing = os.pipe()
        try:
            with self._lock:
                self.check()
                process = self._process = subprocess.Popen(
                    ["/bin/sh", "-c", _GUARDED, "sh", str(folder), command],
                    cwd=folder,
                    env={**os.environ, "TMPDIR": str(folder), _MARK: self._mark},
                    stdin=reading,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    bufsize=0,
                    start_new_session=True,
                )
            try:
                stdout, stderr = _printed(process, timeout_s)
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                _end_marked(self._mark)
                process.wait()
                raise
            finally:
                for pipe in (process.stdout, process.stderr):
                    if pipe is not None:
                        pipe.close()
        finally:
            os.close(reading)
            os.close(writing)
        self.check()
        if process.returncode != 0:
            _end_marked(self._mark)  # one that fails leaves nothing behind, wherever it went
        return process.returncode, stdout, stderr


def _end_marked(mark: str) -> None:
    """Kill whatever carries the mark in its environment, also in a session of its own."""
    wanted = f"{_MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)


def _printed(process: subprocess.Popen[bytes], timeout_s: float) -> tuple[str, str]:
    """What it prints on its two streams until it ends.

    Raises:
        DriverError: if it does not end in that time, or prints more than can be kept.
    """
    until, left, echo = time.monotonic() + timeout_s, _MOST_PRINTED, bool(os.environ.get(ECHO))
    with selectors.DefaultSelector() as waiting:
        blocks: dict[object, list[bytes]] = {pipe: [] for pipe in (process.stdout, process.stderr)}
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            waiting.register(pipe, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(max(0.0, until - time.monotonic()))
            if not ready or time.monotonic() > until:  # one that was quick is late all the same
                raise DriverError(f"The backend did not finish within {timeout_s:g} s.").ended(timed_out=True)
            for key, _ in ready:
                block = os.read(key.fd, 1 << 16)
                if not block:
                    waiting.unregister(key.fileobj)
                    continue
                left -= len(block)
                if left < 0:
                    why = f"The backend printed more than {_MOST_PRINTED >> 20} MiB, and was stopped."
                    raise DriverError(why).ended(flooded=True)
                blocks[key.fileobj].append(block)
                if echo:
                    os.write(2, block)
    try:
        process.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise DriverError(f"The backend did not finish within {timeout_s:g} s.").ended(timed_out=True) from error
    stdout, stderr = (b"".join(several).decode(errors="replace").replace("\r\n", "\n") for several in blocks.values())
    return stdout, stderr


class Running:
    """The executions that run now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: set[Execution] = set()

    @contextmanager
    def one(self) -> Iterator[Execution]:
        """An execution that counts as running inside this context."""
        execution = Execution()
        with self._lock:
            self._now.add(execution)
        try:
            yield execution
        finally:
            with self._lock:
                self._now.discard(execution)

    def cancel(self) -> int:
        """Cancel them all; returns how many there were."""
        with self._lock:
            now = list(self._now)
        for execution in now:
            execution.cancel()
        return len(now)

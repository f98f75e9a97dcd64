"""The one subprocess wrapper: it owns the process group, the log file, the limits and the kill."""

from __future__ import annotations

import os
import shlex
import shutil
import signal as signals
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from tools.finished import Finished
from tools.limits import Bounds, limited
from tools.process_tree import COOKIE, forget, remember, stop_leftover, stop_tree

__all__ = ["Finished", "OnLine", "missing", "run", "stop_leftover", "unstarted"]

OnLine = Callable[[str, str], None]
"""Called with the stream's name (``stdout`` or ``stderr``) and one line without its end."""

UNBOUND = Bounds()
BLOCK = 1 << 16
DRAIN_S = 2.0
"""For what a finished command left in the background to close its output."""
POLL_S = 0.1
LINES_KEPT = 10_000
"""Lines that wait for a slow ``on_line``; beyond it the oldest are skipped. The log has them all."""


def unstarted(argv: Sequence[str], cwd: Path, log: Path, stdout: Path | None, why: str) -> Finished:
    """A command that could not begin; ``why`` goes into its log too."""
    with log.open("ab") as file:
        file.write(f"{shlex.join(argv)}: could not be started: {why}\n".encode(errors="replace"))
    if stdout:
        stdout.write_bytes(b"")
    return Finished(tuple(argv), cwd, None, None, False, why, 0.0, log, stdout)


class _Sink:
    """What the two reading threads share: the log, the byte count and the lines that wait for ``on_line``."""

    def __init__(self, log: IO[bytes], limit: int | None, on_line: OnLine | None, apart: bool) -> None:
        self.log = log
        self.apart = apart
        self.limit = limit
        self.on_line = on_line
        self.size = 0
        self.full = False
        self.lines: deque[tuple[str, str]] = deque(maxlen=LINES_KEPT)
        self.lock = threading.Lock()
        self.wake = threading.Event()

    def write(self, stream: str, block: bytes, alone: IO[bytes] | None) -> bool:
        """Take whole lines; False once the limit is passed or the command is over."""
        with self.lock:
            if self.log.closed:
                return False
            if self.limit is not None and self.size + len(block) > self.limit:
                block = block[: self.limit - self.size]
                self.full = True
            self.size += len(block)
            if alone:
                alone.write(block)
            if not (alone and self.apart):
                self.log.write(block)
        if self.on_line:
            text = block.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
            self.lines.extend((stream, line) for line in text.removesuffix("\n").split("\n"))
            self.wake.set()
        if self.full:
            self.wake.set()
        return not self.full

    def read(self, stream: str, pipe: IO[bytes], alone: IO[bytes] | None) -> None:
        """Read a pipe to its end, handing on whole lines so that the streams do not cut into each other."""
        rest = b""
        with pipe:
            while block := os.read(pipe.fileno(), BLOCK):
                block = rest + block
                cut = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
                if not cut and len(block) >= BLOCK:
                    cut = len(block)
                rest = block[cut:]
                if cut and not self.write(stream, block[:cut], alone):
                    return
            if rest:
                self.write(stream, rest, alone)

    def deliver(self) -> None:
        """Call ``on_line`` for what waits, in the caller's thread, so that the pipes never wait for it."""
        while self.on_line and self.lines:
            self.on_line(*self.lines.popleft())


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    timeout_s: float | None = None,
    on_line: OnLine | None = None,
    stdout: Path | None = None,
    apart: bool = False,
    stdin: str | None = None,
    output_limit: int | None = None,
    bounds: Bounds = UNBOUND,
    cancel: threading.Event | None = None,
    on_start: Callable[[int], None] | None = None,
    stop_if: Callable[[], str | None] | None = None,
    thorough: bool = False,
) -> Finished:
    """Run a command to its end, its output streamed to ``log`` (appended to) at pipe speed.

    Nothing of its process group is left running, however it ended; where it was stopped, children that
    detached themselves (``setsid``) are found and killed too.

    Args:
        argv: the program and its arguments; nothing is interpreted by a shell.
        cwd: where it runs.
        env: its whole environment.
        log: both streams, as they came.
        timeout_s: seconds after which the whole tree is stopped.
        on_line: called in this thread for every line; while it runs, time limits are not looked at.
        stdout: standard output alone, also.
        apart: whether what is kept there is left out of the log.
        stdin: what it can read; None is an empty input.
        output_limit: bytes of output after which it is stopped.
        bounds: what each of its processes may take.
        cancel: set from another thread to stop it.
        on_start: called once with the process id.
        stop_if: looked at several times a second; it is stopped for the reason that this returns.
        thorough: whether children that detached themselves are ended however it ended, not only where it was stopped.
    """
    if why := missing(argv[0], cwd, env):
        return unstarted(argv, cwd, log, stdout, why)
    token = os.urandom(8).hex()
    with ExitStack() as files:
        sink = _Sink(files.enter_context(log.open("ab", buffering=0)), output_limit, on_line, apart)
        alone = files.enter_context(stdout.open("wb", buffering=0)) if stdout else None
        given: IO[bytes] | int = subprocess.DEVNULL
        if stdin is not None:
            given = files.enter_context(tempfile.TemporaryFile())
            given.write(stdin.encode("utf-8", "replace"))
            given.seek(0)
        remember(log, argv, token)
        begun = time.monotonic()
        try:
            process = subprocess.Popen(
                limited(argv, bounds),
                cwd=cwd,
                env={**env, COOKIE: token},
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            forget(log)
            return unstarted(argv, cwd, log, stdout, _why_not(error, argv[0]))
        ended = threading.Event()
        threads = [
            threading.Thread(target=sink.read, args=("stdout", process.stdout, alone), daemon=True),
            threading.Thread(target=sink.read, args=("stderr", process.stderr, None), daemon=True),
            threading.Thread(target=_await_end, args=(process.pid, ended, sink.wake), daemon=True),
        ]
        try:
            remember(log, argv, token, process.pid)
            if on_start:
                on_start(process.pid)
            for thread in threads:
                thread.start()
            stopped, timed_out = _supervise(sink, ended, begun, timeout_s, cancel, stop_if)
            if stopped:
                stop_tree(process.pid, token)
            _drain(threads[:2], process.pid, token)
            if thorough:
                stop_tree(None, token)
            sink.deliver()
        except BaseException:
            stop_tree(process.pid, token)
            raise
        finally:
            process.wait()
            with sink.lock:
                files.close()
            forget(log)
        if sink.full and not stopped:
            stopped = _too_much(output_limit)
    code = process.returncode
    return Finished(
        tuple(argv),
        cwd,
        code if code >= 0 else None,
        -code if code < 0 else None,
        timed_out,
        stopped,
        time.monotonic() - begun,
        log,
        stdout,
    )


def missing(program: str, cwd: Path, env: Mapping[str, str]) -> str | None:
    """Why a program cannot be found from ``cwd`` with this environment, or None where it can."""
    if not cwd.is_dir():
        return f"no such folder: {cwd}"
    if "/" in program:
        there = (cwd / program).exists()
    else:
        there = shutil.which(program, path=env.get("PATH", os.defpath)) is not None
    return None if there else f"no such program: {program}"


def _why_not(error: OSError | ValueError, program: str) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{program}: {(reason or type(error).__name__).lower()}"


def _await_end(pid: int, ended: threading.Event, wake: threading.Event) -> None:
    # WNOWAIT leaves the process a zombie, so that no other can be given its id while its group is killed.
    with suppress(ChildProcessError):  # whoever stopped it has already taken its status
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    ended.set()
    wake.set()


def _supervise(
    sink: _Sink,
    ended: threading.Event,
    begun: float,
    timeout_s: float | None,
    cancel: threading.Event | None,
    stop_if: Callable[[], str | None] | None,
) -> tuple[str | None, bool]:
    """Wait for the end or for a reason to stop; returns that reason and whether it was the time."""
    while True:
        sink.wake.clear()
        if ended.is_set():
            return None, False
        sink.deliver()
        if sink.full:
            return _too_much(sink.limit), False
        if cancel and cancel.is_set():
            return "it was asked to stop", False
        if stop_if and (why := stop_if()):
            return why, False
        left = None if timeout_s is None else begun + timeout_s - time.monotonic()
        if left is not None and left <= 0:
            return f"it took longer than {timeout_s:g} s", True
        sink.wake.wait(POLL_S if left is None else min(POLL_S, left))


def _too_much(limit: int | None) -> str:
    return f"it printed more than {limit:,} bytes"


def _drain(readers: list[threading.Thread], pid: int, token: str) -> None:
    """Read what is left, and end what the command left in the background holding its output."""
    _join(readers)
    with suppress(ProcessLookupError, PermissionError):  # gone, or another user's and out of reach
        os.killpg(pid, signals.SIGKILL)
    if any(thread.is_alive() for thread in readers):
        stop_tree(None, token)
        _join(readers)


def _join(threads: list[threading.Thread]) -> None:
    until = time.monotonic() + DRAIN_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))

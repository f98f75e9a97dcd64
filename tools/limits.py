"""What one command may take: memory, the size of a file, processor time, processes."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from tools.process_tree import Family

if TYPE_CHECKING:
    from configs.settings import Limits

THREADS = 8
"""The kernel counts threads as processes, of which a process may have several: it is told so many times as much."""
AFTER_S = 10
"""Between the signal that says that the processor time is over and the one that ends it."""
LOOK_S = 0.2
BLOCK = 512
"""Bytes in which ``ulimit -f`` counts."""


class Bounds(NamedTuple):
    """Limits that the kernel holds each process of a command to; None: as much as the machine has."""

    memory: int | None = None
    """Bytes of address space."""
    file: int | None = None
    """Bytes that a file may have."""
    cpu: int | None = None
    """Seconds of processor time."""


def bounds_of(limits: Limits) -> Bounds:
    """The kernel's part of the settings."""
    return Bounds(int(limits.memory_gib * 2**30) or None, int(limits.file_gib * 2**30) or None, limits.cpu_s or None)


def in_words(limits: Limits) -> str:
    """What a command may take, as a clause."""
    told = [
        f"{limits.command_s:g} s",
        f"{limits.output_mib} MiB of output",
        limits.processes and f"{limits.processes} processes",
        limits.file_gib and f"{limits.file_gib:g} GiB a file",
        limits.cpu_s and f"{limits.cpu_s} s of processor time a process",
        limits.memory_gib and f"{limits.memory_gib:g} GiB of address space a process",
    ]
    return ", ".join(filter(None, map(str, filter(None, told))))


def limited(argv: Sequence[str], bounds: Bounds) -> list[str]:
    """The command within its bounds, which are set before it begins, with no code between fork and exec."""
    words: list[str] = []
    if bounds.memory is not None:
        words.append(f"ulimit -v {_at_most(bounds.memory, resource.RLIMIT_AS) // 1024}")
    if bounds.file is not None:
        words.append(f"ulimit -f {_at_most(bounds.file, resource.RLIMIT_FSIZE) // BLOCK}")
    if bounds.cpu is not None:
        # Where both are the same, the command is killed without a word.
        words.append(f"ulimit -St {_at_most(bounds.cpu, resource.RLIMIT_CPU)}")
        words.append(f"ulimit -Ht {_at_most(bounds.cpu + AFTER_S, resource.RLIMIT_CPU)}")
    return ["/bin/sh", "-c", " && ".join([*words, 'exec "$0" "$@"']), *argv] if words else list(argv)


def few(argv: Sequence[str], processes: int) -> list[str]:
    """The command with so many processes at most, where the kernel counts those of its sandbox alone.

    It does not count where we are root, see `tools.control_group`. Shells name the limit differently.
    """
    most = str(THREADS * processes)
    script = '{ ulimit -u "$0" || ulimit -p "$0"; } 2>/dev/null; exec "$@"'
    return ["/bin/sh", "-c", script, most, *argv]


def _at_most(limit: int, of: int) -> int:
    hard = resource.getrlimit(of)[1]
    return limit if hard == resource.RLIM_INFINITY else min(limit, hard)


class Crowd:
    """Counts the processes of one command while it runs.

    Args:
        most: that it may have; 0: any number.
        stop_if: another reason to stop it.
        on_start: called with the process id too.
    """

    def __init__(
        self, most: int, stop_if: Callable[[], str | None] | None = None, on_start: Callable[[int], None] | None = None
    ) -> None:
        self._most, self._stop_if, self._on_start = most, stop_if, on_start
        self._family: Family | None = None
        self._due = 0.0

    def started(self, pid: int) -> None:
        """Begin with a process; all that descends from it counts."""
        if self._most:
            self._family = Family(pid)
        self._due = time.monotonic() + LOOK_S
        if self._on_start:
            self._on_start(pid)

    def stop(self) -> str | None:
        """Why the command is to be stopped."""
        if self._stop_if and (why := self._stop_if()):
            return why
        if self._family is None or time.monotonic() < self._due:
            return None
        self._due = time.monotonic() + LOOK_S
        import psutil

        # All processes of the machine are counted at a glance; what descends from one is not.
        if len(psutil.pids()) <= self._most or (count := len(self._family.members())) <= self._most:
            return None
        self._end()
        return f"it had {count:,} processes at once, of {self._most:,} that it may have (limits.processes)"

    def _end(self) -> None:
        """End it at once: while its processes are looked for one by one, it would begin others."""
        import psutil

        assert self._family
        with suppress(ProcessLookupError, PermissionError):
            os.kill(self._family.root, signal.SIGKILL)  # with which its sandbox ends
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for process in self._family.members():
                with suppress(psutil.Error):
                    process.send_signal(number)

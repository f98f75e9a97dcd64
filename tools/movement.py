"""Whether a process tree still moves: output, processor time, input and output."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

CPU = 0.05
"""Share of one core below which a tree only waits, such as in a loop that sleeps and looks."""
IO = 16 << 10
"""Bytes per second below which its input and output do not count."""


class Movement:
    """Watches one process tree; `sample` is called about once a second.

    Args:
        clock: gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pid: int | None = None
        self._moved = self._at = clock()
        self._cpu, self._io = 0.0, 0

    def started(self, pid: int) -> None:
        """Begin with a process; all that descends from it counts."""
        self._pid = pid
        self._moved = self._at = self._clock()

    def line(self) -> None:
        """A line was printed."""
        self._moved = self._clock()

    @property
    def still_s(self) -> float:
        """Seconds since it last moved."""
        return self._clock() - self._moved

    def sample(self) -> None:
        """Look at the tree."""
        if self._pid is None:
            return
        cpu, io = _used(self._pid)
        now = self._clock()
        span = max(now - self._at, 1e-3)
        # What ended takes its share with it: a sum that fell says that something that worked has ended.
        if abs(cpu - self._cpu) > CPU * span or abs(io - self._io) > IO * span:
            self._moved = now
        self._at, self._cpu, self._io = now, cpu, io


def _used(pid: int) -> tuple[float, int]:
    """Processor seconds, and bytes read and written, of a tree; of ended children where they were waited for."""
    import psutil

    cpu, io = 0.0, 0
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.Error):
                times = process.cpu_times()
                cpu += times.user + times.system + times.children_user + times.children_system
                counters = process.io_counters()
                io += counters.read_chars + counters.write_chars
    return cpu, io

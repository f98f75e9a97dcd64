"""What a process tree uses while it runs: processor time and resident memory, sampled on a thread of its own."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

OFTEN_S = 0.005
RESTS = 9
"""How many times as long as it took to look it waits before it looks again: a tenth of one core at most."""


class Meter:
    """Samples the tree of one command, from its start on.

    ``peak_bytes`` is the larger of two: the largest sum of resident memory that the tree had at one moment that was
    looked at (pages that processes share count in each of them), and the high-water mark that the kernel keeps for
    each process alone, which also holds what was there between two looks. What the sandbox itself takes, some
    megabytes, is in it. ``cpu_s`` is user and system time of the tree as last seen; what a process used after the
    last look is not in it. ``peak_threads`` is the largest number of threads that the tree had at one moment that was
    looked at. A process that came and went between two looks is in none of them.

    Args:
        memory_limit: bytes of resident memory that the tree may have, see `too_much`.
    """

    def __init__(self, memory_limit: int | None = None) -> None:
        self.cpu_s = 0.0
        self.peak_bytes = 0
        self.peak_threads = 0
        self._limit = memory_limit
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def started(self, pid: int) -> None:
        """Begin with a process; all that descends from it counts."""
        self._thread = threading.Thread(target=self._watch, args=(pid,), name="meter", daemon=True)
        self._thread.start()

    def too_much(self) -> str | None:
        """Why the command is to be stopped, None while it is within the limit."""
        if self._limit is None or self.peak_bytes <= self._limit:
            return None
        return f"it used {self.peak_bytes / 2**30:.1f} GiB of memory, of {self._limit / 2**30:.1f} GiB that it may use"

    def __enter__(self) -> Meter:
        """Nothing is looked at before `started`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End with the command."""
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _watch(self, pid: int) -> None:
        import psutil

        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(pid)
            took = 0.0
            while not self._ended.wait(max(OFTEN_S, RESTS * took)):
                began = time.perf_counter()
                self._look(root)
                took = time.perf_counter() - began

    def _look(self, root: psutil.Process) -> None:
        import psutil

        cpu, resident, highest, threads = 0.0, 0, 0, 0
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.Error):
                times = process.cpu_times()
                cpu += times.user + times.system + times.children_user + times.children_system
                resident += process.memory_info().rss
                threads += process.num_threads()
                highest = max(highest, _high_water(process.pid))
        self.cpu_s = max(self.cpu_s, cpu)
        self.peak_bytes = max(self.peak_bytes, resident, highest)
        self.peak_threads = max(self.peak_threads, threads)


def _high_water(pid: int) -> int:
    """The most resident memory that a process ever had, in bytes; 0 where the kernel does not tell."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return 0


def free_memory() -> int:
    """Bytes that can be had without swapping, by the machine and by the control group that we run in."""
    import psutil

    free = int(psutil.virtual_memory().available)
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        free = min(free, int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return max(free, 0)

"""What a process tree uses while it runs, once a second: in a ring for those who watch it, in a file for the others."""

from __future__ import annotations

import json
import math
import shutil
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from tools.filesystem import write_atomic
from tools.meter import free_memory
from tools.process_tree import Family

SHARE = 0.01
"""Of one core, what looking may take: where a look costs more, the next one waits longer."""
KEPT = 600
"""Samples in the ring."""
SHOWN = 20
"""Processes of a tree that a sample names, the busiest."""
FILE_MOST = 8 << 20
"""Bytes of a file; beyond it, every second one of its samples is left out."""
SAMPLE_MOST = 4096
"""Bytes of one line, at most."""
READ = ("name", "status", "cpu_times", "memory_info", "io_counters", "num_threads", "num_fds")


class Sample(NamedTuple):
    """A process tree at one moment, and the machine that it runs on."""

    at: float
    """Unix time, in seconds."""
    seconds: float
    """Since its start."""
    cpu: float
    """Cores used since the sample before."""
    rss: int
    """Bytes of resident memory; pages that processes share count in each of them."""
    read: int
    """Bytes read in all, from files and pipes or into memory; without what a process that nobody waited for read."""
    written: int
    threads: int
    processes: int
    files: int
    """Open files."""
    status: str
    """Of the busiest process, in psutil's word."""
    machine_cpu: float
    """0 to 1, of all cores."""
    available: int
    """Bytes of memory that can be had, see `tools.meter.free_memory`."""
    disk_free: int
    """Bytes, where the command runs."""
    tree: tuple[tuple[int, str, float, int, int, str], ...]
    """(process id, name, cores used, resident bytes, threads, status), the busiest first."""


class _Used(NamedTuple):
    """What one process used up to now; of ended children where it waited for them."""

    own: float
    children: float
    read: int
    written: int


NOTHING = _Used(0.0, 0.0, 0, 0)


def samples_file(log: Path) -> Path:
    """Where the samples of the command lie that wrote this log."""
    return log.with_name(log.name + ".samples")


def assessment_file(samples: Path) -> Path:
    """Where the model's last judgement of the command lies whose samples these are, as JSON."""
    return samples.with_name(samples.name + ".watch")


class Sampler:
    """Samples the tree of one command on a thread of its own, from `started` to the end of the context.

    Args:
        file: gets a line of JSON a sample; none where it is None.
        every_s: seconds between two samples. They become more where one costs more than `SHARE` of that.
        folder: where the command runs, of which the free disk space is told.
    """

    def __init__(self, file: Path | None = None, every_s: float = 1.0, folder: Path | None = None) -> None:
        self.file = file
        self.folder = folder or Path()
        self.samples: deque[Sample] = deque(maxlen=KEPT)
        """The newest; read it with ``tuple(...)``."""
        self.pid: int | None = None
        """The root, once it was started."""
        self._every = every_s
        self._before: dict[int, _Used] = {}
        self._read = self._written = 0
        self.began = self._last = 0.0
        """By the monotonic clock."""
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def started(self, pid: int) -> None:
        """Begin with a process that was just started; all that descends from it counts."""
        self.pid = pid
        self.began = self._last = time.monotonic()
        self._thread = threading.Thread(target=self._sample, args=(pid,), name="sampler", daemon=True)
        self._thread.start()

    def __enter__(self) -> Sampler:
        """Nothing is looked at before `started`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End with the command."""
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _sample(self, pid: int) -> None:
        family: Family | None = None
        wait = 0.0
        while not self._ended.wait(wait):
            began, spent = time.monotonic(), time.thread_time()
            # Whatever goes wrong here is no matter of the command that runs.
            with suppress(Exception):
                family = family or Family(pid)
                if sample := self._look(family):
                    self.samples.append(sample)
                    self._write(sample)
            cost = time.thread_time() - spent
            wait = max(self._every - (time.monotonic() - began), cost * (1 / SHARE - 1))

    def _look(self, family: Family) -> Sample | None:
        """The tree as it is now; None where nothing of it lives."""
        import psutil

        found: dict[int, dict[str, Any]] = {}
        for process in family.members():
            with suppress(psutil.NoSuchProcess):
                found[process.pid] = process.as_dict(READ)
        now = time.monotonic()
        span = max(now - self._last, 1e-3)
        used = {pid: _used(facts) for pid, facts in found.items()}
        grown = {pid: _less(used[pid], self._before.get(pid, NOTHING)) for pid in used}
        # What ended children used is in their parents' sums, where those waited for them.
        gone = [self._before[pid] for pid in self._before.keys() - used.keys()]
        inherited = sum(one.children for one in grown.values()) - sum(one.own + one.children for one in gone)
        cpu = sum(one.own for one in grown.values()) + max(0.0, inherited)
        self._read += max(0, sum(one.read for one in grown.values()) - sum(one.read for one in gone))
        self._written += max(0, sum(one.written for one in grown.values()) - sum(one.written for one in gone))
        self._before, self._last = used, now
        if all(facts["status"] == psutil.STATUS_ZOMBIE for facts in found.values()):
            return None
        tree = sorted(
            (
                (
                    pid,
                    str(facts["name"]),
                    round(grown[pid].own / span, 3),
                    facts["memory_info"].rss if facts["memory_info"] else 0,
                    facts["num_threads"] or 0,
                    str(facts["status"]),
                )
                for pid, facts in found.items()
            ),
            key=lambda row: (-row[2], -row[3]),
        )
        return Sample(
            at=round(time.time(), 3),
            seconds=round(now - self.began, 3),
            cpu=round(cpu / span, 3),
            rss=sum(row[3] for row in tree),
            read=self._read,
            written=self._written,
            threads=sum(row[4] for row in tree),
            processes=len(tree),
            files=sum(facts["num_fds"] or 0 for facts in found.values()),
            status=tree[0][5],
            machine_cpu=round(psutil.cpu_percent() / 100, 3),
            available=free_memory(),
            disk_free=shutil.disk_usage(self.folder).free,
            tree=tuple(tree[:SHOWN]),
        )

    def _write(self, sample: Sample) -> None:
        if self.file is None:
            return
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(sample._asdict()) + "\n")
            size = file.tell()
        if size > FILE_MOST:
            write_atomic(self.file, "".join(self.file.read_text().splitlines(keepends=True)[1::2]))


def read_samples(file: Path, last: int = KEPT) -> list[Sample]:
    """The last samples of a file, the oldest first; none where there is no file. A torn line is left out."""
    try:
        with file.open("rb") as lines:
            lines.seek(max(0, lines.seek(0, 2) - last * SAMPLE_MOST))
            texts = lines.read().splitlines()[-last:]
    except FileNotFoundError:
        return []
    found = []
    for text in texts:
        with suppress(ValueError, TypeError, LookupError, RecursionError):
            facts = json.loads(text)
            found.append(Sample(**{**facts, "tree": tuple(map(tuple, facts["tree"]))}))
    return found


def _used(facts: dict[str, Any]) -> _Used:
    times, io = facts["cpu_times"], facts["io_counters"]
    own, children = (times.user + times.system, times.children_user + times.children_system) if times else (0.0, 0.0)
    # A file that is mapped into memory is read without a call that reads.
    read = max(io.read_chars, io.read_bytes) if io else 0
    return _Used(own, children, read, max(io.write_chars, io.write_bytes) if io else 0)


def _less(now: _Used, before: _Used) -> _Used:
    return _Used(
        now.own - before.own,
        now.children - before.children,
        max(0, now.read - before.read),
        max(0, now.written - before.written),
    )


def size(count: float) -> str:
    """Bytes in words, such as ``3.2 GiB``."""
    power = min(int(math.log2(max(count, 1))) // 10, 4)
    return f"{count / 1024**power:.{1 if power > 1 else 0}f} {('B', 'KiB', 'MiB', 'GiB', 'TiB')[power]}"

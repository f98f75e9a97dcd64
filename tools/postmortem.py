"""How a process ended, and what the machine was like: the evidence that a diagnosis is held to.

All of it is the operating system's: exit statuses and signals (POSIX), the system's own words for its errors
(``strerror``), the kernel's counters, the samples that were taken. What is known of no tool and of no backend.
"""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import signal as signals
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from tools import signs
from tools.filesystem import write_atomic
from tools.finished import FATAL, Finished
from tools.meter import free_memory
from tools.samples import Sample, size

BROKE = frozenset(getattr(signals, f"SIG{name}") for name in ("ABRT", "BUS", "FPE", "ILL", "SEGV", "SYS", "TRAP"))
"""Signals by which the system, or the program itself, ends a program that did something wrong."""
SystemSays = Literal["out_of_memory", "disk_full", "permission", "something_missing", "not_runnable", "busy", "timeout"]
WORDS: dict[int, SystemSays] = {
    errno.ENOMEM: "out_of_memory",
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.EROFS: "permission",
    errno.ENOENT: "something_missing",
    errno.ENOEXEC: "not_runnable",
    errno.EADDRINUSE: "busy",
    errno.EBUSY: "busy",
    errno.EAGAIN: "busy",
    errno.ETXTBSY: "busy",
    errno.ETIMEDOUT: "timeout",
}
"""The errors of the operating system (POSIX errno.h) that say what kind of trouble it is."""
LITTLE_DISK = 1 << 20
"""Bytes that are left where a disk counts as full."""
STILL_S = 20.0
"""Without movement for so long in the end, it was not busy when it was stopped; as `watch.still_s` is by default."""
ENDS = 1 << 18
"""Bytes of a log's beginning and of its end in which the system's words are looked for."""
COUNTED = ("/proc/vmstat", "/sys/fs/cgroup/memory.events")


@dataclass(frozen=True)
class Evidence:
    """What was seen of an end. Times are in seconds, sizes in bytes."""

    exit_status: int | None = None
    signal: int | None = None
    """That ended it, also where a shell reports it as 128 + signal."""
    timed_out: bool = False
    stopped: str | None = None
    """Why we stopped it, as the end of a sentence."""
    seconds: float = 0.0
    still: str | None = None
    """Where it did not move any more in the end: the sentence that says so."""
    will_not_fit: str | None = None
    """Where its memory grew beyond what there is, by its own slope."""
    oom_kills: int = 0
    """Processes that the kernel ended for want of memory meanwhile, on this machine or in our control group."""
    memory_limit: int | None = None
    peak_memory: int = 0
    free_memory: int = 0
    free_disk: dict[str, int] | None = None
    """Of the folders that it writes to, by their names."""
    core: str | None = None
    said: tuple[int, ...] = ()
    """Error numbers whose words stand in what it printed, in the system's language."""
    refused: str | None = None
    """It ended well, but what it gave cannot be right: why."""
    flooded: str | None = None
    """It was stopped because it printed more than can be kept: the sentence that says so."""
    request: str | None = None
    """It was never run, because what was asked for cannot be run: why."""
    prompt: str | None = None
    """The last words that it printed, without a line's end."""

    @property
    def beyond_its_end(self) -> list[str]:
        """The sentences that its exit status and its own words do not tell already."""
        told = [sentence for sentence in (self.still, self.will_not_fit) if sentence]
        if self.oom_kills:
            told.append(f"Meanwhile the kernel ended {self.oom_kills} processes for want of memory.")
        if self.memory_limit:
            told.append(f"It might use {size(self.memory_limit)} of memory; it used {size(self.peak_memory)}.")
        told += [f"The disk of {name} is full." for name, free in (self.free_disk or {}).items() if free < LITTLE_DISK]
        if self.core:
            told.append(f"It left a memory dump: {self.core}.")
        return told

    @property
    def in_words(self) -> list[str]:
        """A sentence for every fact that speaks."""
        told = []
        if self.signal is not None:
            told.append(f"It was ended by signal {self.signal} ({signal_name(self.signal)}).")
        elif self.exit_status:
            told.append(f"It ended with exit status {self.exit_status}.")
        if self.timed_out:
            told.append(f"It was stopped at its time limit, after {self.seconds:.0f} s.")
        elif self.stopped:
            told.append(f"It was stopped because {self.stopped}.")
        told += self.beyond_its_end
        if self.peak_memory and not self.memory_limit:
            told.append(f"It used {size(self.peak_memory)} of memory; {size(self.free_memory)} were free in the end.")
        told += [f"The system said: {os.strerror(code)}." for code in self.said]
        if self.refused:
            told.append(f"What it gave cannot be right: {self.refused}")
        if self.flooded:
            told.append(self.flooded)
        if self.request:
            told.append(f"It was not run: {self.request}")
        if self.prompt and (self.timed_out or self.stopped):
            told.append(f"The last that it printed is no whole line: {self.prompt!r}.")
        return told


def counted() -> int:
    """How many processes the kernel ended for want of memory so far; 0 where it does not tell."""
    most = 0
    for name in COUNTED:
        with suppress(OSError, ValueError):
            for line in Path(name).read_text().splitlines():
                if line.startswith("oom_kill "):
                    most = max(most, int(line.split()[1]))
    return most


def examined(
    finished: Finished, *, oom_before: int, began: float, writes: Iterable[Path] = (), **more: Any
) -> Evidence:
    """The evidence of a command that has ended just now.

    Args:
        finished: how it ended.
        oom_before: `counted` before it began.
        began: Unix time.
        writes: folders that it writes to, besides the one where it ran.
        more: fields that the caller knows better, such as of a process inside.
    """
    known: dict[str, Any] = {
        "exit_status": finished.exit_status,
        "signal": finished.killed_by if not finished.stopped else None,
        "timed_out": finished.timed_out,
        "stopped": finished.stopped,
        "seconds": finished.seconds,
        "oom_kills": counted() - oom_before,
        "memory_limit": _memory_limit(),
        "free_memory": free_memory(),
        "free_disk": {str(folder): free for folder in (finished.cwd, *writes) if (free := _free(folder)) is not None},
        "core": _core(finished.cwd, began),
        "said": said(finished.log),
        "prompt": _prompt(finished.log),
    }
    return Evidence(**{**known, **more})


def sampled(samples: Sequence[Sample]) -> dict[str, Any]:
    """What the samples of a command that has ended say of its end; fields of `Evidence`."""
    if not samples:
        return {}
    return {
        "still": signs.still(samples, STILL_S),
        "will_not_fit": signs.will_not_fit(samples),
        "peak_memory": max(sample.rss for sample in samples),
        "free_memory": min(sample.available for sample in samples[-signs.POINTS :]),
    }


def evidence_file(log: Path) -> Path:
    """Where the evidence of a command lies, beside its log."""
    return log.with_name(log.name + ".end.json")


def keep(seen: Evidence, log: Path) -> None:
    """Write the evidence beside the log."""
    write_atomic(evidence_file(log), json.dumps(asdict(seen), indent=2) + "\n")


def kept(log: str | Path | None) -> Evidence | None:
    """The evidence that lies beside a log; None where there is none."""
    if log is None or not evidence_file(Path(log)).exists():
        return None
    facts: Mapping[str, Any] = json.loads(evidence_file(Path(log)).read_text())
    return Evidence(**{**facts, "said": tuple(facts["said"])})


def signal_of(exit_status: int | None) -> int | None:
    """The signal that a shell's exit status tells of, if it does."""
    number = (exit_status or 0) - 128
    return number if number in FATAL | BROKE else None


def said(log: Path) -> tuple[int, ...]:
    """The errors whose words stand at the beginning or the end of a log; those of `WORDS`."""
    text = " ".join(_ends(log).split())
    found = [(text.rfind(os.strerror(code)), code) for code in WORDS]
    return tuple(code for place, code in sorted(found, reverse=True) if place >= 0)


def _memory_limit() -> int | None:
    """The address space that a command may have, in bytes; None where it is not limited."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _free(folder: Path) -> int | None:
    with suppress(OSError):
        return int(psutil.disk_usage(str(folder)).free)
    return None


def _core(folder: Path, began: float) -> str | None:
    """The memory dump that was left in a folder since a moment."""
    with suppress(OSError):
        pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
        if pattern.startswith("|"):
            return None
        place = Path(pattern) if "/" in pattern else folder / pattern
        for file in place.parent.glob(re.sub(r"%.", "*", place.name) + "*"):
            if file.stat().st_mtime >= began:
                return str(file)
    return None


def _ends(log: Path) -> str:
    with suppress(OSError), log.open("rb") as file:
        head = file.read(ENDS)
        file.seek(max(file.tell(), log.stat().st_size - ENDS))
        return (head + file.read(ENDS)).decode("utf-8", "replace")
    return ""


def _prompt(log: Path) -> str | None:
    last = _ends(log).rpartition("\n")[2].strip()
    return last[-120:] or None


def signal_name(number: int | None) -> str:
    """Such as ``SIGSEGV``."""
    try:
        return signals.Signals(number or 0).name
    except ValueError:
        return "no standard signal"

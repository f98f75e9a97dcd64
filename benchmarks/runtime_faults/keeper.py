"""Runs a command and lets nothing outlive it: ``python -P keeper.py JOB``, where JOB is a file of JSON.

What the command starts is handed to this process when its parent ends, in whatever session or group it is. Once the
command is over, what it left is counted and ended; so it is as soon as standard input ends, that is, as soon as
whoever started this process is gone.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

PR_SET_CHILD_SUBREAPER = 36
GRACE_S, SETTLE_S, POLL_S = 20.0, 3.0, 0.1


def main() -> None:
    """Run the job that the first argument names; its report is a file too."""
    job = json.loads(Path(sys.argv[1]).read_text())
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    gone = threading.Event()
    threading.Thread(target=lambda: (os.read(0, 1), gone.set()), daemon=True).start()
    group = Path(job["group"]["folder"]) if job["group"] else None
    if group:
        _make(group, job["group"]["bytes"])
    try:
        report = _run(job, gone)
    finally:
        _end(_descendants())
        if group:
            _remove(group)
    Path(job["report"]).write_text(json.dumps(report))


def _run(job: dict[str, Any], gone: threading.Event) -> dict[str, Any]:
    beside = subprocess.Popen(job["meanwhile"], stdin=subprocess.DEVNULL) if job["meanwhile"] else None
    for name in job["await"]:
        while not Path(name).exists() and not gone.is_set():
            time.sleep(POLL_S)
    began = time.monotonic()
    with Path(job["stdout"]).open("wb") as out, Path(job["stderr"]).open("wb") as err:
        resource.setrlimit(resource.RLIMIT_AS, (job["memory"], resource.getrlimit(resource.RLIMIT_AS)[1]))
        command = subprocess.Popen(
            job["argv"], cwd=job["cwd"], env=job["env"], stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
    stopped = _await(command, began + job["limit_s"], job["memory"], gone)
    if beside:
        _end([psutil.Process(beside.pid), *psutil.Process(beside.pid).children(recursive=True)])
    seconds, left = time.monotonic() - began, _descendants()
    while left and time.monotonic() < began + seconds + SETTLE_S:
        time.sleep(POLL_S)
        left = _descendants()
    status = command.poll()
    names = [_name(process) for process in left if process.pid != command.pid]
    if status is None or gone.is_set():
        names = []  # what it had no chance to end
    return {"status": status, "stopped": stopped, "seconds": seconds, "left": names}


def _await(command: subprocess.Popen[bytes], until: float, memory: int, gone: threading.Event) -> str | None:
    """Why the command had to be stopped; None where it ended."""
    why = None
    while command.poll() is None and why is None:
        time.sleep(POLL_S)
        if gone.is_set():
            return "nobody waits for it any more"
        if time.monotonic() > until:
            why = "it did not end in time"
        elif sum(map(_memory, _descendants())) > memory:
            why = "it took more memory than it may have"
    if why:
        command.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            command.wait(GRACE_S)
    return why


def _descendants() -> list[psutil.Process]:
    """What lives of all that was started here."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _end(processes: list[psutil.Process]) -> None:
    while processes:
        for process in processes:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(processes, timeout=1)
        processes = [one for other in processes for one in _and_children(other)]


def _and_children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        if process.status() != psutil.STATUS_ZOMBIE:
            return [process, *process.children(recursive=True)]
    return []


def _memory(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _name(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline()) or process.name()
    return "gone meanwhile"


def _make(group: Path, size: int) -> None:
    """A control group with so much memory, by the first or the second version of the interface."""
    group.mkdir()
    limits = {"memory.limit_in_bytes": size, "memory.max": size, "memory.swap.max": 0}
    for name, value in limits.items():
        if (group / name).exists():
            (group / name).write_text(str(value))


def _remove(group: Path) -> None:
    for _ in range(50):
        with suppress(OSError):
            group.rmdir()
            return
        time.sleep(POLL_S)


if __name__ == "__main__":
    main()

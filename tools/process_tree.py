"""A process with everything that descends from it: finding it again, and stopping all of it."""

from __future__ import annotations

import json
import signal as signals
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

COOKIE = "RIGIL_PROCESS"
"""A variable with a value of its own in every process started here, by which detached children are known."""
GRACE_S = 2.0
"""Between SIGTERM and SIGKILL."""
ROUNDS = 20


def _family(pid: int | None, token: str) -> list[psutil.Process]:
    """The process, what descends from it, and whatever carries its cookie though it was handed to init."""
    import psutil

    found: dict[int, psutil.Process] = {}
    if pid is not None:
        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(pid)
            found = {process.pid: process for process in (root, *root.children(recursive=True))}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid not in found and process.environ().get(COOKIE) == token:
                found[process.pid] = process
    return [process for process in found.values() if _alive(process)]


def alive(tokens: Collection[str]) -> dict[int, str]:
    """Process id -> cookie of all living processes that carry one of these cookies."""
    import psutil

    found = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            token = process.environ().get(COOKIE, "")
            if token in tokens and _alive(process):
                found[process.pid] = token
    return found


def _alive(process: psutil.Process) -> bool:
    import psutil

    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def stop_tree(pid: int | None, token: str) -> bool:
    """SIGTERM, then SIGKILL, to a whole process tree; True if anything was alive."""
    import psutil

    seen = False
    for number in (signals.SIGTERM, signals.SIGKILL):
        family = _family(pid, token)
        seen = seen or bool(family)
        for process in family:
            with suppress(psutil.Error):
                process.send_signal(number)
        until = time.monotonic() + GRACE_S
        while any(map(_alive, family)) and time.monotonic() < until:
            time.sleep(0.01)
    for _ in range(ROUNDS):
        # Children of what forks without end were not there yet when it was looked at.
        if not (family := _family(pid, token)):
            break
        for number in (signals.SIGSTOP, signals.SIGKILL):
            for process in family:
                with suppress(psutil.Error):
                    process.send_signal(number)
    return seen


def _pid_file(log: Path) -> Path:
    return log.with_name(log.name + ".pid")


def remember(log: Path, argv: Sequence[str], token: str, pid: int | None = None) -> None:
    """Note beside the log which process writes it; before it is started, only its cookie is known."""
    import psutil

    born = psutil.Process(pid).create_time() if pid else None
    path = _pid_file(log)
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps({"pid": pid, "create_time": born, "argv": list(argv), "token": token}))
    beside.replace(path)


def forget(log: Path) -> None:
    """Remove the note."""
    _pid_file(log).unlink(missing_ok=True)


def stop_leftover(log: Path) -> bool:
    """Stop what a run that was itself killed left running for this log; True if there was anything.

    The process is known by its id together with its start time, and by a variable in its environment,
    so that another that was given the same id since is left alone.
    """
    import psutil

    path = _pid_file(log)
    if not path.exists():
        return False
    record = json.loads(path.read_text())
    pid = record["pid"]
    if pid:
        with suppress(psutil.NoSuchProcess):
            if abs(psutil.Process(pid).create_time() - record["create_time"]) > 1:
                pid = None
    stopped = stop_tree(pid, record["token"])
    forget(log)
    return stopped


class Family:
    """The processes of one tree, looked at again and again at the cost of those that are new.

    A process belongs to it where its parent did when it was first seen, or where it carries the root's cookie: one that
    left its process group, its session or its parent is still counted. One that did so between two looks with an
    environment of its own is not.

    Attributes:
        root: the process id that was given.

    Args:
        pid: the root, which was just started.
    """

    def __init__(self, pid: int) -> None:
        import psutil

        self.root = pid
        # What has a smaller id was there before.
        self._others = {other for other in psutil.pids() if other < pid}
        self._members: dict[int, psutil.Process] = {}
        self._token = ""

    def members(self) -> list[psutil.Process]:
        """Those that are there now, zombies included."""
        import psutil

        there = set(psutil.pids())
        self._others &= there
        self._members = {pid: process for pid, process in self._members.items() if process.is_running()}
        new = {}
        for pid in there - self._others - self._members.keys():
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                new[pid] = (process, process.ppid())
        if self.root in new:
            self._members[self.root] = new.pop(self.root)[0]
            with suppress(psutil.Error):
                self._token = self._members[self.root].environ().get(COOKIE, "")
        for pid, (process, parent) in sorted(new.items()):
            if parent in self._members or self._carries(process):
                self._members[pid] = process
        # Where ids began anew, a child may have a smaller one than its parent.
        for pid, (process, parent) in new.items():
            if pid not in self._members and parent in self._members:
                self._members[pid] = process
        self._others |= new.keys() - self._members.keys()
        return list(self._members.values())

    def _carries(self, process: psutil.Process) -> bool:
        import psutil

        with suppress(psutil.Error):
            return bool(self._token) and process.environ().get(COOKIE) == self._token
        return False

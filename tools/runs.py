"""The store of runs: a folder each, with what it is, what it did, and who is at it."""

from __future__ import annotations

import builtins
import json
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from tools import run_facts
from tools.filesystem import write_atomic
from tools.logbook import JOURNAL, note

Status = Literal["running", "waiting", "verified", "partial", "escalated", "stopped", "unreachable"]
FINISHED = frozenset({"verified", "partial"})


class NoSuchRun(LookupError):
    """No run, or more than one, answers to the name given."""


class RunDamaged(NoSuchRun):
    """A run whose facts cannot be understood; the message names the file."""


class RunHeld(RuntimeError):
    """Another process is at the run or its workspace; the message says which and since when."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _facts(path: Path) -> dict[str, Any]:
    found = run_facts.read(path)
    if isinstance(found, str):
        raise RunDamaged(found)
    return found


class Run:
    """One run's folder. What ``run.json`` holds is read when the run is opened and after ``update``."""

    def __init__(self, folder: Path) -> None:
        """Read a run.

        Raises:
            RunDamaged: if its ``run.json`` cannot be understood.
        """
        self.folder = folder
        self.facts = _facts(folder / "run.json")

    @property
    def id(self) -> str:
        """Sortable by time of creation."""
        return self.folder.name

    @property
    def state(self) -> Path:
        """The state folder that the run lies in."""
        return self.folder.parent.parent

    @property
    def source(self) -> str:
        """The folder, git address or archive that was given."""
        return str(self.facts["source"])

    @property
    def name(self) -> str:
        """The backend's name."""
        return str(self.facts["name"])

    @property
    def model(self) -> str:
        """``provider:name``."""
        return str(self.facts["model"])

    @property
    def job(self) -> bool:
        """Whether it runs circuits on a backend, instead of bringing one up."""
        return bool(self.facts["settings"].get("job"))

    @property
    def status(self) -> Status:
        """Where the run stands."""
        status: Status = self.facts["status"]
        return status

    @property
    def exit_code(self) -> int | None:
        """What the command line ended with, None before."""
        code: int | None = self.facts["exit_code"]
        return code

    @property
    def going_on(self) -> bool:
        """Whether a process of this machine is at it, as far as its note says."""
        import psutil

        try:
            holder = _holder(self.folder / ".lock").read_text().split()
        except FileNotFoundError:
            return False
        return holder[1].isdigit() and psutil.pid_exists(int(holder[1]))

    @property
    def logs(self) -> Path:
        """Where the logs of its commands go."""
        return self.folder / "logs"

    @property
    def transcript(self) -> Path:
        """Every question to the model, with its answer."""
        return self.folder / "transcript.jsonl"

    @property
    def report(self) -> Path:
        """The page of plain text at the end."""
        return self.folder / "report.txt"

    @property
    def manifest(self) -> Path:
        """The tests that were discovered, as JSON."""
        return self.folder / "manifest.json"

    @property
    def junit(self) -> Path:
        """What the backend's own tests came to, as JUnit XML."""
        return self.folder / "junit.xml"

    @property
    def workspace(self) -> Path:
        """The backend's working copy, shared by all runs of that name."""
        return self.state / "workspaces" / self.name

    def update(self, **facts: Any) -> None:
        """Change facts in ``run.json``, such as ``status`` and ``exit_code``, all or nothing.

        What another object of this run changed since is kept.
        """
        known = _facts(self.folder / "run.json")
        self.facts = {**known, **facts, "updated": _now()}
        write_atomic(self.folder / "run.json", json.dumps(self.facts, indent=2) + "\n")

    def record(self, step: str, text: str, **facts: Any) -> None:
        """Add one line to the journal; facts are plain JSON."""
        note(self.folder, step, text, facts)

    def journal(self) -> list[dict[str, Any]]:
        """The journal's lines in order, without one that a crash tore."""
        path = self.folder / JOURNAL
        if not path.exists():
            return []
        lines = []
        for line in path.read_text(errors="replace").split("\n"):
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict) and all(isinstance(found.get(key), str) for key in ("time", "step", "text")):
                lines.append(found)
        return lines

    def alone(self) -> AbstractContextManager[None]:
        """Hold the run without its workspace.

        Raises:
            RunHeld: if another process holds it.
        """
        return _held(self.folder / ".lock", f"run {self.id}")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run and, unless it is a job, its workspace; freed also when the process dies.

        Raises:
            RunHeld: if another process holds one of them.
        """
        self.workspace.parent.mkdir(parents=True, exist_ok=True)
        workspace = nullcontext() if self.job else held_workspace(self.workspace)
        with self.alone(), workspace:
            yield


def held_workspace(workspace: Path) -> AbstractContextManager[None]:
    """Hold a workspace.

    Raises:
        RunHeld: if another process holds it.
    """
    return _held(workspace.with_name(f".{workspace.name}.lock"), f"workspace {workspace.name}")


def _holder(lock: Path) -> Path:
    """Says who holds a lock."""
    return lock.with_suffix(".holder")


@contextmanager
def _held(path: Path, what: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    holder = _holder(path)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        who = holder.read_text() if holder.exists() else "another process"
        raise RunHeld(f"The {what} is held by {who}.") from error
    try:
        write_atomic(holder, f"process {os.getpid()} since {_now()}")
        yield
        holder.unlink(missing_ok=True)
    finally:
        lock.release()


class Runs:
    """All runs under a state folder."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "runs"

    def create(self, source: str, name: str, model: str, **settings: Any) -> Run:
        """Begin a run.

        Args:
            source: what is brought up.
            name: the backend's name; letters, digits, ``.``, ``_`` and ``-``.
            model: ``provider:name``.
            settings: anything else to keep with it, plain JSON.

        Raises:
            ValueError: if the name would not do as a folder's name.
        """
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", name):
            raise ValueError(f"{name!r} will not do as a name: use letters, digits, '.', '_' and '-'.")
        folder = self._new_folder()
        (folder / "logs").mkdir()
        facts = {
            "source": source,
            "name": name,
            "model": model,
            "settings": settings,
            "status": "running",
            "exit_code": None,
            "created": _now(),
        }
        write_atomic(folder / "run.json", json.dumps(facts, indent=2) + "\n")
        return Run(folder)

    def _new_folder(self) -> Path:
        # The last four digits count a second's 65536ths, so that names sort as the runs began.
        self.folder.mkdir(parents=True, exist_ok=True)
        while True:
            now = datetime.now(UTC)
            folder = self.folder / f"{now:%Y%m%d-%H%M%S}-{now.microsecond * 65536 // 1_000_000:04x}"
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder

    def open(self, run_id: str) -> Run:
        """The run of that id, or of the only id that begins or ends so.

        Raises:
            NoSuchRun: if none or several do.
        """
        ids = self._ids()
        found = [run_id] if run_id in ids else [i for i in ids if i.startswith(run_id) or i.endswith(run_id)]
        if len(found) != 1 or not run_id:
            several = f"{len(found)} runs are called" if found else "There is no run"
            raise NoSuchRun(f"{several} {run_id!r}; `rigil runs` lists them.")
        return Run(self.folder / found[0])

    def latest(self, *, unfinished: bool = True) -> Run | None:
        """The newest run, by default of those that can be resumed."""
        for run in reversed(self.list()):
            if not unfinished or run.status not in FINISHED:
                return run
        return None

    def list(self) -> builtins.list[Run]:
        """All runs, oldest first, but those that are damaged or were just removed."""
        found = []
        for run_id in self._ids():
            with suppress(RunDamaged, FileNotFoundError):
                found.append(Run(self.folder / run_id))
        return found

    def _ids(self) -> builtins.list[str]:
        # A crash between the two leaves a folder without run.json: it never began.
        return sorted(path.parent.name for path in self.folder.glob("*/run.json"))

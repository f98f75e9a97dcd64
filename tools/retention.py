"""Removes what finished runs left behind, beyond the number that is kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from tools.filesystem import remove_tree
from tools.runs import FINISHED, NoSuchRun, Run, RunHeld, Runs, held_workspace

AFTERWARDS_S = 60.0
"""A file that changed so long after its run's last word was written by somebody else, and stays."""


LOCK = ".lock"
"""How the names begin of what says who is at a run, which is written now."""


def removable(runs: Runs, keep: int) -> list[Run]:
    """The finished runs beyond the newest ``keep``, oldest first. The newest of each backend stays in any case."""
    found = runs.list()
    newest = {run.name: run.id for run in found}
    finished = [run for run in found if run.status in FINISHED]
    return [run for run in finished[: max(len(finished) - keep, 0)] if newest[run.name] != run.id]


def clean(runs: Runs, keep: int, forget: Callable[[str], None]) -> list[str]:
    """Remove those runs with their logs and checkpoints; returns the ids of what was removed.

    A run that waits, was stopped or is held by a process stays, and so do workspaces and recipes.

    Args:
        runs: of a state folder.
        keep: finished runs that stay.
        forget: removes the checkpoints of a thread.
    """
    removed = []
    for run in removable(runs, keep):
        # Somebody else may clean at the same time, or resume the run.
        with suppress(RunHeld, FileNotFoundError), run.alone():
            if Run(run.folder).status in FINISHED:
                forget(str(run.facts["settings"].get("thread") or run.id))
                _remove(run.folder)
                removed.append(run.id)
    return removed


def clear(runs: Runs, name: str, forget: Callable[[str], None]) -> list[str]:
    """Remove all that the runs of a backend made, however they ended: its workspace, their logs and checkpoints.

    The recipe stays: it is what builds the backend again, and says what was installed on the machine.

    Args:
        runs: of a state folder.
        name: the backend's.
        forget: removes the checkpoints of a thread.

    Returns:
        The ids of the runs that were removed.

    Raises:
        RunHeld: if a process is at one of them or at the workspace; then nothing was removed.
        OSError: if something in the workspace cannot be removed; what could is gone, the runs are not.
        NoSuchRun: if there is none of that name.
    """
    found = [run for run in runs.list() if run.name == name]
    if not found:
        raise NoSuchRun(f"There is no run of {name!r}; `rigil runs` lists them.")
    with ExitStack() as held:
        for run in found:
            held.enter_context(run.alone())
        workspace = found[-1].workspace
        held.enter_context(held_workspace(workspace))
        remove_tree(workspace)
        for run in found:
            forget(str(run.facts["settings"].get("thread") or run.id))
            _remove(run.folder)
    return [run.id for run in found]


def _remove(folder: Path) -> None:
    """Remove a run's folder but what was written into it after the run ended."""
    facts = folder / "run.json"
    ended = facts.stat().st_mtime
    facts.unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.lstat().st_mtime <= ended + AFTERWARDS_S and not path.name.startswith(LOCK):
            path.unlink(missing_ok=True)
    if all(path.name.startswith(LOCK) for path in folder.iterdir()):
        shutil.rmtree(folder)

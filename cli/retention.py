"""`rigil runs clean`."""

from __future__ import annotations

from configs.settings import load_settings, state_folder
from tools.retention import clean
from tools.runs import Runs


def clean_runs(keep: int | None) -> int:
    """Remove the oldest finished runs and give the room of their checkpoints back; returns the exit code."""
    from graph.checkpoints import open_checkpoints

    keep = load_settings().keep.runs if keep is None else keep
    if not state_folder().exists():
        print("There is nothing to remove.")
        return 0
    with open_checkpoints(print) as saver:
        removed = clean(Runs(state_folder()), keep, saver.delete_thread)
        saver.conn.commit()
        saver.conn.execute("VACUUM")
    print(f"{len(removed)} removed, {len(Runs(state_folder()).list())} left.")
    return 0

"""`rigil runs clean`."""

from __future__ import annotations

import sys
from pathlib import Path

from cli.visible import tell
from configs.settings import load_settings, state_folder
from tools.proxima import ProximaError, backends
from tools.recipe import Recipe, RecipeDamaged
from tools.retention import clean, clear
from tools.runs import NoSuchRun, RunHeld, Runs


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


def clear_backend(name: str) -> int:
    """Remove all that was made for a backend but its recipe; returns the exit code.

    One that is in the home of ProximA that it was last registered in stays.
    """
    from graph.checkpoints import open_checkpoints

    try:
        recipe = Recipe.load(state_folder(), name)
        known = recipe.get("registration") or {}
        if known and known["name"] in backends(Path(known["home"])):
            how = f"`rigil backends remove {name}`"
            return _refused(f"{name} is in use: take it out of {known['home']} first, by {how}.")
        if not state_folder().exists():
            raise NoSuchRun(f"There is no run of {name!r}; `rigil runs` lists them.")
        with open_checkpoints(print) as saver:
            removed = clear(Runs(state_folder()), name, saver.delete_thread)
            saver.conn.commit()
            saver.conn.execute("VACUUM")
    except (NoSuchRun, RunHeld, RecipeDamaged, ProximaError, OSError) as error:
        return _refused(error)
    tell(f"{len(removed)} runs of {name} and its workspace are removed; its recipe stays: {recipe.path}")
    for fix in recipe.get("fixes") or []:
        if fix["kind"] == "install":
            tell(f"on the machine stays {fix['package']}, which `{fix['command']}` installed")
    return 0


def _refused(why: object) -> int:
    tell(f"rigil: {why}", file=sys.stderr)
    return 1

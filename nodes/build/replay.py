"""Builds once more from an untouched copy where the build was mended: what only works by leftovers is no success."""

from __future__ import annotations

import shutil
from typing import Any

from graph.state import State
from nodes.build.compile import commands_of, ensure_python, run_commands
from nodes.build.inspect import find_products, product_hashes
from nodes.build.plan import load_plan, save_plan
from nodes.build.source import anew
from nodes.grants import may_use_network
from nodes.recovery.actions import NEVER, REFUSED
from nodes.session import Session, StepFailed
from nodes.step import step
from tools.filesystem import files, write_atomic

MENDED = "build.compile"


@step("build")
def replay(session: Session, state: State) -> str:
    """Replay the recipe on the untouched source with a new Python, without the model, if something was mended.

    The replay is in place, because builds write their own path into what they make. What a recovery installed on the
    machine stays; what it put into the workspace is done again. A replay that fails is a failure of the build, and so
    is one whose negative control succeeds: what the commands make has to need the source.
    """
    plan = load_plan(session)
    if not _mended(session, state, plan):
        settled = "nothing was mended, so the build is its own replay"
    elif (key := _key(session, plan)) == session.recipe.get("replayed"):
        settled = "replayed before from an untouched copy"
    else:
        seconds = _again(session, plan)
        session.recipe.put("replayed", key, "exit status 0 of every command on an untouched copy, and products")
        settled = f"built again from an untouched copy in {seconds:.1f} s, with what was mended and nothing left over"
    session.recipe.forget("complaint")
    save_plan(session, {**plan, "strategy": None}, "exit status 0 of every command, products and a clean replay")
    return settled


def _mended(session: Session, state: State, plan: dict[str, Any]) -> bool:
    """Whether a recovery did anything for the build, in this run or in one before that never came here."""
    tried = (attempt for attempt in state.get("attempts", []) if attempt["step"] == MENDED)
    stated = session.recipe.get("survey")["commands"]
    changed = [plan["configure"], plan["build"]] != [stated["configure"], stated["build"]]
    kept = session.recipe.get("edits") or session.recipe.get("variables") or _fixes(session)
    return bool(kept) or changed or any(not attempt["outcome"].startswith((REFUSED, NEVER)) for attempt in tried)


def _key(session: Session, plan: dict[str, Any]) -> dict[str, Any]:
    """What a replay depends on."""
    return {
        "source": session.recipe.source_sha256,
        "commands": [plan["configure"], plan["build"]],
        "fixes": [fix["text"] for fix in _fixes(session)],
        "variables": session.recipe.get("variables"),
        "edits": session.recipe.get("edits"),
    }


def _fixes(session: Session) -> list[dict[str, Any]]:
    return [fix for fix in session.recipe.get("fixes") or [] if fix["step"] == MENDED]


def _bare(session: Session) -> None:
    """The source with the recipe's edits and a new Python, and nothing else."""
    anew(session)
    shutil.rmtree(session.shell.workspace / "python", ignore_errors=True)
    session.recipe.forget("python_files")
    ensure_python(session)


def _needs_no_source(session: Session, plan: dict[str, Any]) -> bool:
    """The negative control: whether the commands make the very same from sources that are all empty."""
    made = session.recipe.get("product_hashes")
    _bare(session)
    for path in files(session.tree):
        if not path.is_symlink():
            write_atomic(path, b"")
    try:
        _run(session, plan, "control")
        return bool(made) and product_hashes(session) == made
    except StepFailed:
        return False
    finally:
        _bare(session)


def _run(session: Session, plan: dict[str, Any], name: str) -> float:
    """Do again what recovery ran, then the plan's commands.

    Raises:
        StepFailed: if one of them does not end with exit status 0.
    """
    network = may_use_network(session, MENDED)
    for fix in _fixes(session):
        if fix["kind"] == "command":
            reaches = network or bool(fix.get("network"))
            finished = session.command(fix["command"], name=name, network=reaches, packages=True)
            if not finished.ok:
                raise StepFailed(f"`{fix['command']}` failed. {finished.in_words}", finished, fix["command"])
    return run_commands(session, commands_of({**plan, "strategy": "clean"}), name=name, watching=False)


def _again(session: Session, plan: dict[str, Any]) -> float:
    session.show("  replay from an untouched copy")
    if _needs_no_source(session, plan):
        what = "The commands make the very same where all sources are empty: it is not built from this source."
        raise StepFailed(what, command=commands_of({**plan, "strategy": "clean"})[-1], step=MENDED)
    try:
        seconds = _run(session, plan, "replay")
    except StepFailed as failed:
        failed.what, failed.step = f"In the replay from an untouched copy {failed.what}", MENDED
        raise
    made = find_products(session)
    before = session.recipe.get("products")
    if not any(made.values()):
        raise StepFailed("The replay from an untouched copy made no program, module or library.", step=MENDED)
    if made != before:
        session.recipe.put("products", made, "each is a file that the replay made, executable or importable")
    return seconds

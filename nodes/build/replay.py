"""Builds once more from an untouched copy where the build was mended: what only works by leftovers is no success."""

from __future__ import annotations

import shutil
from typing import Any

from graph.state import State
from nodes.build.compile import commands_of, ensure_python, run_commands
from nodes.build.inspect import find_products
from nodes.build.plan import load_plan, save_plan
from nodes.build.source import anew
from nodes.grants import may_use_network
from nodes.recovery.actions import REFUSED
from nodes.session import Session, StepFailed
from nodes.step import step
from tools.filesystem import files, sha256, snapshot

MENDED = "build.compile"


@step("build")
def replay(session: Session, state: State) -> str:
    """Replay the recipe on the untouched source with a new Python, without the model, if something was mended.

    The replay is in place, because builds write their own path into what they make. What a recovery installed on the
    machine stays; what it put into the workspace is done again. A replay that fails is a failure of the build, and so
    is one whose negative control succeeds: what the commands make has to need the source.
    """
    plan = load_plan(session)
    mended = [
        attempt for attempt in state.get("attempts", []) if attempt["step"] == MENDED and attempt["outcome"] != REFUSED
    ]
    if not mended:
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
    made = _contents(session)
    _bare(session)
    for path in files(session.tree):
        if not path.is_symlink():
            path.write_bytes(b"")
    try:
        run_commands(session, commands_of({**plan, "strategy": "clean"}), name="control", watching=False)
    except StepFailed:
        return False
    return _contents(session) == made


def _contents(session: Session) -> dict[str, str]:
    """The hashes of what was made: the programs' files, and the files of the modules."""
    made, home = find_products(session), session.shell.workspace / "python"
    places = [folder / name for name in made["programs"] for folder in (session.tree, home / "bin")]
    found = {path.name: sha256(path) for path in places if path.is_file()}
    for name, state in snapshot(home, hashes=True).items():
        if state.sha256 and any(f"/site-packages/{module}" in name for module in made["modules"]):
            found[name] = state.sha256
    return found


def _again(session: Session, plan: dict[str, Any]) -> float:
    session.show("  replay from an untouched copy")
    if _needs_no_source(session, plan):
        what = "The commands make the very same where all sources are empty: it is not built from this source."
        raise StepFailed(what, command=commands_of({**plan, "strategy": "clean"})[-1], step=MENDED)
    _bare(session)
    network = may_use_network(session, MENDED)
    for fix in _fixes(session):
        if fix["kind"] != "command":
            continue
        finished = session.command(fix["command"], name="replay", network=network or bool(fix.get("network")))
        if not finished.ok:
            what = f"`{fix['command']}` failed in the replay. {finished.in_words}"
            raise StepFailed(what, finished, fix["command"], step=MENDED)
    try:
        seconds = run_commands(session, commands_of({**plan, "strategy": "clean"}), name="replay", watching=False)
    except StepFailed as failed:
        failed.what, failed.step = f"In the replay from an untouched copy {failed.what}", MENDED
        raise
    made = find_products(session)
    before = session.recipe.get("products")
    if not made["programs"] and not made["modules"]:
        raise StepFailed("The replay from an untouched copy made no program and no module.", step=MENDED)
    if made != before:
        session.recipe.put("products", made, "each is a file that the replay made, executable or importable")
    return seconds

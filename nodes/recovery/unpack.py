"""Packages without root: downloaded, unpacked into the workspace, and laid over the machine's folders for the build."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graph.state import Attempt, Failure
from models.errors import Rejected
from nodes.grants import NO_HOST, answered, hosts_to_ask
from nodes.recovery.answers import Unpacking
from nodes.recovery.packages import KEPT, package_manager, system
from nodes.session import Session
from tools.documents import shell_accepts
from tools.excerpts import tail
from tools.filesystem import write_atomic
from tools.overlay import PACKAGES, brings, lacking, unpacked
from tools.sandbox import lays_over

STEP = "build.compile"
FOLDER = "$PREFIX"
LOAD_S = 60
"""Seconds in which a product has to be loaded."""
ONLY_UNPACKED = "only unpacked for the build"
"""What a failure says where what was built needs, when it runs, what a package of these has."""


def command_for(session: Session, failure: Failure, package: str) -> str | None:
    """The command that unpacks a package of the machine's index; None where it is none, or was tried in vain here."""
    if failure["step"] != STEP or not lays_over():
        return None
    manager = package_manager(session)
    if "unpack" not in manager:
        manager = {**manager, "unpack": _asked(session, manager["install"])}
        _keep(session, manager)
    return manager["unpack"].replace("{package}", shlex.quote(package)) or None


def _asked(session: Session, install: str) -> str:
    """How this machine unpacks a package without root; whether it does is seen when the first one is."""

    def stands(answer: Unpacking) -> str | None:
        if not answer.command:
            return None
        missing = [part for part in ("{package}", FOLDER) if part not in answer.command]
        if missing:
            return f"`{answer.command}` does not hold {missing[0]}."
        return None if shell_accepts(answer.command) else f"`{answer.command}` is no command that the shell accepts."

    try:
        return session.ask("unpack_package", Unpacking, oracles=[stands], system=system(), install=install).command
    except Rejected as error:
        session.say(f"  {error}", step="recovery.propose")
        return ""


def _keep(session: Session, manager: Mapping[str, str]) -> None:
    write_atomic(session.run.state / KEPT, json.dumps(manager, indent=2) + "\n")


def variables(session: Session) -> dict[str, str]:
    """What the command is given beyond the usual."""
    return {FOLDER.removeprefix("$"): str(folder(session) / "root")}


def folder(session: Session) -> Path:
    """Where the command runs."""
    return session.shell.workspace / "tmp" / "unpacking"


def do(session: Session, action: Mapping[str, Any]) -> str:
    """Unpack one package; returns what went wrong, or nothing.

    It is taken over only as a whole: what it holds has to have a place on the machine, and its links have to lead
    somewhere, since nothing that it depends on comes with it.
    """
    if not lays_over():
        return "it failed: nothing can be laid over this machine's folders"
    staging, workspace = folder(session), session.shell.workspace
    shutil.rmtree(staging, ignore_errors=True)
    root = staging / "root"
    root.mkdir(parents=True)
    finished = session.command(
        action["command"], name="unpack", cwd=staging, network=True, variables=variables(session)
    )
    if not finished.ok or not brings(root):
        if hosts := hosts_to_ask(session, str(finished.log)):
            return f"{NO_HOST}{hosts[0]}"
        _keep(session, {**package_manager(session), "unpack": ""})  # no other package is tried in this way
        why = "" if finished.ok else f"{finished.in_words} {tail(finished.log, 3)[-300:]}"
        return f"it failed: {why or 'nothing was unpacked that has a place on this machine'}"
    if needs := lacking(root, workspace):
        return f"it failed: {needs}"
    place = _place(session, action["package"])
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(exist_ok=True)
    root.rename(place)
    shutil.rmtree(staging, ignore_errors=True)
    return ""


def remove(session: Session, package: str) -> None:
    """Let a package be no longer laid over the machine's folders."""
    shutil.rmtree(_place(session, package), ignore_errors=True)


def _place(session: Session, package: str) -> Path:
    # Without anything that has a meaning in an option of mount(8).
    return session.shell.workspace / PACKAGES / re.sub(r"[^A-Za-z0-9._+-]", "_", package)


def installed_instead(session: Session, failure: Failure, mine: Sequence[Attempt]) -> Mapping[str, Any] | None:
    """The installation of a package on the machine, where having it unpacked could not be done or is not enough."""
    installed = {done["action"]["package"] for done in mine if done["action"]["kind"] == "install"}
    for attempt in reversed(mine):
        action, outcome = attempt["action"], attempt["outcome"]
        if action["kind"] != "unpack" or action["package"] in installed:
            continue
        host = outcome.removeprefix(NO_HOST) if outcome.startswith(NO_HOST) else ""
        ran = not outcome or outcome.startswith(("then", "the step"))
        in_vain = attempt is mine[-1] and not ran and (not host or answered(session, host))
        if in_vain or (ONLY_UNPACKED in failure["what"] and _place(session, action["package"]).is_dir()):
            kept = {key: action[key] for key in ("package", "missing")}
            return {"kind": "install", **kept, "command": action["install"]}
    return None


def needed_to_run(session: Session, made: Mapping[str, Sequence[str]]) -> str | None:
    """Why what was built needs more than the machine has when it runs, None where it does not.

    Packages that were unpacked are there for the build alone: whoever runs its products does not see them. A program's
    libraries are told by the dynamic loader (ld.so(8), LD_TRACE_LOADED_OBJECTS), a module or library is loaded with
    and without the packages.
    """
    workspace, tree = session.shell.workspace, session.tree
    if not (names := [path.name for path in unpacked(workspace)]):
        return None
    python = str(workspace / "python" / "bin" / "python")
    loading = [(name, f"import {name}") for name in made["modules"]]
    loading += [(name, f"import ctypes; ctypes.CDLL({str(tree / name)!r})") for name in made["libraries"]]
    for name, statement in loading:
        argv = [python, "-c", statement]
        seen = [session.command(argv, name="load", packages=laid, timeout_s=LOAD_S).ok for laid in (False, True)]
        if seen == [False, True]:
            return f"{name} cannot be loaded without what is {ONLY_UNPACKED}: {', '.join(names)}."
    for name in made["programs"]:
        places = (tree / name, workspace / "python" / "bin" / name)
        path = next((place for place in places if place.is_file()), None)
        if path is None or not _linked(path):
            continue
        # Set by a shell within the sandbox, which is started by programs that the loader would tell of instead.
        command = f"LD_TRACE_LOADED_OBJECTS=1 {shlex.quote(str(path))}"
        finished = session.command(command, name="load", packages=True, timeout_s=LOAD_S)
        for word in finished.log.read_text(errors="replace").split():
            if word.startswith("/") and (holder := _holder(workspace, word)) and not Path(word).exists():
                return f"{name} loads {word} when it runs, which is {ONLY_UNPACKED}: {holder}."
    return None


def _linked(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _holder(workspace: Path, name: str) -> str | None:
    """The unpacked package that has a file of the machine."""
    real = Path(name).resolve()
    return next((package.name for package in unpacked(workspace) if Path(f"{package}{real}").exists()), None)

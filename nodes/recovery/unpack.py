"""Packages without root: downloaded, unpacked into the workspace, and laid over the machine's folders for the build."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from graph.state import Attempt, Failure
from models.errors import Rejected
from nodes.grants import NO_HOST, answered, hosts_to_ask
from nodes.recovery.answers import Unpacking
from nodes.recovery.packages import KEPT, package_manager, package_manager_known, system
from nodes.session import Session
from tools.documents import shell_accepts
from tools.excerpts import tail
from tools.filesystem import remove_tree, write_atomic
from tools.overlay import NAME, PACKAGES, brings, lacking, unpacked
from tools.sandbox import kept_back, lays_over

STEP = "build.compile"
FOLDER = "$PREFIX"
LOAD_S = 60
"""Seconds in which a product has to be loaded."""
ONLY_UNPACKED = "only unpacked for the build"
"""What a failure says where what was built needs, when it runs, what a package of these has."""


def command_for(session: Session, failure: Failure, package: str) -> str | None:
    """The command that unpacks a package of the machine's index; None where it is none, or was tried in vain here."""
    if failure["step"] != STEP or not NAME.fullmatch(package) or not lays_over():
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
    """Where the command runs, and what it alone may write of the packages' folder: no build can put a link there."""
    return session.shell.workspace / PACKAGES / ".unpacking"


def do(session: Session, action: Mapping[str, Any]) -> str:
    """Unpack one package; returns what went wrong, or nothing.

    It is taken over only as a whole: what it holds has to have a place on the machine, its links have to lead
    somewhere, since nothing that it depends on comes with it, and a command has to run with it laid over.
    """
    if not lays_over():
        return "it failed: nothing can be laid over this machine's folders"
    staging = folder(session)
    try:
        if staging.is_symlink():
            staging.unlink()
        remove_tree(staging)
        (staging / "root").mkdir(parents=True)
        return _unpacked(session, action, staging) or _taken(session, action["package"], staging / "root")
    except OSError as error:
        return f"it failed: {error}"
    finally:
        with suppress(OSError):
            remove_tree(staging)


def _unpacked(session: Session, action: Mapping[str, Any], staging: Path) -> str:
    finished = session.command(
        action["command"], name="unpack", cwd=staging, network=True, filling=staging, variables=variables(session)
    )
    if finished.ok and brings(staging / "root", kept_back()):
        return ""
    if hosts := hosts_to_ask(session, str(finished.log)):
        return f"{NO_HOST}{hosts[0]}"
    _keep(session, {**package_manager(session), "unpack": ""})  # no other package is tried in this way
    why = "" if finished.ok else f"{finished.in_words} {tail(finished.log, 3)[-300:]}"
    return f"it failed: {why or 'nothing was unpacked that has a place on this machine'}"


def _taken(session: Session, package: str, root: Path) -> str:
    if needs := lacking(root, session.shell.workspace):
        return f"it failed: {needs}"
    place = _place(session, package)
    remove_tree(place)
    root.chmod(0o755)
    root.rename(place)
    if (tried := session.command(["true"], name="laid", packages=True)).ok:
        return ""
    remove_tree(place)
    return f"it failed: it cannot be laid over this machine's folders. {tail(tried.log, 1)}"


def remove(session: Session, package: str) -> None:
    """Let a package be no longer laid over the machine's folders."""
    if NAME.fullmatch(package):
        remove_tree(_place(session, package))


def _place(session: Session, package: str) -> Path:
    return session.shell.workspace / PACKAGES / package


def installed_instead(session: Session, failure: Failure, mine: Sequence[Attempt]) -> Mapping[str, Any] | None:
    """The installation of a package on the machine, where having it unpacked could not be done or is not enough."""
    installed = {done["action"].get("package") for done in mine if done["action"]["kind"] == "install"}
    if ONLY_UNPACKED in failure["what"] and (install := package_manager_known(session).get("install")):
        named = failure["what"].rpartition(f"{ONLY_UNPACKED}: ")[2].removesuffix(".").split(", ")
        for package in (path.name for path in unpacked(session.shell.workspace)):
            if package in named and package not in installed:
                return {**_installing(package), "command": install.replace("{package}", shlex.quote(package))}
    last = mine[-1] if mine else None
    if not last or last["action"]["kind"] != "unpack" or last["action"]["package"] in installed:
        return None
    host = last["outcome"].removeprefix(NO_HOST) if last["outcome"].startswith(NO_HOST) else ""
    if not last["outcome"].startswith("it failed") or (host and not answered(session, host)):
        return None
    return {**_installing(last["action"]["package"]), "command": last["action"]["install"]}


def _installing(package: str) -> dict[str, str]:
    return {"kind": "install", "package": package, "missing": package}


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

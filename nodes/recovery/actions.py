"""What recovery can do: each kind of action, what it may touch, how it is carried out and taken back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from configs.settings import SettingsError
from nodes.build.plan import load_plan, made_by_build, remove_made, save_plan
from nodes.build.source import add_edit, drop_edit
from nodes.grants import NO_HOST, grant_network, hosts_to_ask, may_use_network
from nodes.recovery import for_jobs, unpack
from nodes.recovery.facts import refused
from nodes.session import Session
from tools.edits import EditRefused
from tools.excerpts import tail
from tools.sandbox import Permit
from tools.settings_file import add_host

PAUSE_S = 5.0
REFUSED = "not permitted by the person"
NEVER = "never allowed, whoever says yes"
NO_NETWORK = "it failed: it tried to use the network, and it had none"

Action = dict[str, Any]
"""``kind``, ``text`` (what the person is told), ``step`` (what it shall mend), ``seen`` (the line of failure that it is
for), ``risk``, ``chance``, ``changes``, for a job ``against`` (the signature of the failure), and

    network    the failed step's commands may use the network
    host       commands that may use the network may reach ``host``, with ``always`` in all runs that come
    install    ``package``, ``command``, and ``missing``, what it was searched by
    unpack     the same in the workspace, for the build alone; ``install`` is the command that installs it
    command    ``command`` runs once before the failed step, with the network if ``network`` is true, and may reach
               ``host`` then; ``restores`` is a command that a replacement took the place of and that comes back
    replace    ``new`` takes the place of ``old`` among the step's commands
    variable   ``name`` and ``value`` in the environment of every command
    edit       ``edit``, see `tools.edits`
    omit       ``old`` is no longer one of the build's commands; ``before`` are the plan's lists with it
    clean      what the build made is removed
    wait       nothing

and those of a job, see `nodes.recovery.for_jobs`.
"""


def permit_of(session: Session, action: Mapping[str, Any]) -> Permit:
    """What an action may touch: installing goes to the machine, the rest stays in the workspace."""
    kind = action["kind"]
    network = (
        kind in ("network", "host", "unpack")
        or bool(action.get("network"))
        or (kind == "replace" and may_use_network(session, action["step"]))
    )
    return Permit(session.shell.workspace, network=network, machine=kind == "install", history=network)


def folder_of(session: Session, action: Mapping[str, Any]) -> Path:
    """Where the command of an action runs."""
    if action["kind"] == "unpack":
        return unpack.folder(session)
    return session.run.folder if permit_of(session, action).machine else session.tree


def do(session: Session, action: Mapping[str, Any]) -> str:
    """Carry out one action; returns what went wrong, or nothing."""
    kind = action["kind"]
    if action["step"] == for_jobs.JOB and (outcome := for_jobs.do(session, action)) is not None:
        return outcome
    if action.get("always"):
        try:
            add_host(action["host"])
        except SettingsError as error:
            session.say(f"  {error}", step="recovery.carry_out")
    if kind == "host":
        return ""
    if kind == "network":
        grant_network(session, action["step"])
    elif kind == "clean":
        remove_made(session, made_by_build(session))
        save_plan(session, {**load_plan(session), "strategy": "clean"})
    elif kind == "wait":
        time.sleep(PAUSE_S)
    elif kind == "replace":
        _replace(session, action["step"], action["old"], action["new"])
    elif kind == "omit":
        plan = load_plan(session)
        left = {part: [line for line in plan[part] if line != action["old"]] for part in action["before"]}
        save_plan(session, {**plan, **left})
    elif kind == "variable":
        _set(session, action["name"], action["value"])
    elif kind == "unpack":
        return unpack.do(session, action)
    elif kind == "edit":
        try:
            add_edit(session, action["edit"])
        except EditRefused as error:
            return f"it failed: {error}"
    else:
        if action.get("restores"):
            _replace(session, action["step"], action["command"], action["restores"])
        if kind == "install" and action.get("package"):
            unpack.remove(session, action["package"])
        return _run(session, action)
    return ""


def undo(session: Session, action: Mapping[str, Any]) -> bool:
    """Take back what changed later builds and did not help; False where there is nothing to take back."""
    kind = action["kind"]
    if action["step"] == for_jobs.JOB:
        return for_jobs.undo(session, action)
    if kind == "edit":
        return drop_edit(session, action["edit"])
    if kind == "variable":
        _set(session, action["name"], action.get("before"))
    elif kind == "replace":
        _replace(session, action["step"], action["new"], action["old"])
    elif kind == "omit":
        save_plan(session, {**load_plan(session), **action["before"]})
    elif kind == "unpack":
        unpack.remove(session, action["package"])
    else:
        return False
    return True


def _run(session: Session, action: Mapping[str, Any]) -> str:
    wanted = permit_of(session, action)
    finished = session.command(
        action["command"],
        name="recovery",
        network=wanted.network,
        machine=wanted.machine,
        packages=not wanted.machine,
    )
    if finished.ok:
        return ""
    if not wanted.network and not wanted.machine and refused(Path(finished.log)):
        return NO_NETWORK
    if hosts := hosts_to_ask(session, str(finished.log)):
        return f"{NO_HOST}{hosts[0]}"
    return f"it failed: {finished.in_words} {tail(finished.log, 3)[-300:]}"


def _set(session: Session, name: str, value: str | None) -> None:
    variables = dict(session.recipe.get("variables") or {})
    variables.pop(name, None)
    if value is not None:
        variables[name] = value
    session.recipe.put("variables", variables, "set by recovery")


def _replace(session: Session, step: str, old: str, new: str) -> None:
    if step == "build.compile":
        plan = load_plan(session)
        for part in ("configure", "build"):
            plan[part] = [new if command == old else command for command in plan[part]]
        save_plan(session, plan)
        return
    survey = session.recipe.get("survey")
    survey["commands"]["test"] = [new if line == old else line for line in survey["commands"]["test"]]
    if new not in survey["commands"]["test"]:
        survey["commands"]["test"].insert(0, new)
    session.recipe.put("survey", survey, "with a command changed by recovery")

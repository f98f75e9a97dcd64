"""What is approved of an action: exactly this, or all that are like it; and whether it still is what will be done."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graph.state import Failure
from nodes.recovery import unpack
from nodes.recovery.actions import folder_of, permit_of
from nodes.recovery.packages import package_manager_known
from nodes.session import Session
from tools.fingerprint import fingerprint
from tools.hosts import EVERY, named_in
from tools.permits import describe

SLOT = "⟨package⟩"
GIVEN = ("permit", "approved", "never")
"""What an approval adds to an action."""
SAID = ("text", "risk", "chance", "changes", "seen", "against")
"""What is said of an action, and another time otherwise; the rest is what it does."""
NAMED = ("package", "missing", "command", "step")
"""What differs from package to package."""


def told(session: Session, failure: Failure, action: Mapping[str, Any]) -> dict[str, Any]:
    """What the person is told of an action; see `describe`.

    Returns:
        As `describe`, with ``sha256`` over the action as well, since a command is not all that some are.
    """
    wanted = permit_of(session, action)
    new = action.get("command") or action.get("new")
    command = new or failure["command"] or action["text"]
    if wanted.network:
        hosts = {*session.hosts, *hosts_of(session, failure, action)}
        wanted = replace(wanted, hosts=tuple(sorted(hosts)))
    variables = {} if wanted.machine else dict(session.recipe.get("variables") or {})
    if action["kind"] == "variable":
        variables[action["name"]] = action["value"]
    if action["kind"] == "unpack":
        variables |= unpack.variables(session)
    found = describe(command, wanted, folder_of(session, action), variables, new=bool(new))
    core = {key: value for key, value in action.items() if key not in GIVEN}
    return found | {"sha256": fingerprint([found["sha256"], core])}


def hosts_of(session: Session, failure: Failure, action: Mapping[str, Any]) -> list[str]:
    """The hosts that an approval allows: the one that it asks for, and those that the command names for all to see."""
    hosts = [str(action["host"])] if action.get("host") else []
    command = action.get("command") or action.get("new") or failure["command"] or ""
    # Where all of them are allowed, what leads inside is not named by being written in a command.
    if action["kind"] == "host" or EVERY in session.hosts or not permit_of(session, action).network:
        return hosts
    return [*hosts, *named_in(command)]


def holds(session: Session, failure: Failure, action: Mapping[str, Any]) -> bool:
    """Whether an action is still what was approved: its command, its folder, its environment."""
    return bool(action.get("approved") == told(session, failure, action)["sha256"])


def identity(action: Mapping[str, Any]) -> str:
    """Tells an action from every other, and from itself once it was approved."""
    return fingerprint(dict(action))


def like(session: Session, action: Mapping[str, Any], about: Mapping[str, Any]) -> tuple[str, str]:
    """What "yes to all like this one" covers: its hash, and it in words.

    The same in the same folder and environment, with the same rights, and no riskier in the model's own words. Only
    the name of a package may be another one, where the command is the one that installs packages on this machine.

    Args:
        session: of the run.
        action: that is asked about.
        about: what `told` gives for it.
    """
    argv, words, but = list(about["argv"]), "this very command", {*GIVEN, *SAID}
    package, install = action.get("package"), package_manager_known(session).get("install")
    if action["kind"] == "install" and package and install and not package.startswith("-"):
        line = action["command"]
        if line == install.replace("{package}", shlex.quote(package)):
            argv, but = ["/bin/sh", "-c", install.replace("{package}", SLOT)], but | {*NAMED}
            words = f"every `{install.replace('{package}', SLOT)}` with a package of this machine's index"
    covered = {key: about[key] for key in ("folder", "environment", "may_touch", "tier")}
    covered["does"] = {key: value for key, value in action.items() if key not in but}
    covered["risky"] = action.get("risk") == "high"
    if not (action.get("command") or action.get("new")):
        words = "this very change"
    words = f"{words}, in the same folder and environment; any other is asked about again"
    return fingerprint([argv, covered]), words

"""When a command has to wait for the person, and what they are told about it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tools import sandbox
from tools.fingerprint import fingerprint
from tools.hosts import EVERY
from tools.reach import Reach, reach
from tools.sandbox import Permit, Protection

SHELL = ("/bin/sh", "-c")
GRANTED = {"ask": 1, "safe": 2, "all": 3}
"""The highest tier that an approval level given beforehand covers."""


def needs_person(permit: Permit, approve: Literal["ask", "safe", "all"], protection: Protection) -> bool:
    """Whether a command has to wait for the person.

    Without walls around it every command can touch the machine, whatever its permit says.
    """
    return _tier(permit, protection) > GRANTED[approve]


def seen(argv: Sequence[str], folder: str | Path, environment: Mapping[str, str]) -> str:
    """A hash by which a command is known again that the person was shown."""
    return fingerprint([list(argv), str(folder), dict(environment)])


def describe(
    command: str | Sequence[str],
    permit: Permit,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    *,
    new: bool = True,
) -> dict[str, Any]:
    """What the person approves, as plain JSON.

    Args:
        command: an argument list, or a line for ``/bin/sh``, as ``Shell.run`` takes it.
        permit: what it may touch.
        cwd: where it runs.
        environment: the variables that it gets beyond the usual ones.
        new: whether it has to be looked at; it does not where it ran before.

    Returns:
        ``argv``, ``command`` (as one would type it), ``folder``, ``may_touch`` (sentences), ``environment``,
        ``tier`` (see `tools.reach`), ``never`` (why nobody may allow it, or None), ``held`` (why it is asked for
        whatever was allowed beforehand, or None), and ``sha256`` over all of them: an approval of that hash holds for
        nothing else.
    """
    argv = [*SHELL, command] if isinstance(command, str) else list(command)
    walls = sandbox.protection()
    reached = reach(command, permit, cwd, environment, walls) if new else Reach(_tier(permit, walls), ())
    told: dict[str, Any] = {
        "argv": argv,
        "command": command if isinstance(command, str) else shlex.join(argv),
        "folder": str(cwd),
        "may_touch": [*_in_words(permit, walls), *reached.told],
        "environment": dict(sorted((environment or {}).items())),
        "tier": reached.tier,
        "never": reached.never,
        "held": reached.held,
    }
    return told | {"sha256": fingerprint(told)}


def _tier(permit: Permit, walls: Protection) -> Literal[1, 2, 3]:
    return 3 if walls.name == "none" else permit.tier


def _in_words(permit: Permit, walls: Protection) -> list[str]:
    if permit.machine:
        return ["Everything that you may touch yourself: it runs outside the sandbox."]
    if walls.name == "none":
        return [f"Everything that you may touch yourself: there is no sandbox here ({walls.why})."]
    return [
        *([f"It is held by Landlock alone: {walls.why}."] if walls.name == "landlock" else []),
        f"It may write in {permit.workspace} and nowhere else"
        + (", the version control of the source in it included." if permit.history else "."),
        "It may read the machine's files, but not your home folder or other programs' temporary files"
        + (f", except {', '.join(map(str, permit.readable))}." if permit.readable else "."),
        _network(permit, walls),
    ]


def _network(permit: Permit, walls: Protection) -> str:
    if not permit.network:
        return "It has no network."
    if walls.name != "bubblewrap":
        return "It may use the network; its hosts are not held down here."
    if EVERY in permit.hosts:
        return "It may reach every host of the internet, by HTTP and HTTPS alone."
    if not permit.hosts:
        return "It may ask for hosts, and reaches none: you are asked about each."
    return f"It may reach {', '.join(permit.hosts)} by HTTP and HTTPS; you are asked about any other host."

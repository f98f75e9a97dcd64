"""The machine's own package index: which it is, how it is searched, and what it really lists."""

from __future__ import annotations

import difflib
import json
import os
import platform
import re
import shlex
import shutil
from typing import Any

from nodes.recovery.answers import Package, PackageManager
from nodes.session import Session
from tools.filesystem import write_atomic
from tools.quotations import stands_in

KEPT = "machine.json"
MOST_LINES = 14
TELLING = 4
"""Characters from which a part of a name is searched for alone; shorter ones stand in too many names."""
COMMON = "zlib"
"""A library that every index lists: a search that finds nothing for it is no search."""


def choose(session: Session, missing: str, diagnosis: dict[str, Any], tried: list[str]) -> tuple[str, str] | None:
    """The package that should bring what is missing, and the command that installs it; None if none is listed."""
    manager = package_manager(session)
    lines = _listed(session, manager["search"], missing, tried)
    if not lines:
        session.say(f"  the machine's index lists nothing for {missing!r}", step="recovery.packages")
        return None

    def listed(answer: Package) -> str | None:
        return None if answer.package in lines else f"Answer one of: {', '.join(lines)}."

    package = session.ask(
        "package",
        Package,
        oracles=[listed],
        cause=diagnosis["cause"],
        quote=diagnosis["quote"],
        missing=missing,
        lines=list(lines.values()),
        tried=", ".join(tried),
    ).package
    return package, manager["install"].replace("{package}", shlex.quote(package))


def package_manager(session: Session) -> dict[str, str]:
    """How this machine searches and installs, asked once per machine and kept in the state folder."""
    if known := package_manager_known(session):
        return known

    def works(answer: PackageManager) -> str | None:
        for command, slot in ((answer.search, "{word}"), (answer.install, "{package}")):
            if slot not in command:
                return f"`{command}` does not hold {slot}."
            program = next((word for word in shlex.split(command) if word != "sudo"), "")
            if shutil.which(program) is None:
                return f"The program {program} is not on this machine."
        found = session.command(answer.search.replace("{word}", COMMON), name="search", timeout_s=60)
        if not found.ok or not stands_in(COMMON, found.log):
            return f"`{answer.search}` does not find {COMMON}."
        return None

    answer = session.ask("package_manager", PackageManager, oracles=[works], system=system())
    found = answer.model_dump()
    if os.geteuid() == 0:
        found["install"] = found["install"].removeprefix("sudo ")
    write_atomic(session.run.state / KEPT, json.dumps(found, indent=2) + "\n")
    return found


def package_manager_known(session: Session) -> dict[str, str]:
    """How this machine searches and installs, as it was found before; empty where it was not yet asked."""
    path = session.run.state / KEPT
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return known


def system() -> str:
    """What the machine calls itself, and what it is like."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        return f"{platform.system()} {platform.release()}"
    return f"{told.get('PRETTY_NAME', told.get('NAME', ''))} (like {told.get('ID_LIKE', told.get('ID', ''))})"


def _listed(session: Session, search: str, missing: str, tried: list[str]) -> dict[str, str]:
    """Package -> its line in the index, the names nearest to what is missing first."""
    words = [missing, re.sub(r"[\d.]+$", "", missing)]
    if len(part := re.split(r"[/.:_-]", missing)[0]) >= TELLING:
        words.append(part)
    for word in dict.fromkeys(word.lower() for word in words if len(word) > 1):
        found = session.command(search.replace("{word}", shlex.quote(word)), name="search", timeout_s=60)
        output = found.stdout.read_text(errors="replace") if found.stdout else ""
        lines = {line.split()[0]: line.strip()[:110] for line in output.splitlines() if line[:1].strip()}
        near = sorted(lines, key=lambda name: difflib.SequenceMatcher(None, word, name.lower()).ratio(), reverse=True)
        holding = [name for name in near if word in name.lower()] + [name for name in near if word not in name.lower()]
        chosen = {name: lines[name] for name in holding if name not in tried}
        if chosen:
            return dict(list(chosen.items())[:MOST_LINES])
    return {}

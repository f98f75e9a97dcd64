"""What a command's line shows of what it reaches: its tier, computed by code, and what to tell the person."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from tools.environment import environment
from tools.never import kept
from tools.sandbox import Permit, Protection
from tools.shell_line import Line, Word, parsed

Tier = Literal[0, 1, 2, 3, 4]
"""0: it reads, 1: the workspace, 2: the network too, 3: the machine, 4: never."""


class Reach(NamedTuple):
    """Of one command, compound or not: the strictest of its parts."""

    tier: Tier
    told: tuple[str, ...]
    """Sentences for the person about what the permit does not say."""
    never: str | None = None
    """Why it is refused whoever allows it."""
    held: str | None = None
    """Why the person is asked whatever they allowed beforehand."""


def reach(
    command: str | Sequence[str],
    permit: Permit,
    cwd: Path,
    variables: Mapping[str, str] | None,
    walls: Protection,
) -> Reach:
    """What a command can touch.

    Walls hold a command to its permit, whatever its line says; without them its line is all that can be known.

    Args:
        command: an argument list, or a line for ``/bin/sh``.
        permit: what it may touch.
        cwd: where it runs.
        variables: beyond the usual ones.
        walls: what stands around a command here.
    """
    bare = permit.machine or walls.name == "none"
    known = environment(permit.workspace, variables, own=not permit.machine)
    if isinstance(command, str):
        line = parsed(command, known)
    else:
        words = [Word(text, "argument" if number else "program") for number, text in enumerate(command)]
        line = Line(tuple(words), substitutes=False)
    # Of what cannot be parsed, every part may be a path that is written to.
    seen = line or Line((Word(str(command), "output"),), substitutes=False)
    never, held = kept(seen, cwd, permit.workspace, known) if bare else (None, None)
    if never:
        return Reach(4, (f"It is never allowed: {never}.",), never)
    if line is None:
        return Reach(3, ("It cannot be parsed, so nothing is known of what it does.",))
    if not bare:
        return Reach(permit.tier, ())
    told = [f"Look twice: {held}."] if held else []
    return Reach(3, (*told, *_told(line, cwd, permit.workspace, known)), held=held)


def _told(line: Line, cwd: Path, workspace: Path, variables: Mapping[str, str]) -> list[str]:
    """What is worth knowing before a line runs without walls."""
    found = []
    words = [word.text for word in line.words if word.known]
    if raising := [text for text in dict.fromkeys(words) if _raises(text, cwd, variables.get("PATH", os.defpath))]:
        found.append(f"It names {', '.join(raising)}: such a program runs with another user's rights, mostly root's.")
    outputs = [(cwd / word.text).resolve() for word in line.words if word.role == "output" and word.known]
    if outside := [str(path) for path in outputs if not path.is_relative_to(workspace.resolve()) and not _none(path)]:
        found.append(f"It writes to {', '.join(outside)}, outside the workspace.")
    if any(not word.known for word in line.words if word.role in ("program", "output")):
        found.append("What it starts, or where it writes, is known only once it runs.")
    elif line.substitutes:
        found.append("A part of it is the output of another command, and known only once it runs.")
    return found


def _none(path: Path) -> bool:
    """Whether it is a device that everyone may write to, such as the one that swallows all."""
    return path.is_char_device()


def _raises(word: str, cwd: Path, path: str) -> bool:
    """Whether a word names a program that gets rights that who starts it does not have."""
    found = str(cwd / word) if "/" in word else shutil.which(word, path=path)
    try:
        status = Path(found).stat() if found else None
    except (OSError, ValueError):
        return False
    if status is None or not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o111:
        return False
    if status.st_mode & (stat.S_ISUID | stat.S_ISGID):
        return True
    try:
        return "security.capability" in os.listxattr(str(found))
    except OSError:  # a file system without attributes
        return False

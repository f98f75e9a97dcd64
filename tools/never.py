"""What no command may name that nothing walls in, whoever allows it: the person has hands for that."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from configs import FOLDER
from tools.sandbox import homes
from tools.shell_line import HOLE, Line, Word

KERNEL = (Path("/proc/sys"), Path("/sys"), Path("/boot"))
"""The kernel's settings, the devices' and the kernel itself (FHS 3.0, 3.5, 6.1)."""
BETWEEN = re.compile(rf"[\s=,:;|&<>()'\"`{{}}@{HOLE}]+")
"""What may stand before or after a path within a word."""
MOST_FOLDERS = 40


def never(line: Line, folder: Path, workspace: Path, variables: Mapping[str, str]) -> str | None:
    """Why a line is refused whoever allows it; None where nothing speaks against it.

    A word counts for every path that stands in it, since a program may take it apart, and a relative one from every
    folder that the line names, since it may be gone to. What is only run, or only read by a redirection, is free.

    Args:
        line: that would run without walls.
        folder: where it begins.
        workspace: of the run, which is free.
        variables: its environment.
    """
    named = [name for word in line.words if word.role not in ("program", "input") for name in _names(word, variables)]
    named = list(dict.fromkeys(named))
    bases = [folder, *(Path(name) for name in named if name.startswith("/") and Path(name).is_dir())]
    for name in named:
        for base in bases[:MOST_FOLDERS]:
            # A name that is too long or holds what no path may is none.
            with suppress(OSError, ValueError, RuntimeError):
                first = name.partition("/")[0]
                if base == folder and first not in ("", ".", "..") and not (base / first).exists():
                    continue  # a word, which is most often no path at all
                path = (base / name).resolve()
                if not path.is_relative_to(workspace.resolve()) and (why := _why(path)):
                    return f"it names {path}, {why}"
    return None


def _names(word: Word, variables: Mapping[str, str]) -> Iterator[str]:
    """Everything in a word that may be a path."""
    home = variables.get("HOME", "")
    for part in [word.text, *BETWEEN.split(word.text)]:
        if not part or HOLE in part:
            continue
        if part.startswith("~"):
            name, slash, rest = part.partition("/")
            yield (home if name == "~" else os.path.expanduser(name)) + slash + rest  # noqa: PTH111
        yield part
        if "/" in part[1:] and not part.startswith(("/", ".")):
            yield part[part.index("/") :]  # after an option's letter
    if HOLE in word.text:
        # What follows an unknown beginning may follow any folder.
        yield from (rest.lstrip("/") for rest in word.text.split(HOLE)[1:] if rest.startswith("/") and rest.strip("/"))


def _why(path: Path) -> str | None:
    """What speaks against a place, in words that follow its name."""
    from configs.settings import cache_folder, settings_file, state_folder

    own = {
        "Rigil's settings": settings_file(),
        "Rigil's runs and checkpoints": state_folder(),
        "Rigil's models": cache_folder(),
    }
    places = {words: place.resolve() for words, place in own.items()}
    code = {FOLDER.parent / name for name in ("cli", "configs", "graph", "models", "nodes", "tools")}
    code |= {Path(sys.prefix)} if sys.prefix != sys.base_prefix else set()
    for words, place in places.items():
        if path.is_relative_to(place):
            return f"where {words} lie"
    if _inside(path, (part.resolve() for part in code)):
        return "which is part of Rigil"
    for home in homes():
        if path.is_relative_to(home) and path != home and path.relative_to(home).parts[0].startswith("."):
            return "one of the person's own settings, start files or keys"
    kept = {*homes(), *places.values(), *KERNEL, Path("/dev/fd")}
    if any(path == home for home in homes()) or any(path in place.parents for place in kept):
        return "which holds what is never touched"
    return _system(path)


def _inside(path: Path, places: Iterable[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def _system(path: Path) -> str | None:
    """The machine's own: disks, what reaches memory or hardware, and what sets the kernel."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return "which sets the kernel" if _inside(path, KERNEL) else None
    if stat.S_ISBLK(mode):
        return "a disk"
    if stat.S_ISCHR(mode) and not mode & stat.S_IWOTH:
        return "a device that is not for everyone"
    read_only = stat.S_ISREG(mode) and not mode & 0o222
    writable_entry = stat.S_ISREG(mode) and _inside(path, [Path("/proc")])
    if not read_only and (_inside(path, KERNEL) or writable_entry):
        return "which sets the kernel"
    return None

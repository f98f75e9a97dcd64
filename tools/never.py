"""What no command may name that nothing walls in, whoever allows it, and what only the person may let it name."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from configs import FOLDER
from tools.sandbox import homes
from tools.shell_line import HOLE, Line, Word, parsed

KERNEL = (Path("/proc/sys"), Path("/sys"), Path("/boot"))
"""The kernel's settings, the devices' and the kernel itself (FHS 3.0, 3.5, 6.1)."""
BETWEEN = re.compile(rf"[\s=,:;|&<>()'\"`{{}}@{HOLE}]+")
"""What may stand before or after a path within a word."""
MOST_FOLDERS = 40


class Kept(NamedTuple):
    """What a line names of what is kept from it."""

    never: str | None
    """Why it is refused whoever allows it; None where nothing speaks against it."""
    held: str | None = None
    """Why the person themselves has to allow it, whatever they allowed beforehand."""


def kept(line: Line, folder: Path, workspace: Path, variables: Mapping[str, str]) -> Kept:
    """What speaks against a line: for certain, or because nothing shows what it does with a place that it names.

    A redirection writes or reads; what a program does with its arguments is not known. A word counts for every path
    that stands in it, since a program may take it apart, and a relative one from every folder that the line names,
    since it may be gone to. What is only run is free, and so is what is read by a redirection, but for secrets.

    Args:
        line: that would run without walls.
        folder: where it begins.
        workspace: of the run, which is free.
        variables: its environment.
    """
    words = [inner for word in line.words if word.role != "program" for inner in _lines_of(word, variables)]
    named = list(dict.fromkeys((name, word.role) for word in words for name in _names(word, variables)))
    bases = [folder, *(Path(name) for name, _ in named if name.startswith("/") and Path(name).is_dir())]
    held = None
    for name, role in named:
        for base in bases[:MOST_FOLDERS]:
            # A name that is too long or holds what no path may is none.
            with suppress(OSError, ValueError, RuntimeError):
                first = name.partition("/")[0]
                if base == folder and first not in ("", ".", "..") and not (base / first).exists():
                    continue  # a word, which is most often no path at all
                for path in _meant(base / name):
                    if path.is_relative_to(workspace.resolve()):
                        continue
                    why = _secret(path) or (_own(path) or _system(path) if role != "input" else None)
                    # What a redirection writes to is changed; what an argument names may be.
                    may = _persons(path) if role != "input" else None
                    if why or (may and role == "output"):
                        return Kept(f"it names {path}, {why or may}")
                    held = held or (may and f"it names {path}, {may}, and nothing shows that it only reads there")
    return Kept(None, held)


def _meant(path: Path) -> list[Path]:
    """What a name leads to, and a link itself, which may stand for a file that is kept elsewhere."""
    return [path.resolve(), *([path.parent.resolve() / path.name] if path.is_symlink() else [])]


def _lines_of(word: Word, variables: Mapping[str, str]) -> Iterator[Word]:
    """A word, and where it reads as a line itself, what that writes to."""
    yield word
    if word.role != "output" and ">" in word.text and (line := parsed(word.text, variables)):
        yield from (inner for inner in line.words if inner.role == "output")


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


def _places() -> dict[str, Path]:
    """Where Rigil keeps what is its own."""
    from configs.settings import cache_folder, settings_file, state_folder

    own = {
        "Rigil's settings": settings_file(),
        "Rigil's runs and checkpoints": state_folder(),
        "Rigil's models": cache_folder(),
    }
    return {words: place.resolve() for words, place in own.items()}


def _secret(path: Path) -> str | None:
    """What nobody but its owner may read, in words that follow the path."""
    for words, place in _places().items():
        if path.is_relative_to(place):
            return f"where {words} lie"
    if not _dotted(path):
        return None
    held = path.iterdir() if path.is_dir() and os.access(path, os.R_OK | os.X_OK) else [path]
    closed = (file.is_file() and not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) for file in held)
    return "which only its owner may read" if any(closed) else None


def _own(path: Path) -> str | None:
    code = {FOLDER.parent / name for name in ("cli", "configs", "graph", "models", "nodes", "tools")}
    code |= {Path(sys.prefix)} if sys.prefix != sys.base_prefix else set()
    return "which is part of Rigil" if _inside(path, (part.resolve() for part in code)) else None


def _persons(path: Path) -> str | None:
    """What of the person's it is, or holds."""
    if _dotted(path):
        return "one of your own settings or start files"
    places = [*homes(), *_places().values(), *KERNEL, Path("/dev/fd")]
    if path in homes() or any(path in place.parents for place in places):
        return "which holds what is yours or the machine's"
    return None


def _dotted(path: Path) -> bool:
    """Whether it lies in the person's home below a name that begins with a dot."""
    within = [path.relative_to(home).parts for home in homes() if path.is_relative_to(home)]
    return any(parts and parts[0].startswith(".") for parts in within)


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

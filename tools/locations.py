"""Finds the places in a source that an output names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.filesystem import files, read_inside

PLACE = re.compile(
    r"(?<![\w.+@~/\\-])(?P<path>[\w.+@~/\\-]{0,300}\w)[\"'`]?(?:\s*[:(,]\s*(?:line\s+|l\.)?|\s+line\s+)(?P<line>\d{1,6})\b"
)
"""A path with a number after it, in the ways in which tools write one: ``a.c:3``, ``a.c(3)``, ``"a.py", line 3``."""


class Location(NamedTuple):
    """A line of a file of the source."""

    file: str
    """Relative to the source's root."""
    line: int
    text: str
    """What stands there."""


def locations(output: str, root: Path) -> Iterator[Location]:
    """The lines of files under ``root`` that an output names, in its order, each once.

    A relative path counts from the root; where it leads nowhere there, it is the only file whose path ends so.
    """
    real = root.resolve()
    known = [path.relative_to(root).as_posix() for path in files(root)]
    seen: set[tuple[str, int]] = set()
    for match in PLACE.finditer(output):
        name, line = _named(match["path"], real, known), int(match["line"])
        if name is None or (name, line) in seen:
            continue
        seen.add((name, line))
        text = read_inside(root, name, 1_000_000).splitlines()
        if 1 <= line <= len(text):
            yield Location(name, line, text[line - 1])


def _named(path: str, root: Path, known: list[str]) -> str | None:
    ending = re.sub(r"^(?:\.{0,2}/)+", "", path.removeprefix(f"{root}/"))
    if ending in known:
        return ending
    found = [name for name in known if name.endswith(f"/{ending}")]
    return found[0] if len(found) == 1 else None

"""The files that a backend is made of, as they were when it was healthy, and what has become of them since."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tools.recipe import Recipe, RecipeDamaged

MOST = 200
Part = dict[str, Any]
"""``path``, ``size`` in bytes, ``executable``."""


class Change(NamedTuple):
    """What has become of a file."""

    path: Path
    what: Literal["gone", "empty", "not executable", "changed"]

    @property
    def sentence(self) -> str:
        """One sentence."""
        return {
            "gone": f"{self.path} is gone.",
            "empty": f"{self.path} is empty.",
            "not executable": f"{self.path} may no longer be executed.",
            "changed": f"{self.path} has another size than when the check was designed.",
        }[self.what]


def parts_of(paths: Iterable[Path]) -> list[Part]:
    """The files as they are, the first `MOST` of them."""
    return [
        {"path": str(path), "size": path.stat().st_size, "executable": os.access(path, os.X_OK)}
        for path in list(dict.fromkeys(paths))[:MOST]
        if path.is_file()
    ]


def changes(parts: Sequence[Part]) -> list[Change]:
    """The files that are no longer as they were; those that are merely other ones come last."""
    found = []
    for part in parts:
        path = Path(part["path"])
        if not path.is_file():
            found.append(Change(path, "gone"))
        elif part["executable"] and not os.access(path, os.X_OK):
            found.append(Change(path, "not executable"))
        elif part["size"] and path.stat().st_size == 0:
            found.append(Change(path, "empty"))
        elif path.stat().st_size != part["size"]:
            found.append(Change(path, "changed"))
    return sorted(found, key=lambda change: change.what == "changed")


def changed_parts(entry: Mapping[str, Any]) -> list[Change]:
    """The files of a registered backend that are no longer as they were when it was healthy."""
    recipe = recipe_of(entry)
    known = recipe.get("parts") if recipe else None
    return changes(known["files"]) if known else []


def recipe_of(entry: Mapping[str, Any]) -> Recipe | None:
    """The recipe that an entry in the registry names; None where there is none that can be read."""
    path = Path(entry.get("recipe") or "/nonexistent")
    try:
        return Recipe.load(path.parent.parent, path.stem) if path.exists() else None
    except RecipeDamaged:
        return None

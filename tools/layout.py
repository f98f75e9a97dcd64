"""Where a ProximA keeps what concerns its backends: found by reading its modules, not by their names."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.contract import Candidate, bases_in
from tools.registry_code import RegistryCode, registry_in

LARGEST = 4_000_000
"""Bytes of a module that is read."""
PASSED_OVER = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist"})


class Layout(NamedTuple):
    """The places of one ProximA."""

    root: Path
    """The folder that has to be on the import path."""
    folder: Path
    """Where its adapters lie."""
    package: str
    """What that folder is imported as."""
    base: Candidate
    """The class that adapters derive from."""
    registry: RegistryCode | None
    """Its registry, where that is code that takes adapters."""

    @property
    def source(self) -> str:
        """What an adapter in the folder imports the base class from."""
        return f".{self.base.path.stem}" if self.base.path.parent == self.folder else self.module(self.base.path)

    def module(self, path: Path) -> str:
        """The dotted name of a module."""
        parts = path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules_of(home: Path) -> list[Path]:
    """The Python modules of a ProximA, those near its top first; virtual environments are not a part of it."""
    found: list[Path] = []
    for folder, within, names in os.walk(home):
        if "pyvenv.cfg" in names:
            within.clear()
            continue
        within[:] = sorted(name for name in within if not name.startswith(".") and name not in PASSED_OVER)
        found += [Path(folder, name) for name in sorted(names) if name.endswith(".py")]
    return sorted((path for path in found if path.stat().st_size < LARGEST), key=lambda path: len(path.parts))


def bases_of(home: Path) -> list[Candidate]:
    """The classes that its adapters may derive from, the likeliest first."""
    return bases_in(modules_of(home))


def layout_of(home: Path, base: Candidate) -> Layout:
    """The places of a ProximA whose adapters derive from this class."""
    folder = base.path.parent
    root = folder
    while (root / "__init__.py").exists() and root != home:
        root = root.parent
    if root == folder:  # a folder of modules without an `__init__.py` is a package all the same
        root = folder.parent
    registry = registry_in(modules_of(root), base.name)
    return Layout(root, folder, ".".join(folder.relative_to(root).parts), base, registry)


def python_of(home: Path) -> Path:
    """The interpreter that runs this ProximA: ``PROXIMA_PYTHON``, its own virtual environment's, or ours."""
    own = [home / name / "bin" / "python" for name in (".venv", "venv")]
    named = os.environ.get("PROXIMA_PYTHON")
    return Path(named) if named else next((path for path in own if path.exists()), Path(sys.executable))


def places(layout: Layout) -> dict[str, Any]:
    """What a program needs to import an adapter and to enter it into the registry, as JSON."""
    registry = layout.registry
    return {
        "root": str(layout.root),
        "folder": str(layout.folder),
        "package": layout.package,
        "base": {"module": layout.module(layout.base.path), "class": layout.base.name},
        "registry": {
            "file": str(registry.path),
            "module": layout.module(registry.path),
            "holder": registry.holder,
            "instance": registry.instance,
            "enters": registry.enters,
            "gives": registry.gives,
            "listed": registry.listed,
        }
        if registry
        else None,
    }


def likeliest(candidates: Sequence[Candidate]) -> Candidate | None:
    """The one that needs no question: the only one, or one that asks for over twice as many methods as the next."""
    if len(candidates) == 1 or (len(candidates) > 1 and len(candidates[0].methods) > 2 * len(candidates[1].methods)):
        return candidates[0]
    return None

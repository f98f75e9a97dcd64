"""Loads a registered backend."""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.proxima import ProximaError, backends, wrapper_of


class CircuitFileError(ValueError):
    """A circuit file that cannot be read or run; the message says why."""


def load_adapter(home: Path, name: str) -> Any:
    """The adapter of a registered backend, as the files are now.

    Raises:
        ProximaError: if there is no such backend, or its code cannot be imported.
    """
    known = backends(home)
    if name not in known:
        raise ProximaError(f"No backend is called {name!r} in {home}; there are: {', '.join(sorted(known)) or 'none'}.")
    entry, path = known[name], wrapper_of(home, known[name])
    package = f"proxima_home_{hashlib.sha256(str(path.parent).encode()).hexdigest()[:12]}"
    for module in [module for module in sys.modules if module.split(".")[0] == package]:
        del sys.modules[module]
    if entry.get("places") and entry["places"]["root"] not in sys.path:
        sys.path.append(entry["places"]["root"])
    try:
        importlib.invalidate_caches()
        # The package itself is not run: it may import what only the person's ProximA has.
        sys.modules[package] = ModuleType(package)
        sys.modules[package].__path__ = [str(path.parent)]
        return getattr(importlib.import_module(f"{package}.{entry['module']}"), entry["class"])()
    except (ImportError, AttributeError, KeyError, OSError, SyntaxError, TypeError) as error:
        raise ProximaError(f"The backend {name!r} in {home} cannot be loaded: {error}") from error

"""Loads a registered backend."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

from tools.proxima import ProximaError, backends


class CircuitFileError(ValueError):
    """A circuit file that cannot be read or run; the message says why."""


def load_adapter(home: Path, name: str) -> Any:
    """The adapter of a backend, through the home's own registry, as the files are now.

    Raises:
        ProximaError: if there is no such backend, or its code cannot be imported.
    """
    known = backends(home)
    if name not in known:
        raise ProximaError(f"No backend is called {name!r} in {home}; there are: {', '.join(sorted(known)) or 'none'}.")
    package = f"proxima_home_{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
    for module in [module for module in sys.modules if module.split(".")[0] == package]:
        del sys.modules[module]
    folder = home / "backends"
    spec = importlib.util.spec_from_file_location(
        package, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    try:
        if spec is None or spec.loader is None:
            raise ImportError(f"{folder} is no Python package")
        importlib.invalidate_caches()
        module_ = importlib.util.module_from_spec(spec)
        sys.modules[package] = module_
        spec.loader.exec_module(module_)
        return importlib.import_module(f"{package}.registry").load(name)
    except (ImportError, AttributeError, OSError, SyntaxError, TypeError) as error:
        raise ProximaError(f"The backend {name!r} in {home} cannot be loaded: {error}") from error

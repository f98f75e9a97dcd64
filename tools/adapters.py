"""Loads a registered backend and runs circuits on it. Costs no model call."""

from __future__ import annotations

import hashlib
import importlib
import sys
import time
from collections.abc import Mapping
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


def run_file(
    path: Path,
    *,
    home: Path,
    backend: str,
    shots: int = 1024,
    seed: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Run an OpenQASM file on a registered backend.

    Args:
        path: OpenQASM 2 or 3.
        home: of ProximA.
        backend: its name.
        shots: number of repetitions.
        seed: the same seed gives the same counts, where the backend takes one.
        options: further ProximA parameters, such as ``noise_level``.

    Returns:
        ``backend``, ``version``, ``circuit`` (the file), ``qubits``, ``shots``, ``seed``, ``counts`` (bit
        strings with bit 0 last), ``seconds`` (the backend's own time), ``total_seconds`` and ``options``.

    Raises:
        CircuitFileError: if the file cannot be read, or the backend cannot run it or fails.
        ProximaError: if there is no such backend.
    """
    began = time.perf_counter()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CircuitFileError(f"{path} cannot be read: {error}") from error
    adapter = load_adapter(home, backend)
    given = {**(options or {}), "shots": shots, **({} if seed is None else {"seed": seed})}
    try:
        found = adapter.execute(text, given)
    except (ValueError, RuntimeError) as error:
        raise CircuitFileError(f"{path}: {error}") from error
    return {
        "backend": backend,
        "version": adapter.get_version(),
        "circuit": str(path),
        "qubits": found.qubit_count,
        "shots": found.shot_count,
        "seed": found.metadata.get("seed"),
        "counts": found.data["counts"],
        "seconds": found.execution_time_ms / 1000,
        "total_seconds": time.perf_counter() - began,
        "options": found.metadata.get("options", {}),
    }

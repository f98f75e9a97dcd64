"""A ProximA home: the folder that says which backends ProximA knows, and what belongs to it.

    config/default.yaml    its configuration, with an entry per backend below ``backends:``
    backends.json          its registry, with an entry per backend below ``backends``
    backends/              the adapters, their base class and the loader

A home may also be a ProximA whose registry is code (see `tools.layout`): there the adapters lie beside its own, and
what Rigil entered is written down in the state folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.filesystem import write_atomic

SECTION = "backends"
MAKER = "rigil"
CONFIGS = ("config/default.yaml", "configs/default.yaml")
LOCK_S = 30.0
FILES = {
    "config/default.yaml": "proxima_default.yaml.jinja",
    "backends/__init__.py": None,
    "backends/base.py": "proxima_base.py.jinja",
    "backends/registry.py": "proxima_registry.py.jinja",
    "backends.json": None,
}
"""What a home needs, and the template that a missing file is made of."""


class ProximaError(ValueError):
    """The home cannot be used or changed so; the message says why and what to do."""


def home_of(given: str | Path | None = None) -> Path:
    """The home that is meant: what was given, ``PROXIMA_HOME``, or ``~/.proxima``."""
    return Path(given or os.environ.get("PROXIMA_HOME") or "~/.proxima").expanduser().absolute()


def config_file(home: Path) -> Path:
    """The home's configuration; the usual place where there is none yet."""
    return next((home / name for name in CONFIGS if (home / name).exists()), home / CONFIGS[0])


def backends(home: Path) -> dict[str, dict[str, Any]]:
    """The registry's entries by name; empty where there is no home.

    Raises:
        ProximaError: if the registry cannot be understood.
    """
    return dict(registry_of(home)[SECTION])


def record_of(home: Path) -> Path:
    """The file that says which backends were entered: the home's registry, or ours for a home that has none."""
    own = home / "backends.json"
    return own if own.exists() or not (kept := _kept(home)).exists() else kept


def _kept(home: Path) -> Path:
    from configs.settings import state_folder

    return state_folder() / "homes" / f"{hashlib.sha256(str(home).encode()).hexdigest()[:16]}.json"


def ensure_home(home: Path, *, coded: bool = False) -> list[Path]:
    """Make what the home lacks; returns the files that were made. What is there stays as it is.

    Args:
        home: the folder.
        coded: whether its registry is code that takes adapters: then it lacks nothing but our own record.
    """
    from tools.wrapper import home_file

    made = []
    with held(home):
        if coded and not record_of(home).exists():
            _kept(home).parent.mkdir(parents=True, exist_ok=True)
            write_atomic(_kept(home), json.dumps({"home": str(home), SECTION: {}}, indent=2) + "\n")
        for name, template in FILES.items() if not coded else ():
            path = config_file(home) if name in CONFIGS else home / name
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            empty = '{\n  "backends": {}\n}\n' if path.suffix == ".json" else '"""The backends of this home."""\n'
            write_atomic(path, home_file(template) if template else empty)
            made.append(path)
    return made


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Keep other writers out of the home.

    Raises:
        ProximaError: if one holds it for longer than 30 s.
    """
    from filelock import FileLock, Timeout

    home.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home / ".rigil.lock", timeout=LOCK_S):
            yield
    except Timeout as error:
        raise ProximaError(f"Another process has been changing {home} for {LOCK_S:g} s; try again.") from error


def config_entries(home: Path) -> dict[str, Any]:
    """The configuration's entries that are mappings, by name: what another backend looks like there.

    Raises:
        ProximaError: if the configuration cannot be understood.
    """
    path = config_file(home)
    return {name: entry for name, entry in entries_of(path, text_of(path)).items() if isinstance(entry, dict)}


def wrapper_of(home: Path, entry: Mapping[str, Any]) -> Path:
    """The file of an entry's wrapper."""
    places = entry.get("places")
    return Path(places["folder"] if places else home / "backends", f"{entry['module']}.py")


def registry_of(home: Path) -> dict[str, Any]:
    """The whole registry, with a table of entries below ``backends``.

    Raises:
        ProximaError: if it cannot be understood.
    """
    path = record_of(home)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {SECTION: {}}
    except (ValueError, RecursionError) as error:
        raise ProximaError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.setdefault(SECTION, {}), dict):
        raise ProximaError(f'{path} must be an object whose "{SECTION}" maps names to entries.')
    if wrong := [name for name, entry in found[SECTION].items() if not isinstance(entry, dict)]:
        raise ProximaError(f"{path}: the entry of {wrong[0]!r} is not an object.")
    return found


def text_of(path: Path) -> str:
    """The text with its line ends as they are."""
    try:
        return path.read_bytes().decode() if path.exists() else ""
    except UnicodeDecodeError as error:
        raise ProximaError(
            f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); save it as such."
        ) from error


def entries_of(path: Path, text: str) -> dict[str, Any]:
    """The entries of a configuration's text, by name.

    Raises:
        ProximaError: if it cannot be understood.
    """
    from tools.yaml_edit import YamlRefused, entries

    try:
        return entries(text, SECTION)
    except YamlRefused as error:
        raise ProximaError(f"{path}: {error}") from error

"""A ProximA home: the folder that says which backends ProximA knows, and what belongs to it.

    config/default.yaml    its configuration, with an entry per backend below ``backends:``
    backends.json          its registry, with an entry per backend below ``backends``
    backends/              the adapters, their base class and the loader

A home may also be a ProximA whose registry is code (see `tools.layout`): there the adapters lie beside its own, and
what Rigil entered is written down in the state folder.

Reading is cheap. Writing is locked against another writer, all or nothing for each file, with a backup beside
it, and touches nothing that a person made.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from configs.settings import state_folder
from tools.filesystem import backup, write_atomic
from tools.registry_code import with_adapter, without_adapter
from tools.wrapper import home_file, made_by_us
from tools.yaml_edit import YamlRefused, entries, with_entry, with_values, without_entry

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
    return dict(_registry(home)[SECTION])


def record_of(home: Path) -> Path:
    """The file that says which backends were entered: the home's registry, or ours for a home that has none."""
    own = home / "backends.json"
    kept = _kept(home)
    return kept if kept.exists() and not own.exists() else own


def _kept(home: Path) -> Path:
    return state_folder() / "homes" / f"{hashlib.sha256(str(home).encode()).hexdigest()[:16]}.json"


def ensure_home(home: Path, *, coded: bool = False) -> list[Path]:
    """Make what the home lacks; returns the files that were made. What is there stays as it is.

    Args:
        home: the folder.
        coded: whether its registry is code that takes adapters: then it lacks nothing but our own record.
    """
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


def theirs(home: Path, name: str) -> Path | None:
    """The file that holds an entry of this name which Rigil did not make, if one does.

    Raises:
        ProximaError: if the home cannot be understood.
    """
    old = _registry(home)[SECTION].get(name)
    if old is not None:
        return None if old.get("made_by") == MAKER else record_of(home)
    return config_file(home) if name in _entries(config_file(home), _text(config_file(home))) else None


def register(
    home: Path,
    name: str,
    *,
    facts: Mapping[str, Any],
    config: Mapping[str, Any],
    wrapper: str,
    takeover: bool = False,
    listed: bool = True,
) -> list[Path]:
    """Enter a backend: its wrapper, then the registry, then the configuration.

    In this order a crash leaves nothing that the next try would take for a person's, and no entry without a
    wrapper.

    Args:
        home: which must have all its files (see `ensure_home`).
        name: of the backend.
        facts: the registry's entry; ``module`` names the wrapper.
        config: the configuration's entry.
        wrapper: the text of the wrapper.
        takeover: whether a person's entry of that name is updated: what it holds beside ours stays.
        listed: whether the adapter may be put into the code of a registry.

    Returns:
        The files that were changed.

    Raises:
        ProximaError: if a person made a backend of that name or its wrapper, or a file cannot be changed.
    """
    with held(home):
        registry = _registry(home)
        old = registry[SECTION].get(name)
        path = wrapper_of(home, facts)
        configuration = config_file(home)
        text = _text(configuration)
        present = _entries(configuration, text)
        if (where := theirs(home, name)) and not takeover:
            raise ProximaError(
                f"{where} already has a backend {name!r} that Rigil did not enter; it stays. Take it out, choose "
                "another name with --name, or allow that it is updated."
            )
        if path.exists() and not made_by_us(path.read_text(encoding="utf-8")):
            raise ProximaError(f"{path} was not made by Rigil; it stays. Move it or choose another name with --name.")
        kept = {key: value for key, value in (old or {}).items() if key == "before"}
        if where:
            kept["before"] = {"registry": old, "config": present.get(name)}
        before = (old or {}).get("config", {}) if not where else {}
        # Keys that the person has in an entry, or added to ours, are theirs.
        now = present[name] if isinstance(present.get(name), dict) else {}
        entry = dict(config) | {key: value for key, value in now.items() if key not in {*before, *config}}
        changed_text = text
        if present.get(name) != entry or name not in present:
            try:
                if name in present and now and not set(before) - set(config):
                    changed_text = with_values(text, SECTION, name, config)
                else:
                    rest = without_entry(text, SECTION, name) if name in present else text
                    changed_text = with_entry(rest, SECTION, name, entry)
            except YamlRefused as error:
                raise ProximaError(f"{configuration}: {error}") from error
        theirs_too = (old or {}) if where else {}
        registry[SECTION][name] = {**theirs_too, **facts, "made_by": MAKER, "config": dict(config), **kept}
        changes = {
            path: wrapper,
            record_of(home): _written(home, registry),
            **(_listed(facts) if listed else {}),
            configuration: changed_text,
        }
        return [file for file, content in changes.items() if _changed(file, content)]


def update(home: Path, name: str, **facts: Any) -> None:
    """Change facts of one of our registry entries, such as its health.

    Raises:
        ProximaError: if there is no such entry.
    """
    with held(home):
        registry = _registry(home)
        if registry[SECTION].get(name, {}).get("made_by") != MAKER:
            raise ProximaError(f"{record_of(home)} has no backend {name!r} that Rigil entered.")
        registry[SECTION][name] |= facts
        write_atomic(record_of(home), _written(home, registry))


def remove(home: Path, name: str) -> list[Path]:
    """Take a backend out again that `register` entered; returns the backups of what was changed.

    Raises:
        ProximaError: if there is no such backend, or a person entered it.
    """
    with held(home):
        registry = _registry(home)
        entry = registry[SECTION].get(name)
        if entry is None:
            known = ", ".join(sorted(registry[SECTION])) or "none"
            raise ProximaError(f"There is no backend {name!r} in {home}; there are: {known}.")
        if entry.get("made_by") != MAKER:
            raise ProximaError(f"The backend {name!r} was not entered by Rigil; take it out by hand.")
        configuration = config_file(home)
        text = _text(configuration)
        backups = []
        if name in _entries(configuration, text):
            try:
                changed = without_entry(text, SECTION, name)
                if old := (entry.get("before") or {}).get("config"):
                    changed = with_entry(changed, SECTION, name, old)
            except YamlRefused as error:
                raise ProximaError(f"{configuration}: {error}") from error
            backups.append(backup(configuration))
            write_atomic(configuration, changed)
        if (code := _code(entry)) and code.exists() and without_adapter(_text(code), entry["class"]) != _text(code):
            backups.append(backup(code))
            write_atomic(code, without_adapter(_text(code), entry["class"]))
        path = wrapper_of(home, entry)
        if path.exists() and made_by_us(path.read_text(encoding="utf-8")):
            backups.append(backup(path))
            path.unlink()
        del registry[SECTION][name]
        if old := (entry.get("before") or {}).get("registry"):
            registry[SECTION][name] = old
        backups.append(backup(record_of(home)))
        write_atomic(record_of(home), _written(home, registry))
        return [path for path in backups if path is not None]


def config_entries(home: Path) -> dict[str, Any]:
    """The configuration's entries that are mappings, by name: what another backend looks like there.

    Raises:
        ProximaError: if the configuration cannot be understood.
    """
    path = config_file(home)
    return {name: entry for name, entry in _entries(path, _text(path)).items() if isinstance(entry, dict)}


def wrapper_of(home: Path, entry: Mapping[str, Any]) -> Path:
    """The file of an entry's wrapper."""
    places = entry.get("places")
    return Path(places["folder"] if places else home / "backends", f"{entry['module']}.py")


def _code(entry: Mapping[str, Any]) -> Path | None:
    """The code of the registry that lists an entry's adapter."""
    registry = (entry.get("places") or {}).get("registry")
    return Path(registry["file"]) if registry and registry["listed"] else None


def _listed(facts: Mapping[str, Any]) -> dict[Path, str]:
    """The registry's code with the adapter among those that it lists, where it lists any."""
    code = _code(facts)
    if code is None:
        return {}
    text = without_adapter(_text(code), facts["class"])
    changed = with_adapter(text, facts["places"]["registry"]["listed"], facts["module"], facts["class"])
    return {} if changed is None else {code: changed}


def _registry(home: Path) -> dict[str, Any]:
    path = record_of(home)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {SECTION: {}}
    except ValueError as error:
        raise ProximaError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.setdefault(SECTION, {}), dict):
        raise ProximaError(f'{path} must be an object whose "{SECTION}" maps names to entries.')
    if wrong := [name for name, entry in found[SECTION].items() if not isinstance(entry, dict)]:
        raise ProximaError(f"{path}: the entry of {wrong[0]!r} is not an object.")
    return found


def _written(home: Path, registry: Mapping[str, Any]) -> str:
    """The registry as text, indented as the file is."""
    path = record_of(home)
    indented = re.search(r"\n([ \t]+)\S", path.read_text(encoding="utf-8")) if path.exists() else None
    return json.dumps(registry, indent=indented[1] if indented else 2, ensure_ascii=False) + "\n"


def _text(path: Path) -> str:
    """The text with its line ends as they are."""
    try:
        return path.read_bytes().decode() if path.exists() else ""
    except UnicodeDecodeError as error:
        raise ProximaError(
            f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); save it as such."
        ) from error


def _entries(path: Path, text: str) -> dict[str, Any]:
    try:
        return entries(text, SECTION)
    except YamlRefused as error:
        raise ProximaError(f"{path}: {error}") from error


def _changed(path: Path, content: str) -> bool:
    if path.exists() and _text(path) == content:
        return False
    backup(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, content)
    return True

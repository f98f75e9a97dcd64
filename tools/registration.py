"""Enters a backend into a ProximA home, and takes it out again.

Writing is locked against another writer, all or nothing for each file, with a backup beside it, and touches nothing
that a person made unless they allowed it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tools.filesystem import backup, write_atomic
from tools.proxima import (
    MAKER,
    SECTION,
    ProximaError,
    config_file,
    entries_of,
    held,
    record_of,
    registry_of,
    text_of,
    wrapper_of,
)
from tools.registry_code import with_adapter, without_adapter
from tools.theirs import bound, changes, theirs
from tools.wrapper import made_by_us
from tools.yaml_edit import YamlRefused, with_entry, with_values, without_entry


def register(
    home: Path,
    name: str,
    *,
    facts: Mapping[str, Any],
    config: Mapping[str, Any],
    wrapper: str,
    allowed: str = "",
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
        allowed: hash of the changes of what a person wrote that they allow, see `tools.theirs`. Without it their
            entry of that name is not updated (what it holds beside ours stays), and no code of theirs lists ours.

    Returns:
        The files that were changed.

    Raises:
        ProximaError: if a person made a backend of that name or its wrapper, or a file cannot be changed.
    """
    with held(home):
        registry = registry_of(home)
        old = registry[SECTION].get(name)
        path = wrapper_of(home, facts)
        configuration = config_file(home)
        text = text_of(configuration)
        present = entries_of(configuration, text)
        found = changes(home, name, (facts.get("places") or {}).get("registry"))
        granted = bool(found) and bound(found) == allowed
        if (where := theirs(home, name)) and not granted:
            raise ProximaError(
                f"{where} already has a backend {name!r} that Rigil did not enter; it stays. Take it out, choose "
                "another name with --name, or allow that it is updated."
            )
        if path.exists() and not made_by_us(path.read_text(encoding="utf-8")):
            raise ProximaError(f"{path} was not made by Rigil; it stays. Move it or choose another name with --name.")
        kept = {key: value for key, value in (old or {}).items() if key == "before"}
        if old and not where and isinstance(old.get("health"), dict) and old["health"].get("history"):
            kept["health"] = {"history": old["health"]["history"]}  # what was checked was another wrapper
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
        new = {
            path: wrapper,
            record_of(home): _written(home, registry),
            **(_listed(facts) if granted else {}),
            configuration: changed_text,
        }
        return [file for file, content in new.items() if _changed(file, content)]


def update(home: Path, name: str, **facts: Any) -> None:
    """Change facts of one of our registry entries, such as its advice.

    Raises:
        ProximaError: if there is no such entry.
    """
    amend(home, name, lambda _: facts)


def amend(home: Path, name: str, facts_of: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    """Change facts that hang on what the entry holds, with nobody else writing between.

    Args:
        home: of ProximA.
        name: of the backend.
        facts_of: gets the entry and returns what changes.

    Raises:
        ProximaError: if there is no such entry of ours.
    """
    with held(home):
        registry = registry_of(home)
        if registry[SECTION].get(name, {}).get("made_by") != MAKER:
            raise ProximaError(f"{record_of(home)} has no backend {name!r} that Rigil entered.")
        registry[SECTION][name] |= facts_of(registry[SECTION][name])
        write_atomic(record_of(home), _written(home, registry))


def remove(home: Path, name: str) -> list[Path]:
    """Take a backend out again that `register` entered; returns the backups of what was changed.

    Raises:
        ProximaError: if there is no such backend, or a person entered it.
    """
    with held(home):
        registry = registry_of(home)
        entry = registry[SECTION].get(name)
        if entry is None:
            known = ", ".join(sorted(registry[SECTION])) or "none"
            raise ProximaError(f"There is no backend {name!r} in {home}; there are: {known}.")
        if entry.get("made_by") != MAKER:
            raise ProximaError(f"The backend {name!r} was not entered by Rigil; take it out by hand.")
        configuration = config_file(home)
        text = text_of(configuration)
        backups = []
        if name in entries_of(configuration, text):
            try:
                changed = without_entry(text, SECTION, name)
                if old := (entry.get("before") or {}).get("config"):
                    changed = with_entry(changed, SECTION, name, old)
            except YamlRefused as error:
                raise ProximaError(f"{configuration}: {error}") from error
            backups.append(backup(configuration))
            write_atomic(configuration, changed)
        if (code := _code(entry)) and code.exists() and without_adapter(text_of(code), entry["class"]) != text_of(code):
            backups.append(backup(code))
            write_atomic(code, without_adapter(text_of(code), entry["class"]))
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


def _code(entry: Mapping[str, Any]) -> Path | None:
    """The code of the registry that lists an entry's adapter."""
    registry = (entry.get("places") or {}).get("registry")
    return Path(registry["file"]) if registry and registry["listed"] else None


def _listed(facts: Mapping[str, Any]) -> dict[Path, str]:
    """The registry's code with the adapter among those that it lists, where it lists any."""
    code = _code(facts)
    if code is None:
        return {}
    text = without_adapter(text_of(code), facts["class"])
    changed = with_adapter(text, facts["places"]["registry"]["listed"], facts["module"], facts["class"])
    return {} if changed is None else {code: changed}


def _written(home: Path, registry: Mapping[str, Any]) -> str:
    """The registry as text, indented as the file is."""
    path = record_of(home)
    indented = re.search(r"\n([ \t]+)\S", path.read_text(encoding="utf-8")) if path.exists() else None
    return json.dumps(registry, indent=indented[1] if indented else 2, ensure_ascii=False) + "\n"


def _changed(path: Path, content: str) -> bool:
    if path.exists() and text_of(path) == content:
        return False
    backup(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, content)
    return True

"""Adds to the person's own settings file what they said is to hold for good."""

from __future__ import annotations

from io import StringIO

from configs.settings import SettingsError, load_settings, settings_file
from tools.filesystem import backup, write_atomic


def add_host(host: str) -> None:
    """Add a host to ``network: hosts:``; what else is in the file stays, its comments too, with a backup beside it.

    Raises:
        SettingsError: if the file cannot be used as it stands.
    """
    from ruamel.yaml import YAML

    if host in load_settings().network.hosts:
        return
    path, yaml, text = settings_file(), YAML(), StringIO()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    content = (yaml.load(path) if path.exists() else None) or {}
    if not content.get("network"):
        content["network"] = {}
    section = content["network"]
    if section.get("hosts"):
        section["hosts"].append(host)
    else:
        section["hosts"] = [host]
    yaml.dump(content, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        backup(path)
        write_atomic(path, text.getvalue())
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}. Add {host} there by hand.") from error

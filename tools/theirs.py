"""What entering a backend changes of what a person wrote in their ProximA: in words, and bound to what stands there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.fingerprint import fingerprint
from tools.proxima import MAKER, SECTION, config_file, entries_of, record_of, registry_of, text_of
from tools.registry_code import MARK, with_adapter, without_adapter
from tools.wrapper import class_name, module_name

MOST = 600
"""Characters of an entry that the person is shown."""


class Change(NamedTuple):
    """One thing of a person's that is changed."""

    told: str
    """It in words that follow "May Rigil"."""
    sha256: str
    """Of the file and of what it holds there, or will hold: another content is another change."""


def theirs(home: Path, name: str) -> Path | None:
    """The file that holds an entry of this name which Rigil did not make, if one does.

    Raises:
        ProximaError: if the home cannot be understood.
    """
    old = registry_of(home)[SECTION].get(name)
    if old is not None:
        return None if old.get("made_by") == MAKER else record_of(home)
    return config_file(home) if name in entries_of(config_file(home), text_of(config_file(home))) else None


def changes(home: Path, name: str, registry: Mapping[str, Any] | None) -> list[Change]:
    """What a person has to allow before a backend of this name is entered.

    Args:
        home: of ProximA.
        name: of the backend.
        registry: its registry as `tools.layout.places` gives it, where that is code.

    Raises:
        ProximaError: if the home cannot be understood.
    """
    found = [_of_entry(home, name)]
    if registry and registry["enters"] and registry["listed"] and not (home / "backends.json").exists():
        found.append(_of_code(Path(registry["file"]), registry["listed"], name))
    return [change for change in found if change]


def bound(found: Sequence[Change]) -> str:
    """What an approval of all these changes is bound to."""
    return fingerprint(sorted(change.sha256 for change in found))


def _of_entry(home: Path, name: str) -> Change | None:
    where = theirs(home, name)
    if where is None:
        return None
    configuration = config_file(home)
    now = {
        "registry": registry_of(home)[SECTION].get(name),
        "config": entries_of(configuration, text_of(configuration)).get(name),
    }
    shown = repr(now["registry"] or now["config"])
    shown = shown if len(shown) <= MOST else f"{shown[:MOST]}…"
    stays = ": keys that Rigil does not know stay" if where == configuration else ""
    told = f"update the entry of {name!r} that is already in {where}{stays}. It is now {shown}"
    return Change(told, fingerprint([name, str(where.resolve()), str(configuration.resolve()), repr(now)]))


def _of_code(path: Path, listed: str, name: str) -> Change | None:
    text, module, entered = text_of(path), module_name(name), class_name(name)
    made = with_adapter(without_adapter(text, entered), listed, module, entered)
    if made is None or made == text:
        return None
    # What Rigil put there for other backends meanwhile makes it no other change.
    plain = re.sub(rf"[^\n]*{re.escape(MARK)}\r?\n", "", text)
    alone = with_adapter(plain, listed, module, entered) or made
    lines = [f"+ {line.removesuffix(MARK).rstrip()}" for line in alone.splitlines() if line.endswith(MARK)]
    told = "\n".join([f"add the adapter of {name!r} to the code of {path}, behind {listed}:", *lines])
    return Change(told, fingerprint([str(path.resolve()), alone]))

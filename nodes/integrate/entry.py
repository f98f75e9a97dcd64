"""The entry in ProximA's configuration: the keys of the entries that are there, with known values."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from models.errors import Rejected
from nodes.integrate.answers import each_one_of
from nodes.session import Session
from tools.proxima import backends, config_entries

SAME, OMIT = "the same as there", "leave it out"
MOST = 16
PLAIN = (str, bool, int, float)


def config_entry(session: Session, home: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Give values to the keys of an entry that is there; where there is none, to the keys that are known.

    The model says which known fact a key asks for; code copies it. A pairing whose kind of value differs
    from the one that is there (a number for a text) is not kept.
    """
    known = values(session, facts)
    name = session.run.name
    ours = {other for other, entry in backends(home).items() if entry.get("made_by")}
    examples = {other: entry for other, entry in config_entries(home).items() if other not in {name, *ours} and entry}
    if not examples:
        return known
    other, example = next(iter(examples.items()))
    keys = [key for key, value in example.items() if isinstance(key, str) and isinstance(value, PLAIN)][:MOST]
    evidence = {"keys": [[key, example[key]] for key in keys], "facts": known}
    piece = session.recipe.get("config_entry")
    if piece is None or piece["evidence"] != evidence:
        piece = {
            "evidence": evidence,
            "pairs": _paired(session, other, {key: example[key] for key in keys}, known),
        }
        session.recipe.put("config_entry", piece, f"the keys of {other}, each with a known value of the same kind")
    entry = {}
    for key, meaning in piece["pairs"].items():
        value = example[key] if meaning == SAME else known.get(meaning)
        if value is not None and _kind(value) is _kind(example[key]):
            entry[key] = value
    return entry or known


def values(session: Session, facts: dict[str, Any]) -> dict[str, Any]:
    """What is known of the backend, under the names that a configuration commonly has."""
    files = [Path(word) for word in shlex.split(facts["command"]) if word.startswith("/") and "⟨" not in word]
    program = next((path for path in files if path.is_file()), session.tree)
    return {
        "name": session.run.name,
        "type": "custom",
        "path": str(program.parent),
        "executable": program.name,
        "adapter": f"{facts['module']}.{facts['class']}",
        "version": facts["version"],
        "enabled": True,
        "supports_noise": bool(facts["parameters"]["noise_level"]["supported"]),
        "max_qubits": facts["max_qubits"],
    }


def _paired(session: Session, other: str, example: dict[str, Any], known: dict[str, Any]) -> dict[str, str]:
    """Key -> known fact. A key that is called as a fact of the same kind needs no question."""
    pairs = {key: key for key, value in example.items() if key in known and _kind(known[key]) is _kind(value)}
    rest = {key: value for key, value in example.items() if key not in pairs}
    if rest:
        try:
            answer = session.ask(
                "config_entry",
                each_one_of("ConfigEntry", list(rest), [*known, SAME, OMIT]),
                other=other,
                example="\n".join(f"{key}: {json.dumps(value)}" for key, value in rest.items()),
                facts="\n".join(f"{key} = {json.dumps(value)}" for key, value in known.items()),
            )
            pairs |= answer.model_dump(by_alias=True)
        except Rejected:  # the registry's entry is complete without these keys
            pairs |= dict.fromkeys(rest, OMIT)
    return {key: pairs[key] for key in example}


def _kind(value: Any) -> type:
    """The kind of a value; whole and broken numbers are one."""
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)

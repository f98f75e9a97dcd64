"""Holds a mapping of ProximA's parameters to what an entry may be, see `tools.transforms`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.transforms import KINDS, TRANSFORMS, allowed, apply, check

STANDARD: dict[str, dict[str, Any]] = {
    "num_qubits": {"type": "integer", "minimum": 1},
    "shots": {"type": "integer", "minimum": 1},
    "seed": {"type": "integer", "minimum": 0},
    "noise_level": {"type": "probability", "minimum": 0, "maximum": 1},
    "optimization_level": {"type": "integer", "minimum": 0},
    "parallelization": {"type": "integer", "minimum": 1},
    "precision": {"type": "word", "choices": ["single", "double"]},
    "timeout": {"type": "number", "above": 0},
}
"""ProximA's parameters and what a value of each may be, whatever the backend."""
DEFAULTS: dict[str, Any] = {"shots": 1024, "timeout": 300}
"""What holds where nothing is given, the same for every backend."""
PROBES = (0, 0.25, 1)
"""Values that an expression has to have a value for, if its parameter may be one of them."""


def problems(mapping: Mapping[str, Any]) -> list[str]:
    """What is wrong with a mapping, a sentence each."""
    found = [f"`{name}` is missing." for name in STANDARD if name not in mapping]
    for name, entry in mapping.items():
        if name not in STANDARD:
            found.append(f"`{name}` is none of {', '.join(STANDARD)}.")
        elif not isinstance(entry, Mapping) or not isinstance(entry.get("supported"), bool):
            found.append(f"`{name}` does not say whether it is supported.")
        elif not entry["supported"]:
            found += [] if entry.get("why") else [f"`{name}` does not say why it is not supported."]
        elif wrong := _problem(name, entry):
            found.append(f"`{name}`: {wrong}")
    return found


def _problem(name: str, entry: Mapping[str, Any]) -> str | None:
    kind, rules = entry.get("transform"), entry.get("validation")
    if kind not in TRANSFORMS:
        return f"there is no transform {kind!r}."
    if not isinstance(rules, Mapping) or rules.get("type") not in KINDS:
        return f"its validation names none of the types {', '.join(KINDS)}."
    if rules.get("minimum", 0) > rules.get("maximum", float("inf")):
        return f"its minimum {rules['minimum']} is above its maximum {rules['maximum']}."
    more = TRANSFORMS[kind]
    if more and not entry.get(more):
        return f"its transform {kind!r} needs `{more}`."
    if kind == "format" and "{value}" not in str(entry["template"]):
        return "its template does not hold {value}."
    if kind == "scale" and (isinstance(entry["factor"], bool) or not isinstance(entry["factor"], int | float)):
        return f"its factor {entry['factor']!r} is no number."
    if kind == "map" and not isinstance(entry["mapping"], Mapping):
        return "its mapping is no table."
    tried = rules.get("choices") or [value for value in PROBES if check(name, entry, value) is None]
    for value in [*tried, *(entry.get("words") or {})]:
        try:
            apply(entry, value)
        except (ValueError, TypeError) as error:
            return str(error)
    default = entry.get("default")
    if default is not None and check(name, entry, default):
        return f"its default {default!r} is not {allowed(entry)}."
    return None

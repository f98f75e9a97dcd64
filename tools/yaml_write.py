"""Writes plain JSON as YAML that every reader of YAML 1.1 and 1.2 takes for the same."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

STEP = 2
"""Columns that a level is indented by, where the file has no example."""
RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})
"""Names that some YAML readers take for something else."""
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def block(content: Mapping[str, Any], column: int, step: int) -> list[str]:
    """Block-style lines, ``step`` columns a level; scalars and lists are written as JSON, which YAML contains."""
    lines = []
    for key, value in content.items():
        label = key if key.isidentifier() and key.lower() not in RESERVED else flow(key)
        if isinstance(value, Mapping) and value:
            lines.append(f"{' ' * column}{label}:")
            lines += block(value, column + step, step)
        else:
            lines.append(f"{' ' * column}{label}: {flow(value)}")
    return lines


def flow(value: Any) -> str:
    """The value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(str(key))}: {flow(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _number(value: float) -> str:
    """YAML 1.1 takes 1e-05 for a word: a number needs its point."""
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
    digits, exponent, power = repr(value).partition("e")
    return (digits if "." in digits else f"{digits}.0") + exponent + power

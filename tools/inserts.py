"""Keyword arguments that a value of a parameter adds to a line of a script; without a value the line stays as it is.

A dialect's ``inserts`` say for a parameter's name: ``line``, a line of ``before`` or ``after``; ``at``, a position in
it; and ``text``, what goes there, with the slot ⟨value⟩. This module imports nothing but the standard library,
because an installed wrapper holds it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def inserted(dialect: Mapping[str, Any], options: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """(the dialect with the values in its lines, the options that are left for the command)."""
    known, left = dialect.get("inserts") or {}, dict(options or {})
    given = [(known[name], left.pop(name)) for name in list(left) if name in known]
    if not given:
        return dialect, left
    # From the end of a line on, so that the positions before it stay right.
    given.sort(key=lambda pair: int(pair[0]["at"]), reverse=True)
    made = {part: [_line(line, given) for line in dialect[part]] for part in ("before", "after")}
    return {**dialect, **made}, left


def _line(line: Any, given: list[tuple[Mapping[str, Any], Any]]) -> Any:
    made = line
    for insert, value in given:
        if insert["line"] == line:
            text = str(insert["text"]).replace("⟨value⟩", repr(value))
            made = made[: insert["at"]] + text + made[insert["at"] :]
    return made

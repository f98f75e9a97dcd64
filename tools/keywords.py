"""Finds the calls in a script's lines, and the place in them where another keyword argument goes."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any, NamedTuple


class Call(NamedTuple):
    """A call that stands in one line of a script."""

    line: str
    """The line, as it stands in the dialect."""
    callee: str
    """What is called, as an expression: ``Simulator``, ``machine.run``."""
    positional: int
    """Arguments that are given by their place."""
    given: tuple[str, ...]
    """Names of those that are given by name."""
    at: int
    """Position in the line of the closing bracket."""
    comma: bool
    """Whether a comma has to come before another argument."""


def calls_in(lines: Sequence[Any]) -> list[Call]:
    """The calls of lines that are whole statements, in order, without those of what another call gives."""
    found: list[Call] = []
    for line in lines:
        if not isinstance(line, str):
            continue
        # Of the same length, so that positions stay what they are.
        plain = re.sub(r"⟨[^⟩]*⟩", lambda slot: "_" * len(slot[0]), line)
        try:
            tree = ast.parse(plain)
        except (SyntaxError, ValueError):
            continue
        found += [_call(line, plain, node) for node in ast.walk(tree) if isinstance(node, ast.Call) and _fits(node)]
    return found


def insert(call: Call, keyword: str) -> dict[str, Any]:
    """The insert that gives the call a keyword argument, see `tools.inserts`."""
    text = f", {keyword}=⟨value⟩" if call.comma else f"{keyword}=⟨value⟩, "  # so that several fit in one place
    return {"line": call.line, "at": call.at, "text": text}


def _fits(node: ast.Call) -> bool:
    inner = [part for part in ast.walk(node.func) if not isinstance(part, ast.Name | ast.Attribute | ast.expr_context)]
    unpacked = [*filter(lambda argument: isinstance(argument, ast.Starred), node.args)]
    lone = len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp)
    return not inner and not unpacked and not lone and all(keyword.arg for keyword in node.keywords)


def _call(line: str, plain: str, node: ast.Call) -> Call:
    at = len(plain.encode()[: (node.end_col_offset or 0) - 1].decode())
    arguments = bool(node.args or node.keywords)
    given = tuple(str(keyword.arg) for keyword in node.keywords)
    comma = arguments and not plain[:at].rstrip().endswith(",")
    return Call(line, ast.unparse(node.func), len(node.args), given, at, comma)

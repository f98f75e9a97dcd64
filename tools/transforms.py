"""Checks a value of one of ProximA's parameters and turns it into the backend's, by an entry of the mapping.

An *entry* is plain data, one for each parameter; beside what it rests on (see `nodes.integrate.parameters`) it holds

    supported      whether the backend has it, and if not, ``why``
    backend_param  the option or keyword argument that sets it
    transform      "direct", or one of those below
    factor         of "scale": what the value is multiplied by
    mapping        of "map": value -> the backend's word, true or false for a switch
    template       of "format": a text with {value} in it
    expression     of "expression": arithmetic on ``value``
    default        what holds where no value is given, None where that is not known
    validation     type ("integer", "number", "probability", "word"), minimum, above, maximum, choices
    words          where there are any: a word that may be given -> the value that it stands for

This module imports nothing but the standard library, because an installed wrapper holds it too.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

KINDS = {"integer": "a whole number", "number": "a number", "probability": "a probability", "word": "a word"}
TRANSFORMS = {"direct": None, "scale": "factor", "map": "mapping", "format": "template", "expression": "expression"}
"""How a value is turned, and the key that says more of it."""
DIGITS = 12
"""Significant digits of a number that was worked out: 0.07 · 100 is 7."""
HIGHEST = 64
"""The largest exponent in an expression."""
_OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "int": int,
    "log10": math.log10,
    "log2": math.log2,
    "max": max,
    "min": min,
    "round": round,
    "sqrt": math.sqrt,
}


def check(name: str, entry: Mapping[str, Any], value: Any) -> str | None:
    """What is wrong with a value of the parameter, in one sentence that says what is allowed."""
    rules = entry.get("validation") or {}
    if not rules:
        return None
    given, wrong = meant(entry, value), f"`{name}` is {allowed(entry)}, not {value!r}."
    if choices := rules.get("choices"):
        return None if any(given == choice and not isinstance(given, bool) for choice in choices) else wrong
    if rules["type"] == "word":
        return None if isinstance(given, str) and given else wrong
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        return wrong
    fits = (
        (rules["type"] != "integer" or isinstance(given, int))
        and given >= rules.get("minimum", -math.inf)
        and given > rules.get("above", -math.inf)
        and given <= rules.get("maximum", math.inf)
    )
    return None if fits else wrong


def allowed(entry: Mapping[str, Any]) -> str:
    """What a value may be, as the part of a sentence."""
    rules, words = entry["validation"], entry.get("words") or {}
    low, above, high = (rules.get(key) for key in ("minimum", "above", "maximum"))
    if choices := rules.get("choices"):
        text = f"one of {', '.join(map(str, choices))}"
    elif low is not None and high is not None:
        text = f"{KINDS[rules['type']]} from {low} to {high}"
    else:
        bounds = [f"of at least {low}"] * (low is not None) + [f"above {above}"] * (above is not None)
        text = " ".join([KINDS[rules["type"]], *bounds, *[f"of at most {high}"] * (high is not None)])
    if rules["type"] == "probability":
        text += ", or a percentage such as '1%'"
    return text + (f", or one of the words {', '.join(words)}" if words else "")


def meant(entry: Mapping[str, Any], value: Any) -> Any:
    """The value that a word, a percentage or a number written as text stands for; any other is itself."""
    if not isinstance(value, str):
        return value
    text, kind = value.strip(), (entry.get("validation") or {}).get("type")
    words = entry.get("words") or {}
    if text.lower() in words:
        return words[text.lower()]
    number = re.fullmatch(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(%?)", text)
    if number is None or kind not in ("integer", "number", "probability") or (number[2] and kind != "probability"):
        return text
    return _plain(float(number[1]) / 100 if number[2] else float(number[1]))


def apply(entry: Mapping[str, Any], value: Any) -> Any:
    """The backend's value for a value that `check` lets pass.

    Raises:
        ValueError: if the entry does not say how it is turned.
    """
    given, kind = meant(entry, value), entry.get("transform", "direct")
    if kind == "direct":
        return given
    if kind == "map":
        table = entry["mapping"]
        key = str(_plain(given) if isinstance(given, float) else given)
        if key not in table:
            raise ValueError(f"{value!r} is none of {', '.join(table)}.")
        return table[key]
    if kind == "scale":
        return _plain(given * entry["factor"])
    if kind == "format":
        return str(entry["template"]).replace("{value}", str(given))
    if kind == "expression":
        return _plain(evaluate(entry["expression"], given))
    raise ValueError(f"There is no transform {kind!r}; there are: {', '.join(TRANSFORMS)}.")


def evaluate(expression: str, value: Any) -> Any:
    """The value of arithmetic on ``value``: numbers, + - * / // % **, and a few functions. Nothing else is run.

    Raises:
        ValueError: for anything else, and where it has no value (a division by zero).
    """
    try:
        return _walk(ast.parse(expression, mode="eval").body, value)
    except (SyntaxError, ArithmeticError, TypeError, RecursionError) as error:
        raise ValueError(f"`{expression}` has no value for {value!r}: {error}") from error


def _walk(node: ast.expr, value: Any) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.Name) and node.id == "value":
        return value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        found = _walk(node.operand, value)
        return -found if isinstance(node.op, ast.USub) else found
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _walk(node.left, value), _walk(node.right, value)
        if isinstance(node.op, ast.Pow) and (abs(right) > HIGHEST or abs(left) > 10**DIGITS):
            raise ValueError(f"The exponent {right} is too large.")
        return _OPERATORS[type(node.op)](left, right)
    called = node.func if isinstance(node, ast.Call) and not node.keywords else None
    if isinstance(node, ast.Call) and isinstance(called, ast.Name) and called.id in _FUNCTIONS:
        return _FUNCTIONS[called.id](*(_walk(argument, value) for argument in node.args))
    raise ValueError(f"`{ast.unparse(node)}` may not stand in an expression of a parameter.")


def _plain(number: Any) -> Any:
    """A number without the noise of its last binary digits; whole where it is whole."""
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        return number
    rounded = float(f"{number:.{DIGITS}g}") if isinstance(number, float) else number
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 10**DIGITS else rounded


def unknown_options(command: str, accepts: list[str]) -> list[str]:
    """The options in a command line that are none of those that the backend accepts."""
    words = re.findall(r"(?<!\S)(--?[A-Za-z][\w-]*)", command)
    return [word for word in dict.fromkeys(words) if word not in accepts]

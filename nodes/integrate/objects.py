"""Gives an argument that takes no plain value an object of the backend's own module, made of the value."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from models.errors import Rejected
from nodes.integrate.answers import PARAMETERS, ArgumentObject
from nodes.integrate.settable import Settable
from nodes.session import Session
from nodes.verify.interface import usage
from nodes.verify.speech.names import names_in, spoken_of
from tools.dialect import ANGLE, DialectError
from tools.documents import telling
from tools.excerpts import tail

NUMBERS = {"noise_level": ANGLE}
WHOLE = "3"
"""The number of any other parameter in the expression that a model is asked for."""
NAMES, TOLD, LIMIT_S = 2000, 1600, 60.0
ALLOWED = (ast.Expression, ast.Call, ast.keyword, ast.Attribute, ast.Name, ast.Constant, ast.List, ast.Tuple, ast.Dict)
"""What an expression may be made of: calls of named things with plain values."""
OWN = """
def own(thing):
    if str(getattr(thing, "__module__", "")).split(".")[0] != TOP:
        raise TypeError(f"{thing!r} is not made by the module itself")
"""
"""Refuses what a module only imported from elsewhere."""


class Made(NamedTuple):
    """How a value becomes an object."""

    shown: str
    """For a person: the argument and its expression."""
    insert: dict[str, Any]
    """Of `tools.inserts`."""
    lines: dict[str, str]
    """Lines of the script -> the line instead, so that the module has a name there."""


def made_of(session: Session, dialect: Mapping[str, Any], option: Settable, name: str) -> Made | None:
    """Ask for the object and try to make it; None where the argument takes none, or it cannot be made."""
    way = session.recipe.get("interface") or {}
    form = option.forms[0]
    first = next((line for line in dialect["before"] if isinstance(line, str) and _imports(line)), None)
    if session.asker.form != "free" or way.get("kind") != "module" or isinstance(form, str) or first is None:
        return None
    module, number = str(way["target"]), NUMBERS.get(name, WHOLE)
    python = str(session.shell.workspace / "python" / "bin" / "python")
    whole = rf"(?<![\w.]){re.escape(number)}(?![\w.])"

    def works(answer: ArgumentObject) -> str | None:
        text = answer.expression.strip()
        if text == "none":
            return None
        if why := _unfit(text, module):
            return why
        if not re.search(whole, text):
            return f"The number {number} is missing."
        called = [ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
        checks = "\n".join(f"own({name})" for name in called)
        program = "\n".join([f"import {module}", OWN.replace("TOP", repr(module.split(".")[0])), checks, text])
        finished = session.command([python, "-c", program], name="object", timeout_s=LIMIT_S)
        return None if finished.ok else f"`{text}` cannot be made: {tail(finished.log, 3)[-400:]}"

    try:
        documents = usage(session, 100_000)
        text = session.ask(
            "argument_object",
            ArgumentObject,
            oracles=[works],
            documentation=telling(documents, (option.name, *PARAMETERS[name].split()), TOLD),
            names=spoken_of(names_in(session, python, module), documents, NAMES),
            line=option.option.text,
            what=PARAMETERS[name],
            number=number,
            module=module,
        ).expression.strip()
    except (Rejected, DialectError) as error:
        session.run.record("integrate.parameters", f"no object for {option.name}: {error}")
        return None
    if text == "none":
        return None
    expression = re.sub(whole, "⟨value⟩", text)
    given = str(form["text"]).replace("⟨value⟩", expression)
    return Made(f"{option.name}={expression}", {**form, "text": given}, {first: f"{first}; import {module}"})


def _imports(line: str) -> bool:
    return re.match(r"(?:import|from)\s+\w", line) is not None


def _unfit(text: str, module: str) -> str | None:
    """Why an expression is more than a call of the module's own names with plain values; None where it is not."""
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        return f"`{text}` is no Python expression: {error.msg}."
    for node in ast.walk(tree):
        if isinstance(node, ast.expr_context | ast.UnaryOp | ast.USub):
            continue
        if not isinstance(node, ALLOWED):
            return f"`{ast.unparse(node)[:60]}` is more than a call with plain values."
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            return f"{node.attr} is not for use from outside."
        if isinstance(node, ast.Name) and node.id != module.split(".")[0]:
            return f"{node.id} must have the module in front of it: {module}.{node.id}"
        if isinstance(node, ast.Call) and not ast.unparse(node.func).startswith(f"{module}."):
            return f"`{ast.unparse(node.func)}` is not of the module {module}."
    return None if isinstance(tree.body, ast.Call) else "It must be a call that makes the object."

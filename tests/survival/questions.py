"""Every question that the agent asks, with its answer type: read from the calls of ``ask`` in the code."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from configs import PROMPTS

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ("alpha", "beta", "gamma delta")


class Asked(NamedTuple):
    """One call of ``ask``."""

    question: str
    place: str
    answer: type[BaseModel] | None
    """None where the test cannot make the type."""


def asked() -> list[Asked]:
    """Every call whose question is a constant."""
    found = []
    for package in ("nodes", "models", "cli", "graph"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text())
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for call in calls(tree):
                question = call.args[0]
                if isinstance(question, ast.Constant) and isinstance(question.value, str):
                    place = f"{path.relative_to(ROOT)}:{call.lineno}"
                    found += [Asked(question.value, place, kind) for kind in kinds(call.args[1], tree, module)]
    return found


def prompts() -> set[str]:
    return {path.stem for path in PROMPTS.glob("*.md")}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for call in ast.walk(tree):
        named = isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in (
            "ask",
            "_ask",
        )
        if named and isinstance(call, ast.Call) and len(call.args) > 1:
            yield call


def kinds(node: ast.expr, tree: ast.AST, module: Any) -> list[type[BaseModel] | None]:
    """The types that an expression may be: a class, a call of what makes one, or a name bound to one of them."""
    match node:
        case ast.Name(name) if name not in vars(module):
            bound = [
                assigned.value
                for assigned in ast.walk(tree)
                if isinstance(assigned, ast.Assign | ast.AnnAssign)
                and assigned.value
                and any(
                    isinstance(target, ast.Name) and target.id == name
                    for target in (assigned.targets if isinstance(assigned, ast.Assign) else [assigned.target])
                )
            ]
            return [kind for value in bound for kind in kinds(value, tree, module)] or [None]
        case ast.Name(name):
            value = vars(module)[name]
            return [value if isinstance(value, type) and issubclass(value, BaseModel) else None]
        case ast.IfExp():
            return [*kinds(node.body, tree, module), *kinds(node.orelse, tree, module)]
        case ast.Call(func=ast.Name(name)):
            return [made(vars(module)[name], node, module)]
    return [None]


def made(factory: Any, call: ast.Call, module: Any) -> type[BaseModel] | None:
    """The type that a function makes, of values that its parameters' names and annotations allow."""
    values: list[Any] = []
    for name, given in zip(inspect.signature(factory).parameters, call.args, strict=False):
        if isinstance(given, ast.Constant):
            values.append(given.value)
        elif isinstance(given, ast.Name) and isinstance(vars(module).get(given.id), dict):
            values.append(vars(module)[given.id])
        else:
            values.append(sample(factory, name))
    found = factory(*values)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def sample(factory: Any, name: str) -> Any:
    """Three texts, or three that the module of the factory knows where it describes what it may be given."""
    source = inspect.getsource(factory)
    for table, value in vars(inspect.getmodule(factory)).items():
        if isinstance(value, dict) and f"{table}[name] for name in {name}" in source:
            return list(value)[:3]
    mapping = "Mapping" in str(inspect.signature(factory).parameters[name].annotation)
    return {text: text for text in TEXTS} if mapping else list(TEXTS)


def right(kind: Any, field: Any = None) -> Any:
    """A value of a type, as plain JSON; of an answer type one that it accepts."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {info.alias or name: right(info.annotation, info) for name, info in kind.model_fields.items()}
    origin, inner = get_origin(kind), get_args(kind)
    limits = {key: value for item in (field.metadata if field else []) for key, value in limits_of(item).items()}
    if origin is Literal:
        return inner[0]
    if origin is list:
        return [right(inner[0])] * min(max(limits.get("min_length", 1), 1), limits.get("max_length", 9))
    if inner:
        return right(inner[0], field)
    if kind is bool:
        return True
    if kind is int:
        return 1
    return text_of(limits)


def text_of(limits: dict[str, Any]) -> str:
    """A text of the asked length and pattern."""
    import re

    for text in ("", "1", "01", ".c", "make", "make all", "make it all anew", "make it all anew and once more"):
        long_enough = limits.get("min_length", 0) <= len(text) <= limits.get("max_length", 99)
        if long_enough and re.search(limits.get("pattern") or "", text):
            return text
    raise AssertionError(f"no text fits {limits}")


def limits_of(item: Any) -> dict[str, Any]:
    return {key: getattr(item, key) for key in ("min_length", "max_length", "pattern") if getattr(item, key, None)}

"""Admits a function that a model wrote only if it does no more than make a text out of numbers and names.

This guards against accidents and against what a document may have talked a model into. The wall is the sandbox, in
which such a function runs while it is tried.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

NAME = "translate"
ARGUMENTS = ("operations", "qubits", "shots", "seed")
MODULES = ("math", "cmath", "json", "itertools", "collections", "functools", "re")
"""What it may import: modules that compute, and neither read nor write anything."""
_PLAIN = (
    "abs all any ascii bin bool chr complex dict divmod enumerate filter float frozenset hash hex int isinstance iter "
    "len list map max min next oct ord pow range repr reversed round set slice sorted str sum tuple zip"
)
PLAIN = {*_PLAIN.split(), *(name for name in dir(builtins) if name.endswith("Error"))}
"""The names of Python's own that it may use."""
INNER = ("_", "gi_", "f_", "tb_", "cr_", "ag_", "co_", "func_")
"""How the names of attributes begin by which Python shows its inside."""


class Restricted(ValueError):
    """The function does, or may do, what it must not; the message is a sentence for the model."""


def admitted(source: str) -> str:
    """The function as one that stands alone: its imports and what it uses are inside it.

    Raises:
        Restricted: if it is no such function, or does more than it may.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise Restricted(f"Line {error.lineno} is not valid Python: {error.msg}.") from error
    made = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == NAME]
    arguments = ", ".join(ARGUMENTS)
    if len(made) != 1 or tuple(argument.arg for argument in made[0].args.args) != ARGUMENTS:
        raise Restricted(f"Give one function `def {NAME}({arguments}):` that returns the text.")
    allowed = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    for each in tree.body:
        if not isinstance(each, allowed) and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)):
            raise Restricted(f"`{ast.unparse(each)[:80]}` stands outside of the function; leave it out.")
    if wrong := next(_problems(tree), None):
        raise Restricted(wrong)
    text = source.strip() + "\n"
    if len(tree.body) > 1:
        inside = "\n".join(ast.unparse(each) for each in tree.body if not _future(each))
        lines = [f"def {NAME}({arguments}):", *("    " + line for line in inside.splitlines())]
        text = "\n".join([*lines, "", f"    return {NAME}({arguments})"]) + "\n"
    foreign = sorted(set(_from_outside(symtable.symtable(text, NAME, "exec"))) - PLAIN - {NAME})
    if foreign:
        raise Restricted(f"It must not use the name {foreign[0]}.")
    return text


def _from_outside(table: symtable.SymbolTable) -> Iterator[str]:
    """The names that a text takes from where it stands, at whatever depth."""
    for symbol in table.get_symbols():
        if not symbol.is_assigned() if table.get_type() == "module" else symbol.is_global():
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _from_outside(inner)


def _future(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _problems(tree: ast.Module) -> Iterator[str]:
    """What it does that it must not, in sentences."""
    modules: dict[str, ModuleType] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name not in MODULES:
                    yield f"It must not import {alias.name}; it may import {', '.join(MODULES)}."
                else:
                    modules[alias.asname or alias.name] = import_module(alias.name)
        elif isinstance(node, ast.ImportFrom) and not _future(node):
            if node.module not in MODULES or node.level:
                yield f"It must not import {node.module}; it may import {', '.join(MODULES)}."
                continue
            module = import_module(node.module)
            if hidden := [alias.name for alias in node.names if not _public(module, alias.name)]:
                yield f"It must not import {hidden[0]} from {node.module}."
    owners = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if node.attr.startswith(INNER):
                yield f"It must not use the attribute {node.attr}."
            owner = modules.get(node.value.id) if isinstance(node.value, ast.Name) else None
            if owner is not None and not _public(owner, node.attr):
                yield f"It must not use {owner.__name__}.{node.attr}."
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id in modules and id(node) not in owners:
                yield f"The module {node.id} may only stand before a dot."
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "__" in node.value:
            yield f"The text {node.value[:40]!r} holds two underscores; leave it out."
        elif isinstance(node, ast.Global | ast.Nonlocal | ast.ClassDef | ast.AsyncFunctionDef | ast.Await | ast.With):
            yield f"It must not use `{ast.unparse(node).splitlines()[0][:60]}`; write plain functions."


def _public(module: ModuleType, name: str) -> bool:
    """Whether a module offers a name for use; modules that it only uses itself are not offered."""
    offered = getattr(module, "__all__", None) or [each for each in dir(module) if not each.startswith("_")]
    return name in offered and not isinstance(getattr(module, name), ModuleType)

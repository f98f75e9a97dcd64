"""A registry of backends that is Python code: where it is, how an adapter gets into it, and its change as text.

Adapters are entered by a call while ProximA runs; those that a registry knows from its start stand in its code, as an
import and a place in a list. Where one stands like that, ours is put behind it in the same words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

MARK = "  # made by Rigil"
"""Ends each line that was put into a registry's code, so that it can be taken out again."""


class RegistryCode(NamedTuple):
    """How a module keeps adapters."""

    path: Path
    holder: str
    """The class that keeps them; empty where functions of the module do."""
    instance: str
    """The module's variable that is one; empty where one has to be made."""
    enters: str
    """The function or method that takes an adapter; empty where none does."""
    gives: str
    """The one that gives an adapter by its name."""
    listed: str
    """An adapter's class that stands in a list of its code, the last one that is not ours; empty where none does."""


def registry_in(files: Sequence[Path], base: str) -> RegistryCode | None:
    """The registry: what gives an adapter by its name and, best, takes one, as its annotations say.

    Args:
        files: the modules of a ProximA.
        base: the class that adapters derive from.
    """
    found: list[RegistryCode] = []
    for path in files:
        source = path.read_bytes()
        if base.encode() not in source:
            continue
        try:
            tree = ast.parse(re.sub(rb"[^\n]*" + re.escape(MARK.encode()) + rb"\r?\n", b"", source))
        except (SyntaxError, ValueError):  # a file that Python cannot read is no registry
            continue
        holders: list[ast.ClassDef | ast.Module] = [*(n for n in tree.body if isinstance(n, ast.ClassDef)), tree]
        for holder in holders:
            functions = [n for n in holder.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
            enters = [f.name for f in functions if any(_names(a.annotation, base) for a in f.args.args)]
            gives = [f.name for f in functions if _names(f.returns, base) and _takes_text(f)]
            if gives and (enters or not isinstance(holder, ast.ClassDef)):
                name = holder.name if isinstance(holder, ast.ClassDef) else ""
                listed = _listed(tree)
                found.append(
                    RegistryCode(
                        path,
                        name,
                        _instance(tree, name),
                        enters[0] if enters else "",
                        gives[0],
                        listed[-1] if listed else "",
                    )
                )
    return next((code for code in found if code.enters), found[0] if found else None)


def with_adapter(text: str, sibling: str, module: str, name: str) -> str | None:
    """The code with an adapter imported and listed behind another one, or None where that takes more than whole lines.

    Args:
        text: of the registry.
        sibling: the class that is listed already.
        module: of the new one, beside the module that the sibling comes from.
        name: its class.
    """
    try:
        tree = ast.parse(text.encode())
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # what cannot be read is not to be added to
        return None
    lines = _lines(text)
    added: dict[int, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and any((a.asname or a.name) == sibling for a in node.names):
            parent = (node.module or "").rpartition(".")[0]
            source = f"{'.' * node.level}{parent}{'.' if parent else ''}{module}"
            added[node.end_lineno or node.lineno] = f"from {source} import {name}"
    for element in _elements(tree, sibling):
        line = lines[element.lineno - 1]
        if element.lineno == element.end_lineno and re.fullmatch(rf"\s*{sibling},\s*(#.*)?", line.rstrip("\r\n")):
            added[element.lineno] = f"{line[: element.col_offset]}{name},"
    if len(added) < 2:
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    made = "".join(
        line + (f"{added[number]}{MARK}{newline}" if number in added else "") for number, line in enumerate(lines, 1)
    )
    return made if without_adapter(made, name) == text and _only_adds(tree, ast.parse(made.encode()), name) else None


def without_adapter(text: str, name: str) -> str:
    """The code without the lines that `with_adapter` put in for this class."""
    ours = re.compile(rf"[^\r\n]*\b{re.escape(name)}\b[^\r\n]*{re.escape(MARK)}\r?\n")
    return "".join(line for line in _lines(text) if not ours.fullmatch(line))


def _lines(text: str) -> list[str]:
    """Lines as Python counts them, with their ends."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _names(annotation: ast.expr | None, base: str) -> bool:
    return annotation is not None and re.search(rf"\b{base}\b(?!\])", ast.unparse(annotation)) is not None


def _takes_text(function: ast.FunctionDef) -> bool:
    return any(argument.annotation and "str" in ast.unparse(argument.annotation) for argument in function.args.args)


def _instance(tree: ast.Module, holder: str) -> str:
    for target, value in _assigned(tree.body):
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == holder:
            return target
    return ""


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value


def _listed(tree: ast.Module) -> list[str]:
    """Imported classes that stand in a list of the module or of one of its classes, in their order."""
    imported = {a.asname or a.name for node in tree.body if isinstance(node, ast.ImportFrom) for a in node.names}
    return [element.id for element in _elements(tree) if element.id in imported and element.id[:1].isupper()]


def _elements(tree: ast.Module, name: str = "") -> Iterator[ast.Name]:
    """The names that are elements of lists, of one name if it is given."""
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    for _, value in (pair for body in bodies for pair in _assigned(body)):
        if isinstance(value, ast.List | ast.Tuple | ast.Set):
            for element in value.elts:
                if isinstance(element, ast.Name) and name in ("", element.id):
                    yield element


def _only_adds(before: ast.Module, after: ast.Module, name: str) -> bool:
    """Whether a module means what it meant before, but for the import and the elements of that name."""
    after.body = [
        node
        for node in after.body
        if not (isinstance(node, ast.ImportFrom) and [alias.name for alias in node.names] == [name])
    ]
    for node in ast.walk(after):
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            node.elts = [item for item in node.elts if not (isinstance(item, ast.Name) and item.id == name)]
    return ast.dump(before) == ast.dump(after)

"""Reads what a ProximA asks of a backend's adapter: the base class, and the types that its methods give.

Nothing is imported: the files are read as text, so that a ProximA whose own dependencies are missing can be read too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

Kind = Literal["text", "number", "flag", "table", "list", "choice", "choices", "record", "any"]
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("str",), "text"),
    **dict.fromkeys(("int", "float", "complex"), "number"),
    **dict.fromkeys(("bool",), "flag"),
    **dict.fromkeys(("dict", "Dict", "Mapping", "MutableMapping"), "table"),
    **dict.fromkeys(("list", "List", "tuple", "Tuple", "Sequence", "Iterable", "set", "Set", "frozenset"), "list"),
}


class Field(BaseModel):
    """A field of a record, or a parameter of a method."""

    name: str
    annotation: str = ""
    """As written; empty where there is none."""
    required: bool = True
    default: str = ""
    """As written, where there is one."""


class Method(BaseModel):
    """A method that an adapter may or must have."""

    name: str
    parameters: list[Field] = []
    """Without ``self``; those that take the rest are left out."""
    rest: bool = False
    """Whether it takes any further keyword."""
    returns: str = ""
    says: str = ""
    """Its whole docstring."""
    abstract: bool = True

    @property
    def signature(self) -> str:
        """As a person would read it."""
        given = ", ".join(f"{f.name}: {f.annotation}" if f.annotation else f.name for f in self.parameters)
        return f"{self.name}({given})" + (f" -> {self.returns}" if self.returns else "")


class Contract(BaseModel):
    """A base class and the types around it."""

    base: str
    methods: list[Method]
    """The abstract ones, then the others that are public, in the order of the file."""
    start: list[Field] = []
    """What the base's own ``__init__`` needs."""
    records: dict[str, list[Field]] = {}
    """Data classes by name."""
    enums: dict[str, list[str]] = {}
    """Enumerations: the names of their members."""

    @cached_property
    def types(self) -> set[str]:
        """The names that come with the base class."""
        return {self.base, *self.records, *self.enums}

    def kind(self, annotation: str) -> tuple[Kind, str]:
        """What an annotation asks for, and the name of the record or enumeration."""
        for part in _alternatives(annotation):
            name = part.split("[")[0].split(".")[-1]
            inner = part[part.find("[") + 1 : -1].split(".")[-1] if part.endswith("]") else ""
            if name in self.records:
                return "record", name
            if name in self.enums:
                return "choice", name
            if _KINDS.get(name) == "list" and inner in self.enums:
                return "choices", inner
            if name in _KINDS:
                return _KINDS[name], name
        return "any", ""


class Candidate(NamedTuple):
    """A class that adapters may be meant to derive from."""

    path: Path
    name: str
    says: str
    methods: tuple[str, ...]
    """Its abstract methods."""


def bases_in(files: Sequence[Path]) -> list[Candidate]:
    """Classes with abstract methods of which one takes a circuit, the one with the most of them first."""
    found = []
    for path in files:
        source = path.read_bytes()
        if b"abstractmethod" not in source or b"circuit" not in source:
            continue
        for node in _classes(_parsed(source)):
            abstract = [item for item in _functions(node) if _abstract(item)]
            if any("circuit" in argument.arg for item in abstract for argument in item.args.args):
                says = ast.get_docstring(node) or ""
                found.append(Candidate(path, node.name, says, tuple(item.name for item in abstract)))
    return sorted(found, key=lambda candidate: -len(candidate.methods))


def contract_of(path: Path, base: str, root: Path | None = None) -> Contract:
    """The contract that a base class is.

    Args:
        path: the file that holds it.
        base: its name.
        root: where absolute imports begin, for types that are defined elsewhere.

    Raises:
        ValueError: if the file holds no such class.
    """
    tree = _parsed(path.read_bytes())
    node = next((node for node in _classes(tree) if node.name == base), None)
    if node is None:
        raise ValueError(f"{path} holds no class {base}.")
    methods = [_method(item) for item in _functions(node) if not item.name.startswith("_")]
    begin = next((item for item in _functions(node) if item.name == "__init__"), None)
    records: dict[str, list[Field]] = {}
    enums: dict[str, list[str]] = {}
    for module in [tree, *_imported(tree, path, root)]:
        for other in _classes(module):
            if _is_enum(other):
                enums.setdefault(other.name, _members(other))
            elif _is_record(other):
                records.setdefault(other.name, _fields(other))
    return Contract(
        base=base,
        methods=sorted(methods, key=lambda method: not method.abstract),
        start=[field for field in _method(begin).parameters if field.required] if begin else [],
        records=records,
        enums=enums,
    )


def _parsed(source: bytes) -> ast.Module:
    try:
        return ast.parse(source)
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
    ):  # a file that Python cannot read holds nothing for us
        return ast.Module([], [])


def _classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in tree.body if isinstance(node, ast.ClassDef))


def _functions(node: ast.ClassDef) -> list[ast.FunctionDef]:
    return [item for item in node.body if isinstance(item, ast.FunctionDef)]


def _abstract(node: ast.FunctionDef) -> bool:
    return any("abstract" in ast.unparse(decorator) for decorator in node.decorator_list)


def _method(node: ast.FunctionDef) -> Method:
    arguments = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(arguments) - len(node.args.defaults)) + list(node.args.defaults)
    given = [*zip(arguments, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
    fields = [
        Field(
            name=argument.arg,
            annotation=_text(argument.annotation),
            required=default is None,
            default="" if default is None else ast.unparse(default),
        )
        for argument, default in given
    ]
    return Method(
        name=node.name,
        parameters=fields if any("staticmethod" in _text(d) for d in node.decorator_list) else fields[1:],
        rest=node.args.kwarg is not None,
        returns=_text(node.returns),
        says=ast.get_docstring(node) or "",
        abstract=_abstract(node),
    )


def _text(node: ast.expr | None) -> str:
    if node is None:
        return ""
    return str(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, str) else ast.unparse(node)


def _alternatives(annotation: str) -> list[str]:
    """The types that an annotation allows, but for None."""
    try:
        node: Any = ast.parse(annotation, mode="eval").body
    except SyntaxError:
        return []
    parts, found = [node], []
    while parts:
        node = parts.pop(0)
        if isinstance(node, ast.BinOp):
            parts += [node.left, node.right]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).split(".")[-1] in ("Optional", "Union"):
            parts += node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        elif not (isinstance(node, ast.Constant) and node.value is None):
            found.append(ast.unparse(node))
    return found


def _is_enum(node: ast.ClassDef) -> bool:
    return any("Enum" in ast.unparse(base) or "Flag" in ast.unparse(base) for base in node.bases)


def _is_record(node: ast.ClassDef) -> bool:
    """A data class, a named tuple, a pydantic model: what is made from its annotated fields."""
    marked = any("dataclass" in ast.unparse(d) or ast.unparse(d).startswith("attr") for d in node.decorator_list)
    return marked or any(ast.unparse(base).split(".")[-1] in ("NamedTuple", "BaseModel") for base in node.bases)


def _members(node: ast.ClassDef) -> list[str]:
    return [
        target.id
        for item in node.body
        if isinstance(item, ast.Assign)
        for target in item.targets
        if isinstance(target, ast.Name)
    ]


def _fields(node: ast.ClassDef) -> list[Field]:
    return [
        Field(name=item.target.id, annotation=_text(item.annotation), required=item.value is None)
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]


def _imported(tree: ast.Module, path: Path, root: Path | None) -> Iterator[ast.Module]:
    """The modules of the same ProximA that a module takes names from."""
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or (not node.level and root is None):
            continue
        start = path.parents[node.level - 1] if node.level else root
        assert start is not None
        named = start.joinpath(*(node.module or "").split(".")) if node.module else start
        for file in (named.with_suffix(".py"), named / "__init__.py"):
            if file.is_file():
                yield _parsed(file.read_bytes())

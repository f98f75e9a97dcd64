"""Writes the Python wrapper of a backend: one readable file that needs neither Rigil nor a model."""

from __future__ import annotations

import ast
import inspect
import pprint
import re
from collections.abc import Mapping, Sequence
from typing import Any

from configs import TEMPLATES
from tools import cancelling, driver

HEADER = "Made by Rigil"
"""How a wrapper's first line begins; a file that begins otherwise is a person's."""
PASTED = (driver, cancelling)
"""The modules that a wrapper holds, in this order."""


def module_name(name: str) -> str:
    """The module that a backend's wrapper is."""
    stem = re.sub(r"\W+", "_", name).strip("_").lower() or "backend"
    return f"{'backend_' if stem[0].isdigit() else ''}{stem}_adapter"


def class_name(name: str) -> str:
    """The class in it."""
    words = module_name(name).split("_")
    return "".join(word[:1].upper() + word[1:] for word in words if word)


def made_by_us(source: str) -> bool:
    """Whether a wrapper's text is one of ours."""
    return source.startswith(f'"""{HEADER}')


def wrapper_source(
    *,
    name: str,
    version: str,
    base: str,
    dialect: Mapping[str, Any],
    parameters: Mapping[str, Any],
    features: Mapping[str, Any],
    max_qubits: int,
    capacity: str,
    verified: Sequence[str],
    made: str,
) -> str:
    """The text of the wrapper.

    Args:
        name: of the backend.
        version: that its documents state.
        base: the class to derive from, found in the module `base` beside the wrapper.
        dialect: how the backend is spoken to, with its options.
        parameters: ProximA's parameters, by name.
        features: what the documents state, with the words that state it.
        max_qubits: circuits with more are refused.
        capacity: what that limit rests on.
        verified: what was verified, a line each.
        made: the date.
    """
    imports, body = _driver()
    plain = [" ".join(line.replace('"""', "'''").replace("\\", "/").split()) for line in verified]
    return _render(
        "adapter.py.jinja",
        header=f"{HEADER}: the adapter of the quantum backend {name}.",
        summary=f"The quantum backend {name}.",
        name=name,
        version=version,
        base=base,
        class_name=class_name(name),
        dialect=dict(dialect),
        parameters=dict(parameters),
        features=dict(features),
        max_qubits=max_qubits,
        capacity=capacity,
        verified=plain,
        made=made,
        imports=imports,
        driver=body,
    )


def home_file(template: str) -> str:
    """One of the files of a ProximA home that is made where there is none."""
    return _render(template)


def base_class(source: str) -> str | None:
    """The class of a base module that adapters derive from: the one with the most abstract methods."""
    abstract = {
        node.name: sum(
            isinstance(item, ast.FunctionDef) and any("abstractmethod" in ast.unparse(d) for d in item.decorator_list)
            for item in node.body
        )
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }
    best = max(abstract, key=lambda name: abstract[name], default=None)
    return best if best is not None and abstract[best] else None


def _driver() -> tuple[list[str], str]:
    """The imports of a wrapper, which are of the standard library, and the modules that do its work, without them."""
    kept, bodies = {"import secrets", "import time"}, []
    for module in PASTED:
        source = inspect.getsource(module)
        imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
        kept |= {line for line in map(ast.unparse, imports) if not line.startswith(("from __future__", "from tools"))}
        bodies.append("\n".join(source.splitlines()[imports[-1].end_lineno or 0 :]).strip())
    return sorted(kept, key=lambda line: (line.startswith("from"), line)), "\n\n\n".join(bodies)


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["python"] = lambda value: pprint.pformat(value, width=100, sort_dicts=False)
    return environment.get_template(template).render(**values)

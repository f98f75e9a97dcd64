"""Writes the Python wrapper of a backend: one readable file that needs neither Rigil nor a model."""

from __future__ import annotations

import ast
import inspect
import pprint
import re
from collections.abc import Mapping, Sequence
from typing import Any

from configs import TEMPLATES
from tools import driver, inserts, transforms
from tools.contract import Contract
from tools.frame import Frame, adapter_class

HEADER = "Made by Rigil"
"""How a wrapper's first line begins; a file that begins otherwise is a person's."""


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
    contract: Contract,
    frame: Frame,
    source: str,
    dialect: Mapping[str, Any],
    parameters: Mapping[str, Any],
    accepts: Sequence[str] = (),
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
        contract: of the base class to derive from.
        frame: how the wrapper follows it.
        source: the module that it is imported from, such as ``.base``.
        dialect: how the backend is spoken to, with its options.
        parameters: ProximA's parameters, by name.
        accepts: the options that its help shows, or the arguments that its calls take.
        features: what the documents state, with the words that state it.
        max_qubits: circuits with more are refused.
        capacity: what that limit rests on.
        verified: what was verified, a line each.
        made: the date.

    Raises:
        FrameError: if no adapter can be written after the base class.
    """
    imports, body = _driver()
    text, names = adapter_class(contract, frame, class_name(name), f"The quantum backend {name}.")
    plain = [" ".join(line.replace('"""', "'''").replace("\\", "/").split()) for line in verified]
    return _render(
        "adapter.py.jinja",
        header=f"{HEADER}: the adapter of the quantum backend {name}.",
        name=name,
        version=version,
        source=source,
        names=names,
        frame=text,
        dialect=dict(dialect),
        parameters=dict(parameters),
        accepts=list(accepts),
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


PASTED = (inserts, driver, transforms)
"""The modules that a wrapper holds, in this order."""


def _driver() -> tuple[list[str], str]:
    """The imports of a wrapper, and the pasted modules without their own, which are of the standard library."""
    kept, bodies = {"import secrets", "import time"}, []
    for module in PASTED:
        source = inspect.getsource(module)
        imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
        kept |= {ast.unparse(node) for node in imports if not _of_ours(node)}
        bodies.append("\n".join(source.splitlines()[imports[-1].end_lineno or 0 :]).strip())
    names: dict[str, set[str]] = {}
    for line in kept - {"from __future__ import annotations"}:
        origin, _, imported = line.partition(" import ")
        names.setdefault(origin, set()).update(imported.split(", ") if imported else ())
    every = [f"{origin} import {', '.join(sorted(found))}" if found else origin for origin, found in names.items()]
    return sorted(every, key=lambda line: (line.startswith("from"), line)), "\n\n\n".join(bodies)


def _of_ours(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tools"


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

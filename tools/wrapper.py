"""Writes the Python wrapper of a backend: one readable file that needs neither Rigil nor a model."""

from __future__ import annotations

import ast
import inspect
import pprint
import re
from collections.abc import Mapping, Sequence
from typing import Any

from configs import TEMPLATES
from tools import (
    cancelling,
    circuit_input,
    circuit_json,
    driver,
    inserts,
    openqasm,
    qiskit_loading,
    reading,
    series,
    transforms,
    translation,
    worker,
)
from tools.contract import Contract
from tools.frame import Frame, adapter_class

HEADER = "Made by Rigil"
"""How a wrapper's first line begins; a file that begins otherwise is a person's."""


PARTS = (
    inserts,
    reading,
    translation,
    driver,
    cancelling,
    worker,
    openqasm,
    series,
    qiskit_loading,
    circuit_json,
    circuit_input,
    transforms,
)
"""The modules that a wrapper is made of, each after those that it imports."""


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
    imports, body = _pasted()
    text, names = _apart(*adapter_class(contract, frame, class_name(name), f"The quantum backend {name}."), body)
    plain = [" ".join(line.replace('"""', "'''").replace("\\", "/").split()) for line in verified]
    return _render(
        "adapter.py.jinja",
        header=f"{HEADER}: the adapter of the quantum backend {name}.",
        name=name,
        version=version,
        source=source,
        names=names,
        frame=text,
        dialect={key: value for key, value in dialect.items() if key != "translator"},
        translator=dialect.get("translator", ""),
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


def _pasted() -> tuple[list[str], str]:
    """The imports of a wrapper, which are of the standard library, and the modules that do its work without theirs."""
    plain, named = {"secrets"}, dict[str, set[str]]()
    bodies = []
    for module in PARTS:
        source = inspect.getsource(module)
        imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
        for node in imports:
            if isinstance(node, ast.Import):
                plain |= {alias.name for alias in node.names}
            elif (node.module or "").split(".")[0] not in ("__future__", "tools"):
                named.setdefault(node.module or "", set()).update(alias.name for alias in node.names)
        bodies.append("\n".join(source.splitlines()[imports[-1].end_lineno or 0 :]).strip())
    lines = [f"import {name}" for name in sorted(plain)]
    lines += [f"from {module} import {', '.join(sorted(named[module]))}" for module in sorted(named)]
    return lines, "\n\n\n".join(bodies)


def _apart(text: str, names: Sequence[str], body: str) -> tuple[str, list[str]]:
    """The class and what it imports, where a name that the wrapper has for something else gets another one."""
    own = re.findall(r"^(?:class |def )?(\w+)(?=\(| *[:=])", body + (TEMPLATES / "adapter.py.jinja").read_text(), re.M)
    imported = []
    for name in names:
        if name in own:
            text = re.sub(rf"\b{name}\b", f"Their{name}", text)
        imported.append(f"{name} as Their{name}" if name in own else name)
    return text, imported


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

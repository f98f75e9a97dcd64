"""Writes the class of a wrapper after the base class that was found: the same methods, each giving what it asks for.

What an adapter knows and can do is a fixed set of facts. A *frame* says which of them a base class asks for where; it
is data:

    roles    what each of its methods is there for, by name (see `tools.facts.ROLES`)
    fields   which fact each field of a record gets, by record and field; a field that is left out keeps its default
    choices  the member that is meant, by enumeration
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tools.contract import Contract, Field, Kind, Method
from tools.facts import ALWAYS, LEFT_OUT, OPTIONS, ROLES, SCOPES, UNKNOWN

Frame = Mapping[str, Mapping[str, Any]]


class FrameError(ValueError):
    """No adapter can be written after this base class; the message says which method or field is in the way."""


def adapter_class(contract: Contract, frame: Frame, name: str, summary: str) -> tuple[str, list[str]]:
    """The text of the class, and the names that it takes from the base class's module.

    Raises:
        FrameError: if a method or a field that has to be given has no role or fact.
    """
    bodies = [_method(contract, frame, method) for method in contract.methods if _wanted(method, frame)]
    start = ", ".join(f"{field.name}={_start(field)}" for field in contract.start)
    lines = [
        f"class {name}({contract.base}):",
        f'    """{summary}"""',
        "",
        "    def __init__(self, config: Mapping[str, Any] | None = None) -> None:",
        "        self.config = dict(config or {})",
        *([f"        super().__init__({start})"] if contract.start else []),
        "        self._running = Running()",
        *(["        self._last = threading.local()"] if "results" in frame["roles"].values() else []),
    ]
    taken = {method.name for method in contract.methods}
    bodies += [body for method, body in _OWN.items() if method not in taken]
    text = "\n".join([*lines, *(line for body in bodies for line in ["", *body])]) + "\n"
    used = sorted(kind for kind in contract.types if any(kind in line for line in text.splitlines()))
    return text, used


_OWN = {
    "execute_many": [
        "    def execute_many(",
        "        self,",
        "        circuits: Sequence[Any],",
        "        options: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,",
        "    ) -> Iterator[dict[str, Any] | Exception]:",
        '        """Runs circuits one after another: of each what `outcome_of` gives, or the error that it raises."""',
        "        with self._running.one() as execution:",
        "            yield from outcomes_of(circuits, options, execution)",
    ],
    "cancel": [
        "    def cancel(self) -> int:",
        '        """Ends the executions that run now, which raise `Cancelled`; gives how many there were."""',
        "        return self._running.cancel()",
    ],
}
"""Methods that no base class has to ask for: `rigil run` uses the first."""


def access(contract: Contract, frame: Frame) -> dict[str, Any]:
    """How a program uses an adapter of this frame: the methods by role, and where their results hold what.

    Returns:
        ``methods`` (name by role), ``counts`` (the way from what a run gives to its counts), ``valid`` and
        ``max_qubits`` likewise, and ``options``: the parameter that takes them as a table, or None where each is
        a keyword of its own, of which ``keywords`` are known (None: any).
    """
    methods = {role: name for name, role in frame["roles"].items()}
    giving = "results" if "results" in methods else "run"
    table, keywords = _passes(next(m for m in contract.methods if m.name == methods["run"]))
    return {
        "methods": methods,
        "counts": _way(contract, frame, methods, giving, {"counts": [], "data": ["counts"], "outcome": ["counts"]}),
        "valid": _way(contract, frame, methods, "validate", {"valid": []}),
        "max_qubits": _way(contract, frame, methods, "capabilities", {"max_qubits": []}),
        "options": table,
        "keywords": keywords,
    }


def _wanted(method: Method, frame: Frame) -> bool:
    return method.abstract or frame["roles"].get(method.name) == "available"


def _method(contract: Contract, frame: Frame, method: Method) -> list[str]:
    role = frame["roles"].get(method.name)
    if role is None:
        raise FrameError(f"{contract.base} asks for `{method.signature}`, which is nothing that an adapter can give.")
    given = ["self", *(_parameter(contract, field) for field in method.parameters)]
    if method.rest:
        given.append("**rest: Any")
    returns = _annotation(contract, method.returns)
    head = f"    def {method.name}({', '.join(given)}) -> {returns if method.returns else 'Any'}:"
    says = (ROLES[role][:1].upper() + ROLES[role][1:]).replace('"', "'")
    return [head, f'        """{says}."""', *(f"        {line}" for line in _body(contract, frame, method, role))]


def _body(contract: Contract, frame: Frame, method: Method, role: str) -> list[str]:
    circuit = method.parameters[0].name if method.parameters else ""
    if role == "nothing":
        return ["return None"]
    if role == "supports":
        return [_supports(contract, frame, method)]
    if role in ALWAYS:
        return [f"return {ALWAYS[role].code}"]
    value = _value(contract, frame, role, method.returns)
    if role == "validate":
        first = f"found, problem = examined({circuit})"
        if method.returns == "None":
            return [first, "if problem is not None:", "    raise CircuitRefused(problem)"]
        return [first, f"return {value}"]
    if role == "estimate":
        return [f"qubits = as_qiskit({circuit}).num_qubits", f"return {value}"]
    if role == "results":
        return ["outcome: dict[str, Any] = self._last.outcome", f"return {value}"]
    if role == "run":
        lines = [
            "with self._running.one() as execution:",
            f"    outcome = outcome_of({circuit}, {_options(method)}, execution.run)",
        ]
        if "results" in frame["roles"].values():
            lines.append("self._last.outcome = outcome")
        return [*lines, *([] if method.returns == "None" else [f"return {value}"])]
    return [f"return {value}"]


_WHOLE: dict[tuple[str, Kind], str] = {
    ("validate", "flag"): "problem is None",
    ("validate", "text"): 'problem or ""',
    ("validate", "list"): "[] if problem is None else [problem]",
    ("validate", "table"): '{"valid": problem is None, "message": problem, **found}',
    ("validate", "any"): "problem is None",
    ("estimate", "number"): "16 * 2**qubits / 1e6",
    ("estimate", "table"): '{"memory_mb": 16 * 2**qubits / 1e6}',
    ("estimate", "any"): '{"memory_mb": 16 * 2**qubits / 1e6}',
    ("capabilities", "list"): 'list(DIALECT["gates"])',
    **{
        ("capabilities", kind): '{"max_qubits": MAX_QUBITS, "gates": list(DIALECT["gates"])}'
        for kind in ("table", "any")
    },
    **{(role, kind): "outcome" for role in ("run", "results") for kind in ("table", "any")},
}
"""What a method gives that is no record, by its role and kind."""


def _value(contract: Contract, frame: Frame, role: str, annotation: str) -> str:
    kind, name = contract.kind(annotation)
    if kind == "record":
        fields = frame["fields"].get(f"{role} {name}", {})
        parts = [
            f"{field.name}={_field(contract, frame, role, field, fields[field.name])}"
            for field in contract.records[name]
            if fields.get(field.name, LEFT_OUT) != LEFT_OUT
        ]
        if lacking := [
            f.name for f in contract.records[name] if f.required and fields.get(f.name, LEFT_OUT) == LEFT_OUT
        ]:
            raise FrameError(f"It is not known what belongs into {name}.{lacking[0]}.")
        return f"{name}({', '.join(parts)})"
    if (role, kind) == ("validate", "text") and "None" in annotation:
        return "problem"
    if (role, kind) in _WHOLE:
        return _WHOLE[role, kind]
    raise FrameError(f"No adapter can {ROLES[role].replace('says', 'say')} as `{annotation}`.")


def _field(contract: Contract, frame: Frame, role: str, field: Field, fact: str) -> str:
    kind, name = contract.kind(field.annotation)
    if fact == UNKNOWN:
        return "None"
    if kind == "record":
        return _value(contract, frame, role, field.annotation)
    if kind in ("choice", "choices"):
        member = f"{name}.{frame['choices'][name]}"
        return f"[{member}]" if kind == "choices" else member
    return SCOPES[role][fact].code


def _supports(contract: Contract, frame: Frame, method: Method) -> str:
    field = method.parameters[0]
    kind, name = contract.kind(field.annotation)
    if kind == "choice" and name in frame["choices"]:
        return f"return {field.name} == {name}.{frame['choices'][name]}"
    return "return False"


def _passes(method: Method) -> tuple[str | None, list[str] | None]:
    """(parameter that takes all options as a table, the options that are parameters of their own)."""
    others = method.parameters[1:]
    table = next((f.name for f in others if "dict" in f.annotation.lower() or "Mapping" in f.annotation), None)
    table = table or next((f.name for f in others if f.name in ("options", "params", "parameters", "config")), None)
    return table, None if method.rest else [field.name for field in others if field.name in OPTIONS]


def _options(method: Method) -> str:
    table, _ = _passes(method)
    parts = [f"**({table} or {{}})"] if table else []
    parts += [f'"{field.name}": {field.name}' for field in method.parameters[1:] if field.name in OPTIONS]
    parts += ["**rest"] if method.rest else []
    return f"{{{', '.join(parts)}}}"


def _way(
    contract: Contract, frame: Frame, methods: Mapping[str, str], role: str, ends: Mapping[str, Sequence[str]]
) -> list[str] | None:
    """The fields from what the method of a role gives to one of the facts; None where it does not hold any."""
    method = next((m for m in contract.methods if m.name == methods.get(role)), None)
    if method is None:
        return None
    kind, name = contract.kind(method.returns)
    if kind != "record":
        whole = {"run": "outcome", "results": "outcome", "validate": "valid", "capabilities": ""}[role]
        if role == "capabilities":
            return ["max_qubits"] if kind in ("table", "any") else None
        if role == "validate" and kind in ("table",):
            return ["valid"]
        return list(ends[whole]) if whole in ends and kind in ("flag", "any", "table") else None
    fields = frame["fields"].get(f"{role} {name}", {})
    return next(([field, *ends[fact]] for fact in ends for field, given in fields.items() if given == fact), None)


def _parameter(contract: Contract, field: Field) -> str:
    annotation = f": {_annotation(contract, field.annotation)}"
    return f"{field.name}{annotation}" + (f" = {field.default}" if field.default else "")


def _annotation(contract: Contract, annotation: str) -> str:
    """The annotation, where every name in it is known to the wrapper; otherwise anything."""
    known = {
        *contract.types,
        *("Any", "Mapping", "Sequence", "None", "str", "int", "float", "bool", "dict", "list", "tuple"),
    }
    names = set(re.findall(r"[A-Za-z_][\w.]*", annotation))
    return annotation if annotation and names <= known else "Any"


def _start(field: Field) -> str:
    fact = ALWAYS.get(field.name)
    return fact.code if fact else "self.config" if "config" in field.name or "dict" in field.annotation else "None"

"""Turns a circuit, in any form that can be given, into the gates of a backend.

Given are a Qiskit circuit, OpenQASM 2 or 3, or ProximA's JSON, as text or as what JSON stands for. Plain OpenQASM and
JSON in the backend's own gates need no Qiskit; everything else is read by it, and other gates are expressed by its
transpiler. This module is also part of an installed wrapper.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from tools.circuit_json import CircuitRefused, from_json
from tools.driver import Operation
from tools.openqasm import Plain, plain
from tools.qiskit_loading import load_qiskit


def shapes_of(gates: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """(qubits, angles) of a dialect's gates, by the slots in their lines."""
    return {name: (sum(f"⟨{slot}⟩" in line for slot in "abc"), int("⟨t⟩" in line)) for name, line in gates.items()}


def prepared(
    circuit: Any, values: Mapping[str, float], *, gates: Mapping[str, str], name: str, most: int, capacity: str
) -> Plain:
    """A circuit in a backend's gates.

    Args:
        circuit: in one of the forms above.
        values: of the circuit's free parameters, in radians where they are angles.
        gates: of the dialect, with their lines.
        name: of the backend, for what is said.
        most: qubits.
        capacity: what that limit rests on.

    Raises:
        CircuitRefused: if it cannot be read, or the backend cannot run it.
    """
    shapes = shapes_of(gates)
    found: Plain | None = None
    if isinstance(circuit, str) and not circuit.lstrip().startswith(("{", "[")):
        found = None if values else plain(circuit, shapes, most)
    elif isinstance(circuit, str | Mapping | list):
        found = from_json(_parsed(circuit) if isinstance(circuit, str) else circuit)
    given: Any = as_qiskit(circuit) if found is None else None
    qubits = given.num_qubits if found is None else found.qubits
    if qubits == 0:
        raise CircuitRefused("The circuit has no qubits.")
    if qubits > most:
        raise CircuitRefused(f"The circuit has {qubits} qubits; {name} has at most {most} ({capacity}).")
    if found is not None:
        if not values and all(shapes.get(gate) == (len(on), len(at)) for gate, on, at in found.operations):
            return found
        given = _built(found)
    return _expressed(_bound(given, values), list(gates), name)


def as_qiskit(circuit: Any) -> Any:
    """A Qiskit circuit from one, from OpenQASM 2 or 3 text or from JSON.

    Raises:
        CircuitRefused: if it is neither, or cannot be read.
    """
    load_qiskit()
    from qiskit import QuantumCircuit, qasm2, qasm3
    from qiskit.exceptions import MissingOptionalLibraryError, QiskitError

    if isinstance(circuit, QuantumCircuit):
        return circuit
    if isinstance(circuit, Mapping | list):
        return _built(from_json(circuit))
    if not isinstance(circuit, str):
        raise CircuitRefused(
            f"A circuit is a Qiskit QuantumCircuit, OpenQASM text or JSON, not {type(circuit).__name__}."
        )
    if circuit.lstrip().startswith(("{", "[")):
        return _built(from_json(_parsed(circuit)))
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", circuit, flags=re.DOTALL).lstrip()
    if not re.match(r"OPENQASM\s+3", code):
        try:
            return qasm2.loads(circuit, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
        except QiskitError as error:
            raise CircuitRefused(f"The OpenQASM text cannot be read: {error.message}") from error
    try:
        return qasm3.loads(circuit)
    except MissingOptionalLibraryError as error:
        raise CircuitRefused(
            "OpenQASM 3 is read by the package `qiskit-qasm3-import`, which is not installed."
        ) from error
    except Exception as error:  # the importer answers what it does not know with errors of any type
        raise CircuitRefused(f"Qiskit cannot read this OpenQASM 3 text: {error}") from error


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CircuitRefused(f"The JSON text cannot be read: {error}") from error


def _built(circuit: Plain) -> Any:
    load_qiskit()
    from qiskit import QuantumCircuit

    standard = _standard()
    built = QuantumCircuit(circuit.qubits, circuit.width)
    for name, qubits, angles in circuit.operations:
        if name not in standard:
            raise CircuitRefused(f"There is no gate {name!r} in Qiskit's standard library.")
        width, count = standard[name].num_qubits, len(standard[name].params)
        if (len(qubits), len(angles)) != (width, count):
            raise CircuitRefused(
                f"`{name}` takes {width} qubits and {count} angles, not {len(qubits)} and {len(angles)}."
            )
        made = type(standard[name])(*angles) if count else standard[name]
        built.append(made, qubits)
    for qubit, bit in circuit.measured:
        built.measure(qubit, bit)
    return built


def _bound(given: Any, values: Mapping[str, float]) -> Any:
    free = {parameter.name for parameter in given.parameters}
    if unknown := sorted(set(values) - free):
        known = ", ".join(sorted(free)) or "none"
        raise CircuitRefused(f"The circuit has no parameter {unknown[0]!r}; it has {known}.")
    if unbound := sorted(free - set(values)):
        raise CircuitRefused(f"The circuit has parameters without a value: {', '.join(unbound)}.")
    if wrong := [name for name, value in values.items() if isinstance(value, bool | str)]:
        raise CircuitRefused(f"The parameter {wrong[0]!r} is a number, not {values[wrong[0]]!r}.")
    return given.assign_parameters(dict(values)) if values else given


def _expressed(given: Any, basis: Sequence[str], name: str) -> Plain:
    """The circuit in the gates of the basis.

    Raises:
        CircuitRefused: for what is no gate and no measurement at the end, and gates that cannot be expressed.
    """
    standard = _standard()
    index = {bit: number for number, bit in enumerate(given.qubits)}
    measured: dict[int, int] = {}
    ended: set[int] = set()
    steps: list[tuple[Any, list[int]]] = []
    for step in given.data:
        operation, kind = step.operation, step.operation.name
        qubits = [index[qubit] for qubit in step.qubits]
        if kind == "barrier":
            continue
        if kind in ("reset", "initialize", "delay") or hasattr(operation, "blocks") or operation.num_clbits > 1:
            raise CircuitRefused(f"`{kind}` cannot be run on {name}: it takes gates, and measurements at the end.")
        if getattr(operation, "condition", None) is not None:
            raise CircuitRefused(f"`{kind}` has a classical condition, which {name} cannot do.")
        if ended.intersection(qubits):
            raise CircuitRefused(f"`{kind}` follows a measurement of its qubit; {name} measures at the end only.")
        if kind == "measure":
            measured[given.find_bit(step.clbits[0]).index] = qubits[0]
            ended.update(qubits)
            continue
        if kind in standard and operation.base_class is not standard[kind].base_class:
            raise CircuitRefused(f"The circuit's own gate `{kind}` is called as another of Qiskit's; rename it.")
        steps.append((operation, qubits))
    operations: list[Operation] = []
    for operation, qubits in steps:
        operations += _in_gates(operation, qubits, tuple(basis), name)
    return Plain(given.num_qubits, operations, [(q, c) for c, q in sorted(measured.items())], given.num_clbits)


def _in_gates(operation: Any, qubits: Sequence[int], basis: tuple[str, ...], name: str) -> list[Operation]:
    """An operation in the gates of the basis.

    Raises:
        CircuitRefused: if it cannot be expressed.
    """
    if operation.name in basis:
        return [(operation.name, qubits, [float(value) for value in operation.params])]
    free, rule = _rule(operation.name, basis)
    if rule is None:
        free, rule = (), _transpiled(operation, basis)
    if rule is None:
        raise CircuitRefused(
            f"`{operation.name}` cannot be expressed in the verified gates of {name} ({', '.join(basis)})."
        )
    values = dict(zip(free, operation.params, strict=True)) if free else {}
    return [(kind, [qubits[k] for k in on], [_value(angle, values) for angle in angles]) for kind, on, angles in rule]


def _value(angle: Any, values: Mapping[Any, float]) -> float:
    if isinstance(angle, int | float):
        return float(angle)
    return float(angle.bind({free: values[free] for free in angle.parameters}))


@cache
def _standard() -> dict[str, Any]:
    from qiskit.circuit.library import get_standard_gate_name_mapping

    found: dict[str, Any] = get_standard_gate_name_mapping()
    return found


@cache
def _rule(kind: str, basis: tuple[str, ...]) -> tuple[Sequence[Any], list[tuple[str, list[int], list[Any]]] | None]:
    """How a gate of Qiskit's standard library is expressed: (its free parameters, steps), or None for the steps."""
    from qiskit.circuit import Parameter

    known = _standard().get(kind)
    if known is None:
        return (), None
    free = [Parameter(f"angle{number}") for number in range(len(known.params))]
    return free, _transpiled(type(known)(*free) if free else known, basis)


def _transpiled(operation: Any, basis: Sequence[str]) -> list[tuple[str, list[int], list[Any]]] | None:
    """What Qiskit's transpiler makes of an operation; None if it makes nothing of these gates."""
    from qiskit import QuantumCircuit, transpile
    from qiskit.exceptions import QiskitError

    circuit = QuantumCircuit(operation.num_qubits)
    try:
        circuit.append(operation, range(operation.num_qubits))
        made = transpile(circuit, basis_gates=list(basis), optimization_level=0)
    except QiskitError:
        return None
    steps = [
        (step.operation.name, [made.find_bit(qubit).index for qubit in step.qubits], list(step.operation.params))
        for step in made.data
    ]
    return steps if all(kind in basis for kind, _, _ in steps) else None

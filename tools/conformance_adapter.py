"""How the checks of an adapter use it, whatever its base class is.

Part of `tools.conformance`, which copies its files into a package of their own: none imports anything of Rigil.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Circuit = dict[str, Any]
"""``qubits``, ``operations`` (gate, qubits, angles) and perhaps ``measured``."""


def built(circuit: Circuit) -> Any:
    """The circuit for an adapter."""
    from qiskit import QuantumCircuit

    made = QuantumCircuit(circuit["qubits"])
    for gate, qubits, angles in circuit["operations"]:
        getattr(made, gate)(*angles, *qubits)
    if circuit.get("measured"):
        made.measure_all()
    return made


def written(circuit: Circuit) -> str:
    """The circuit for an adapter as OpenQASM 2, which is read quicker than Qiskit is loaded."""
    size = circuit["qubits"]
    lines = ['OPENQASM 2.0; include "qelib1.inc";', f"qreg q[{size}]; creg c[{size}];"]
    for gate, qubits, angles in circuit["operations"]:
        given = f"({','.join(f'{angle:.17g}' for angle in angles)})" if angles else ""
        lines.append(f"{gate}{given} {','.join(f'q[{qubit}]' for qubit in qubits)};")
    return "\n".join([*lines, "measure q -> c;"])


def longer(circuit: Circuit, times: int) -> Circuit:
    """The circuit's gates again and again."""
    return {**circuit, "operations": circuit["operations"] * times}


def adapter_of(folder: Path, module: str, name: str, places: dict[str, Any]) -> Any:
    """The adapter's class, from ProximA's own package, with the folder of the new one before the package's."""
    if places["root"] not in sys.path:
        sys.path.insert(0, places["root"])
    package = importlib.import_module(places["package"])
    if str(folder) not in package.__path__:
        package.__path__ = [str(folder), *package.__path__]
        sys.modules.pop(f"{places['package']}.{module}", None)  # an earlier one, which a registry may have imported
    return getattr(importlib.import_module(f"{places['package']}.{module}"), name)


def dig(found: Any, way: list[str]) -> Any:
    """What stands at the end of a way of fields and keys."""
    for name in way:
        found = found[name] if isinstance(found, Mapping) else getattr(found, name)
    return found


def ran(adapter: Any, access: dict[str, Any], circuit: Any, options: dict[str, Any]) -> dict[str, int]:
    """The counts of a run, as the adapter's base class has it (see `tools.frame.access`)."""
    given = {access["options"]: options} if access["options"] else options
    found = getattr(adapter, access["methods"]["run"])(circuit, **given)
    if "results" in access["methods"]:
        found = getattr(adapter, access["methods"]["results"])()
    counts: dict[str, int] = dig(found, access["counts"])
    return counts


def right(adapter: Any, access: dict[str, Any], task: dict[str, Any]) -> None:
    """Run a circuit that has only certain outcomes, of which each has to be seen."""
    found = ran(adapter, access, written(task["circuit"]), {"shots": task["shots"]})
    assert sum(found.values()) == task["shots"], f"{sum(found.values())} counts for {task['shots']} shots"
    assert set(found) == set(task["outcomes"]), f"it gives {found} where {', '.join(task['outcomes'])} are possible"

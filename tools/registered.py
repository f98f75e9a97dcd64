"""Runs one circuit through the registry of a ProximA, as a program that knows nothing of Rigil would.

Run as a script: ``python -I registered.py JOB``, where JOB is JSON: ``places``, ``access``, ``module``, ``class``,
``name``, ``circuit`` and ``options``. It prints JSON: the ``counts``, and ``how`` the adapter came into the registry.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the job that the first argument names."""
    from qiskit import QuantumCircuit

    job = json.loads(Path(sys.argv[1]).read_text())
    places, access = job["places"], job["access"]
    sys.path.insert(0, places["root"])
    adapter, how = entered(job, places)
    circuit = QuantumCircuit(job["circuit"]["qubits"])
    for gate, qubits, angles in job["circuit"]["operations"]:
        getattr(circuit, gate)(*angles, *qubits)
    circuit.measure_all()
    given = {access["options"]: job["options"]} if access["options"] else job["options"]
    found = getattr(adapter, access["methods"]["run"])(circuit, **given)
    if "results" in access["methods"]:
        found = getattr(adapter, access["methods"]["results"])()
    for name in access["counts"]:
        found = found[name] if isinstance(found, Mapping) else getattr(found, name)
    print(json.dumps({"counts": found, "how": how}))


def entered(job: Mapping[str, Any], places: Mapping[str, Any]) -> tuple[Any, str]:
    """The adapter as the registry gives it, and how it came there."""
    registry = places["registry"]
    if registry is None:
        return imported(job, places)(), "it has no registry of its own"
    module = importlib.import_module(registry["module"])
    holder: Any = getattr(module, registry["holder"]) if registry["holder"] else module
    keeper = getattr(module, registry["instance"] or "", None) or (holder() if registry["holder"] else module)
    gives = getattr(keeper, registry["gives"])
    if not registry["enters"]:
        return gives(job["name"]), "its file lists it"
    ours = imported(job, places)
    values = (*vars(holder).values(), *vars(module).values())
    listed = any(isinstance(value, list | tuple | set) and ours in value for value in values)
    how = "its code lists it" if listed else "by a call"
    try:
        adapter = gives(job["name"])
    except LookupError:
        getattr(keeper, registry["enters"])(ours())
        adapter = gives(job["name"])
    return adapter, how


def imported(job: Mapping[str, Any], places: Mapping[str, Any]) -> Any:
    """The adapter's class, from ProximA's own package."""
    return getattr(importlib.import_module(f"{places['package']}.{job['module']}"), job["class"])


if __name__ == "__main__":
    main()

"""Runs one circuit through the registry of a ProximA home, as a program that knows nothing of Rigil would.

Run as a script: ``python -I registered.py JOB``, where JOB is JSON: ``home``, ``name``, ``circuit`` and
``options``. It prints the counts as JSON.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path

PACKAGE = "proxima_backends"


def main() -> None:
    """Run the job that the first argument names."""
    from qiskit import QuantumCircuit

    job = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(job["home"], "backends")
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[PACKAGE])
    adapter = importlib.import_module(f"{PACKAGE}.registry").load(job["name"])
    circuit = QuantumCircuit(job["circuit"]["qubits"])
    for gate, qubits, angles in job["circuit"]["operations"]:
        getattr(circuit, gate)(*angles, *qubits)
    circuit.measure_all()
    print(json.dumps(adapter.execute(circuit, job["options"]).data["counts"]))


if __name__ == "__main__":
    main()

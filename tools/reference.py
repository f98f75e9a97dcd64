"""The reference of a benchmark, as a process of its own: one circuit by a simulator that Rigil's Python has.

Run as a script: ``python -I reference.py FILE``, where FILE is JSON with ``qubits``, ``operations``, ``shots`` and
``seed``. It prints one JSON object: ``simulator``, and ``seconds`` of simulating and drawing the shots, without
loading and building. Qiskit Aer is taken where it is installed, Qiskit's own state vector otherwise, on one thread:
its matrices are so small that with more the threads wait for each other longer than they work. It imports nothing of
Rigil.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables by which the libraries under NumPy are told their number of threads before they are loaded."""


def simulated(given: dict[str, Any]) -> dict[str, Any]:
    """What is printed for a circuit."""
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    import qiskit

    circuit = qiskit.QuantumCircuit(given["qubits"])
    for name, qubits, angles in given["operations"]:
        getattr(circuit, name)(*angles, *qubits)
    try:
        import qiskit_aer  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from qiskit.quantum_info import Statevector

        began = time.perf_counter()
        state = Statevector(circuit)
        state.seed(given["seed"])
        state.sample_counts(given["shots"])
        return {
            "simulator": f"Qiskit {qiskit.__version__} (state vector, one thread)",
            "seconds": time.perf_counter() - began,
        }
    circuit.measure_all()
    simulator = qiskit_aer.AerSimulator(method="statevector")
    began = time.perf_counter()
    simulator.run(circuit, shots=given["shots"], seed_simulator=given["seed"]).result().get_counts()
    return {"simulator": f"Qiskit Aer {qiskit_aer.__version__}", "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    print(json.dumps(simulated(json.loads(Path(sys.argv[1]).read_text()))))

"""The reference of a benchmark, as a process of its own: one circuit by a simulator that Rigil's Python has.

Run as a script: ``python -I reference.py FILE``, where FILE is JSON with ``qubits``, ``operations``, ``shots``,
``seed`` and ``numbers``, the counts or probabilities that another simulator gave for the circuit. It prints one JSON
object: ``simulator``, ``seconds`` of simulating and drawing the shots, without loading and building, and where it is
known ``fidelity``, how well those numbers fit the circuit, with the standard error. Qiskit Aer is taken where it is
installed, Qiskit's own state vector otherwise, on one thread: its matrices are so small that with more the threads
wait for each other longer than they work. It imports nothing of Rigil.
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
        seconds = time.perf_counter() - began
        return {
            "simulator": f"Qiskit {qiskit.__version__} (state vector, one thread)",
            "seconds": seconds,
            "fidelity": fidelity(given["numbers"], state.probabilities()),
        }
    circuit.measure_all()
    simulator = qiskit_aer.AerSimulator(method="statevector")
    began = time.perf_counter()
    simulator.run(circuit, shots=given["shots"], seed_simulator=given["seed"]).result().get_counts()
    return {"simulator": f"Qiskit Aer {qiskit_aer.__version__}", "seconds": time.perf_counter() - began}


def fidelity(numbers: dict[str, float], exact: Any) -> tuple[float, float] | None:
    """(linear cross-entropy fidelity, its standard error) of counts or probabilities; None where there is none.

    It is (<p> - 1/D) / (sum p² - 1/D), with p the exact probabilities of the D outcomes and <p> their mean over what
    was measured: 1 for true samples, 0 for outcomes drawn evenly (after Arute et al., Nature 574, 505, 2019, divided by
    what true samples give, so that it holds for distributions of any shape). Unlike a distance of distributions it
    needs no more shots where there are more outcomes.

    Args:
        numbers: bit string, qubit 0 as the last character -> count or probability.
        exact: the probabilities, by the outcome as a number.
    """
    total = sum(numbers.values())
    even = 1 / len(exact)
    scale = float(exact @ exact) - even
    if not total or scale < even / 100:
        return None
    seen = [(float(exact[int(bits, 2)]), number / total) for bits, number in numbers.items()]
    mean = sum(p * share for p, share in seen)
    variance = sum((p - mean) ** 2 * share for p, share in seen)
    error = (variance / total) ** 0.5 if total > 1.5 else 0.0
    return (mean - even) / scale, error / scale


if __name__ == "__main__":
    print(json.dumps(simulated(json.loads(Path(sys.argv[1]).read_text()))))

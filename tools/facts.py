"""What an adapter knows and can give, under the names that the base class of a new home has for it.

What another base class calls the same needs no question; the rest is asked by the words that stand here.
"""

from __future__ import annotations

from typing import NamedTuple

from tools.contract import Kind


class Fact(NamedTuple):
    """Something that an adapter can give."""

    kind: Kind
    says: str
    code: str


ALWAYS: dict[str, Fact] = {
    "name": Fact("text", "the backend's name", "NAME"),
    "backend": Fact("text", "the backend's name", "NAME"),
    "version": Fact("text", "the backend's version", "VERSION"),
    "available": Fact("flag", "whether it can be used now", "available()"),
    "max_qubits": Fact("number", "the most qubits of a circuit", "MAX_QUBITS"),
    "gates": Fact("list", "the gates that it has", 'list(DIALECT["gates"])'),
    "supports_noise": Fact("flag", "whether it simulates noise", 'PARAMETERS["noise_level"]["supported"]'),
    "supports_gpu": Fact("flag", "whether it runs on a graphics card", '"gpu" in FEATURES'),
    "supports_batching": Fact("flag", "whether it runs many circuits at once", "False"),
    "custom_features": Fact(
        "table",
        "everything else that is known of the backend",
        '{"gates": list(DIALECT["gates"]), "parameters": PARAMETERS, "stated": FEATURES}',
    ),
}
CIRCUIT: dict[str, Fact] = {
    "valid": Fact("flag", "whether the backend can run the circuit", "problem is None"),
    "message": Fact("text", "why it cannot run the circuit", "problem"),
    "details": Fact("table", "how many qubits and operations the circuit has", "found"),
}
NEED: dict[str, Fact] = {
    "memory_mb": Fact("number", "memory in megabytes", "16 * 2**qubits / 1e6"),
    "memory_bytes": Fact("number", "memory in bytes", "16 * 2**qubits"),
    "time_ms": Fact("number", "the time, which is not known", "None"),
    "qubits": Fact("number", "how many qubits the circuit has", "qubits"),
    "metadata": Fact("table", "what the estimate rests on", '{"basis": "one state vector in double precision"}'),
}
RUN: dict[str, Fact] = {
    "counts": Fact("table", "the counts by bit string", 'outcome["counts"]'),
    "data": Fact("table", "a table that holds the counts", '{"counts": outcome["counts"], "shots": outcome["shots"]}'),
    "shot_count": Fact("number", "the number of shots", 'outcome["shots"]'),
    "qubit_count": Fact("number", "the number of qubits", 'outcome["qubits"]'),
    "execution_time_ms": Fact("number", "the time in milliseconds", '1000 * outcome["seconds"]'),
    "seconds": Fact("number", "the time in seconds", 'outcome["seconds"]'),
    "success": Fact("flag", "whether the run succeeded", "True"),
    "metadata": Fact(
        "table",
        "the seed, the options and the version",
        '{"seed": outcome["seed"], "options": outcome["options"], '
        '"gates_run": outcome["operations"], "version": VERSION}',
    ),
    "raw_result": Fact("any", "what the backend gave, as it was read", 'outcome["raw"]'),
    "outcome": Fact("table", "everything that is known of the run", "outcome"),
}
UNKNOWN = "unknown"
LEFT_OUT = "left out"
NOTHING = Fact("any", "nothing: it is not known", "None")

ROLES: dict[str, str] = {
    "run": "runs a circuit",
    "validate": "says whether the backend can run a circuit",
    "estimate": "says how much memory and time a circuit will take",
    "capabilities": "says everything that the backend can do",
    "results": "gives the result of the last run",
    "supports": "says whether the backend simulates in a certain way",
    **{name: f"gives {fact.says}" for name, fact in ALWAYS.items() if name not in ("backend", "custom_features")},
    "nothing": "prepares something or cleans up",
}
"""What a method may be there for, in the order in which it is looked for."""
SCOPES: dict[str, dict[str, Fact]] = {
    "capabilities": ALWAYS,
    "validate": {**ALWAYS, **CIRCUIT},
    "estimate": {**ALWAYS, **NEED},
    "run": {**ALWAYS, **RUN},
    "results": {**ALWAYS, **RUN},
}
"""The facts that there are where a method has a role that is no fact itself."""
KNOWN_ROLES = {
    "get_name": "name",
    "get_version": "version",
    "get_capabilities": "capabilities",
    "validate_circuit": "validate",
    "estimate_resources": "estimate",
    "execute": "run",
    "supports_simulator": "supports",
    "is_available": "available",
}
KNOWN_CHOICES = ("COUNTS", "CUSTOM", "OTHER", "UNKNOWN")
"""Members that are right by their names: an adapter gives counts, and how states are represented is not verified."""
OPTIONS = frozenset(
    {
        *("num_qubits", "shots", "seed", "noise_level"),
        *("optimization_level", "parallelization", "precision", "timeout"),
    }
)
"""ProximA's parameters: what a run may be given."""

"""The two example backends, registered in a home by dialects written here as a bring-up finds them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from configs import TEMPLATES
from tools.circuits import GATES
from tools.contract import contract_of
from tools.facts import KNOWN_ROLES
from tools.mapping import STANDARD
from tools.proxima import MAKER
from tools.registration import register
from tools.wrapper import class_name, module_name, wrapper_source

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "backends"
PROGRAM = {"h": "H", "cx": "CNOT", "x": "X", "z": "Z", "t": "T", "rz": "RZ", "ry": "RY", "cz": "CZ"}
MODULE = {
    "h": "c.h(⟨a⟩)",
    "cx": "c.cnot(⟨a⟩, ⟨b⟩)",
    "x": "c.x(⟨a⟩)",
    "z": "c.z(⟨a⟩)",
    "t": "c.t(⟨a⟩)",
    "rz": "c.rz(⟨t⟩, ⟨a⟩)",
    "ry": "c.ry(⟨t⟩, ⟨a⟩)",
    "cz": "c.cz(⟨a⟩, ⟨b⟩)",
}
FRAME: dict[str, dict[str, Any]] = {
    "roles": KNOWN_ROLES,
    "fields": {
        "capabilities Capabilities": {"simulator_types": "choices", "max_qubits": "max_qubits"},
        "validate ValidationResult": {"valid": "valid"},
        "run ExecutionResult": {
            "backend": "backend",
            "simulator_type": "choice",
            "execution_time_ms": "execution_time_ms",
            "qubit_count": "qubit_count",
            "shot_count": "shot_count",
            "result_type": "choice",
            "data": "data",
        },
    },
    "choices": {"SimulatorType": "CUSTOM", "ResultType": "COUNTS"},
}
TAKEN = ("num_qubits", "shots", "seed", "timeout")
"""ProximA's parameters that both take."""


def built(folder: Path, *options: str) -> str | None:
    """Build the C++ example in the folder; says why that is not possible, or None.

    Args:
        folder: the build folder.
        options: for CMake, such as ``-DCMAKE_BUILD_TYPE=Release``.
    """
    for command in (
        ["cmake", "-S", str(EXAMPLES / "statevec-cpp"), "-B", str(folder), *options],
        ["cmake", "--build", str(folder), "--target", "svsim"],
    ):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return "not on this machine: cmake"
        if done.returncode:
            return f"svsim cannot be built here: {(done.stderr.strip() or done.stdout.strip())[-300:]}"
    return None


def program(path: Path) -> dict[str, Any]:
    """The dialect of the C++ example, whose program lies at ``path``."""
    slots = {name: " ".join(["⟨a⟩", "⟨b⟩"][: GATES[name][0]] + ["⟨t⟩"] * GATES[name][1]) for name in PROGRAM}
    return {
        "kind": "file",
        "suffix": ".svq",
        "before": ["qubits ⟨n⟩"],
        "gates": {name: f"{word} {slots[name]}" for name, word in PROGRAM.items()},
        "after": ["MEASURE ALL"],
        "command": f"{shlex.quote(str(path))} ⟨circuit⟩ --shots ⟨shots⟩ --seed ⟨seed⟩",
        "reversed": False,
        "reading": r"^(?P<bits>[01]+) (?P<number>\d+)$",
    }


def module(source: Path = EXAMPLES / "pysv" / "src") -> dict[str, Any]:
    """The dialect of the Python example, whose package lies in ``source``."""
    return {
        "kind": "program",
        "suffix": ".py",
        "before": ["from pysv import Circuit, Simulator", "c = Circuit(⟨n⟩)", "s = Simulator()"],
        "gates": MODULE,
        "after": [
            "_result = s.run(c, shots=⟨shots⟩, seed=⟨seed⟩)",
            *(TEMPLATES / "print_result.txt").read_text().splitlines(),
        ],
        "command": f"PYTHONPATH={shlex.quote(str(source))} {shlex.quote(sys.executable)} ⟨circuit⟩",
        "reversed": True,
        "reading": r"^outcome (?P<bits>[01]+) (?P<number>[-+.\deE]+)$",
    }


def enter(
    home: Path,
    name: str,
    dialect: Mapping[str, Any],
    *,
    further: Mapping[str, Mapping[str, Any]] | None = None,
    accepts: Sequence[str] = (),
    max_qubits: int = 20,
) -> None:
    """Register it.

    Args:
        home: of ProximA.
        name: that it is registered under.
        dialect: how it is spoken to.
        further: how it takes more of ProximA's parameters, by name.
        accepts: more options of its command line.
        max_qubits: circuits with more are refused.
    """
    taken: dict[str, Any] = {word: {"supported": True, "why": "", "validation": STANDARD[word]} for word in TAKEN}
    for word, entry in (further or {}).items():
        taken[word] = {"supported": True, "why": "", "validation": STANDARD[word], **entry}
    parameters = {word: taken.get(word, {"supported": False, "why": "it has none"}) for word in STANDARD}
    wrapper = wrapper_source(
        name=name,
        version="unknown",
        contract=contract_of(home / "backends" / "base.py", "BaseBackendAdapter"),
        frame=FRAME,
        source=".base",
        dialect=dialect,
        parameters=parameters,
        accepts=["--shots", "--seed", *accepts] if dialect["kind"] == "file" else [],
        features={},
        max_qubits=max_qubits,
        capacity="stated",
        verified=["for a benchmark"],
        made="today",
    )
    facts = {"module": module_name(name), "class": class_name(name), "parameters": parameters, "made_by": MAKER}
    register(home, name, facts=facts, config={"enabled": True}, wrapper=wrapper)

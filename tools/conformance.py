"""Checks in a process of its own that an adapter does what ProximA's base class and the verification promise.

`script` copies it, and what belongs to it, out of Rigil and says how it is run: with BACKENDS MODULE CLASS FACTS,
where BACKENDS is a folder with ``base.py`` and the adapter, and FACTS is JSON. It imports nothing of Rigil; it prints
one JSON object, the outcome of each check.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conformance_running import built, running, watched  # a copy of both has to stand alone

PACKAGE = "staged_backends"
COPY = "rigil_checks"


def script(folder: Path) -> list[str]:
    """Copy the checks into a folder; returns the command that runs them."""
    copy = folder / COPY
    copy.mkdir(exist_ok=True)
    (copy / "__init__.py").touch()
    for name in ("conformance.py", "conformance_running.py"):
        shutil.copy2(Path(__file__).with_name(name), copy / name)
    program = f"import sys; sys.path.insert(0, sys.argv.pop(1)); from {COPY}.conformance import main; main()"
    return [sys.executable, "-I", "-c", program, str(folder)]


def package(folder: Path) -> str:
    """Make the folder importable as a package of its own name, which is returned."""
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = made
    spec.loader.exec_module(made)
    return PACKAGE


def raises(action: Callable[[], Any], word: str) -> str:
    """The error's sentence, which has to be a ValueError and name what is wrong."""
    try:
        action()
    except ValueError as error:
        assert word in str(error), f"the error does not name {word!r}: {error}"
        return str(error)
    raise AssertionError("nothing was raised")


def checks(folder: Path, module: str, name: str, facts: dict[str, Any]) -> dict[str, Callable[[], str]]:
    """The checks by name; each returns a sentence, or raises."""
    made: dict[str, Any] = {}

    def imports() -> str:
        package(folder)
        kind = getattr(importlib.import_module(f"{PACKAGE}.{module}"), name)
        base = getattr(importlib.import_module(f"{PACKAGE}.base"), facts["base"])
        assert issubclass(kind, base), f"{name} does not derive from {facts['base']}"
        ours = [found for found in sys.modules if found.split(".")[0] in facts["foreign"]]
        assert not ours, f"it imports {', '.join(ours)}"
        return f"{name} imports in a clean process and derives from {facts['base']}"

    def instance() -> str:
        kind = getattr(importlib.import_module(f"{PACKAGE}.{module}"), name)
        missing = sorted(getattr(kind, "__abstractmethods__", ()))
        assert not missing, f"the methods {', '.join(missing)} are missing"
        made["adapter"] = kind()
        assert made["adapter"].get_name() == facts["name"], "get_name() is another name"
        assert made["adapter"].is_available(), "is_available() is false"
        capabilities = made["adapter"].get_capabilities()
        assert capabilities.max_qubits == facts["max_qubits"], "max_qubits is another number"
        return "it has every method that the base asks for, and is available"

    def counts(circuit: dict[str, Any], **options: Any) -> dict[str, int]:
        wanted = options.setdefault("shots", circuit.get("shots", 1000))
        found = made["adapter"].execute(built(circuit), options)
        numbers: dict[str, int] = found.data["counts"]
        assert sum(numbers.values()) == wanted, f"{sum(numbers.values())} counts for {wanted} shots"
        return numbers

    def right() -> str:
        chosen = {"seed": 11} if facts["seeded"] else {}
        made["counts"] = {}
        for label, circuit in facts["circuits"].items():
            try:
                made["counts"][label] = counts(circuit, **chosen)
            except Exception as error:
                raise AssertionError(f"the circuit `{label}` gives {type(error).__name__}: {error}") from error
        return f"{len(facts['circuits'])} circuits"

    def shots() -> str:
        label, circuit = next(iter(facts["circuits"].items()))
        counts(circuit, shots=137)
        return f"{label} with 137 shots gives 137 counts"

    def seed() -> str:
        circuit = facts["spread"]
        one, two, other = counts(circuit, seed=5), counts(circuit, seed=5), counts(circuit, seed=6)
        assert one == two, "the same seed gives other counts"
        assert one != other, "another seed gives the same counts"
        return "the same seed gives the same counts, another seed others"

    def too_many() -> str:
        from qiskit import QuantumCircuit

        size = facts["max_qubits"] + 1
        return raises(lambda: made["adapter"].execute(QuantumCircuit(size), {}), str(size))

    def unknown_gate() -> str:
        from qiskit import QuantumCircuit
        from qiskit.circuit import Gate

        circuit = QuantumCircuit(1)
        circuit.append(Gate("nosuchgate", 1, []), [0])
        assert not made["adapter"].validate_circuit(circuit).valid, "validate_circuit() accepts it"
        return raises(lambda: made["adapter"].execute(circuit, {}), "nosuchgate")

    def not_at_the_end() -> str:
        from qiskit import QuantumCircuit

        circuit = QuantumCircuit(1, 1)
        circuit.h(0)
        circuit.measure(0, 0)
        circuit.h(0)
        raises(lambda: made["adapter"].execute(circuit, {}), "measure")
        circuit = QuantumCircuit(1, 1)
        circuit.reset(0)
        return raises(lambda: made["adapter"].execute(circuit, {}), "reset")

    def unknown_parameter() -> str:
        circuit = next(iter(facts["circuits"].values()))
        return raises(lambda: counts(circuit, nosuchparameter=1), "nosuchparameter")

    def timeout() -> str:
        circuit = next(iter(facts["circuits"].values()))
        try:
            counts(circuit, timeout=1e-9)  # a quick program may end within any time that it could notice
        except RuntimeError as error:
            return str(error)
        raise AssertionError("a run that took longer than its limit was not stopped")

    def text() -> str:
        program = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; x q[0]; measure q -> c;'
        found = made["adapter"].execute(program, {"shots": 50}).data["counts"]
        assert found == {"01": 50}, f"X on qubit 0 of two gives {found}"
        return "OpenQASM 2 text is read, and qubit 0 is the last bit"

    every: dict[str, Callable[[], str]] = {
        "imports": imports,
        "instance": instance,
        "counts": right,
        "shots": shots,
        "too many qubits": too_many,
        "unknown gate": unknown_gate,
        "measurement before the end": not_at_the_end,
        "unknown parameter": unknown_parameter,
        "timeout": timeout,
    }
    if facts["seeded"]:
        every["seed"] = seed
    if facts["has_x"]:
        every["text"] = text
    every |= running(made, facts, [str(folder), module, name])
    every["report"] = lambda: json.dumps(made["counts"])
    return every


def main() -> None:
    """Run the checks in order until one fails."""
    folder, module, name, facts = sys.argv[1:]
    given = json.loads(Path(facts).read_text())
    watched(Path(facts).absolute().with_suffix(".watched"))
    outcome: dict[str, Any] = {"passed": {}, "failed": None}
    for label, check in checks(Path(folder), module, name, given).items():
        try:
            outcome["passed"][label] = check()
        except Exception as error:  # whatever an adapter raises is the outcome of its check
            outcome["failed"] = f"{label}: {type(error).__name__}: {error}"
            break
    outcome["counts"] = json.loads(outcome["passed"].pop("report", "{}"))
    print(json.dumps(outcome))

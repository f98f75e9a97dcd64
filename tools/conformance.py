"""Checks in a process of its own that an adapter does what ProximA's base class and the verification promise.

`script` copies it, and what belongs to it, out of Rigil and says how it is run: with FOLDER MODULE CLASS FACTS, where
FOLDER holds the adapter, and FACTS is JSON that says where ProximA is and how its adapters are used. It imports nothing
of Rigil; it prints one JSON object, the outcome of each check.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conformance_adapter import adapter_of, built, dig, ran  # a copy of them all has to stand alone
from .conformance_running import running, watched

COPY = "rigil_checks"


def script(folder: Path, python: str) -> list[str]:
    """Copy the checks into a folder; returns the command that runs them with an interpreter."""
    copy = folder / COPY
    copy.mkdir(exist_ok=True)
    (copy / "__init__.py").touch()
    for name in ("conformance.py", "conformance_adapter.py", "conformance_midst.py", "conformance_running.py"):
        shutil.copy2(Path(__file__).with_name(name), copy / name)
    program = f"import sys; sys.path.insert(0, sys.argv.pop(1)); from {COPY}.conformance import main; main()"
    return [python, "-I", "-c", program, str(folder)]


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

    places, access = facts["places"], facts["access"]
    methods = access["methods"]

    def kind() -> Any:
        return adapter_of(folder, module, name, places)

    def imports() -> str:
        found = kind()
        base = getattr(importlib.import_module(places["base"]["module"]), places["base"]["class"])
        assert issubclass(found, base), f"{name} does not derive from {base.__name__}"
        ours = [other for other in sys.modules if other.split(".")[0] in facts["foreign"]]
        assert not ours, f"it imports {', '.join(ours)}"
        return f"{name} imports in a clean process and derives from {base.__name__}"

    def instance() -> str:
        missing = sorted(getattr(kind(), "__abstractmethods__", ()))
        assert not missing, f"the methods {', '.join(missing)} are missing"
        made["adapter"] = kind()()
        for role, wanted in (("name", facts["name"]), ("available", True)):
            if role in methods:
                said = getattr(made["adapter"], methods[role])()
                assert said == wanted, f"{methods[role]}() gives {said!r}, not {wanted!r}"
        if access["max_qubits"] is not None:
            most = dig(getattr(made["adapter"], methods["capabilities"])(), access["max_qubits"])
            assert most == facts["max_qubits"], f"the most qubits are {most}, not {facts['max_qubits']}"
        return "it has every method that the base asks for, and is available"

    def run(circuit: Any, options: dict[str, Any]) -> Any:
        return ran(made["adapter"], access, circuit, options)

    def takes(*options: str) -> bool:
        keywords = access["keywords"]
        return bool(access["options"]) or keywords is None or all(option in keywords for option in options)

    def counts(circuit: dict[str, Any], **options: Any) -> dict[str, int]:
        wanted = options.setdefault("shots", circuit.get("shots", 1000))
        numbers: dict[str, int] = run(built(circuit), options)
        assert sum(numbers.values()) == wanted, f"{sum(numbers.values())} counts for {wanted} shots"
        return numbers

    def right() -> str:
        chosen = {"seed": 11} if facts["seeded"] and takes("seed") else {}
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
        return raises(lambda: run(QuantumCircuit(size), {}), str(size))

    def unknown_gate() -> str:
        from qiskit import QuantumCircuit
        from qiskit.circuit import Gate

        circuit = QuantumCircuit(1)
        circuit.append(Gate("nosuchgate", 1, []), [0])
        if access["valid"] is not None:
            said = dig(getattr(made["adapter"], methods["validate"])(circuit), access["valid"])
            assert not said, f"{methods['validate']}() accepts it"
        return raises(lambda: run(circuit, {}), "nosuchgate")

    def not_at_the_end() -> str:
        from qiskit import QuantumCircuit

        circuit = QuantumCircuit(1, 1)
        circuit.h(0)
        circuit.measure(0, 0)
        circuit.h(0)
        raises(lambda: run(circuit, {}), "measure")
        circuit = QuantumCircuit(1, 1)
        circuit.reset(0)
        return raises(lambda: run(circuit, {}), "reset")

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
        found = run(program, {"shots": 50})
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
    }
    if takes("nosuchparameter"):
        every["unknown parameter"] = unknown_parameter
    if takes("timeout"):
        every["timeout"] = timeout
    if facts["seeded"] and takes("seed"):
        every["seed"] = seed
    if facts["has_x"]:
        every["text"] = text
    every |= running(made, facts, [str(folder), module, name, str(facts["given"])], limited=takes("timeout"))
    every["report"] = lambda: json.dumps(made.get("counts", {}))
    return every


def main() -> None:
    """Run the checks in order until one fails; the counts of the circuits that ran are said in any case."""
    folder, module, name, facts = sys.argv[1:]
    given = json.loads(Path(facts).read_text()) | {"given": str(Path(facts).absolute())}
    watched(Path(facts).absolute().with_suffix(".watched"))
    outcome: dict[str, Any] = {"passed": {}, "failed": None}
    every = checks(Path(folder), module, name, given)
    report = every.pop("report")
    for label, check in every.items():
        try:
            outcome["passed"][label] = check()
        except Exception as error:  # whatever an adapter raises is the outcome of its check
            outcome["failed"] = f"{label}: {type(error).__name__}: {error}"
            break
    outcome["counts"] = json.loads(report())
    print(json.dumps(outcome))

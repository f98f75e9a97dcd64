"""Puts an example backend, changed or not, through the steps that say whether a backend works."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from configs import TEMPLATES
from graph.state import State
from nodes.integrate.parameters import parameters
from nodes.session import close_sessions, session_of
from nodes.verify.gates import gates
from nodes.verify.sampling import sampling
from nodes.verify.speak import speak
from tests.mutants.mutants import CPP, Mutant
from tools.circuits import GATES
from tools.dialect import ANGLE, FIRST, SECOND, THIRD
from tools.edits import patched
from tools.runs import Runs

EXAMPLES = Path(__file__).parents[2] / "examples" / "backends"
EIGEN = next((path for path in map(Path, ("/usr/include/eigen3", "/usr/local/include/eigen3")) if path.is_dir()), None)
ANSWERS: dict[str, Any] = {
    "expectation": {"outcomes": "00 and 11"},
    "bit_order": [
        {"when": "leftmost", "answer": {"place": "first"}},
        {"when": "rightmost", "answer": {"place": "last"}},
        {"answer": {"place": "elsewhere"}},
    ],
    "parameter_option": [
        {"when": "probability of an error per gate?", "answer": {"option": "--noise"}},
        {"answer": {"option": "none"}},
    ],
    "option_parameter": {"parameter": "noise_level"},
    "noise_unit": {"unit": "probability"},
}
PY_GATES = {
    **{name: f"circuit.{name}(⟨a⟩)" for name in ("h", "x", "y", "z", "s", "t")},
    **{name: f"circuit.{name}(⟨t⟩, ⟨a⟩)" for name in ("rx", "ry", "rz")},
    **{name: f"circuit.{name}(⟨a⟩, ⟨b⟩)" for name in ("cz", "swap")},
    "sdg": "circuit.s_dag(⟨a⟩)",
    "tdg": "circuit.t_dag(⟨a⟩)",
    "sx": "circuit.sqrt_x(⟨a⟩)",
    "p": "circuit.phase(⟨t⟩, ⟨a⟩)",
    "cx": "circuit.cnot(⟨a⟩, ⟨b⟩)",
    "ccx": "circuit.toffoli(⟨a⟩, ⟨b⟩, ⟨c⟩)",
}
CPP_GATES = {
    **{name: f"{name.upper()} ⟨a⟩" for name in ("h", "x", "y", "z", "s", "t", "sdg", "tdg", "sx")},
    **{name: f"{name.upper()} ⟨a⟩ ⟨t⟩" for name in ("rx", "ry", "rz")},
    **{name: f"{name.upper()} ⟨a⟩ ⟨b⟩" for name in ("cz", "swap")},
    "p": "PHASE ⟨a⟩ ⟨t⟩",
    "cx": "CNOT ⟨a⟩ ⟨b⟩",
    "ccx": "TOFFOLI ⟨a⟩ ⟨b⟩ ⟨c⟩",
}


class Verdict(NamedTuple):
    """What Rigil says of a backend."""

    working: bool
    """Whether every step passed without a reservation."""
    why: str
    """The failure or the reservation; the last step's sentence where there is none."""


def judged(mutant: Mutant, folder: Path, objects: Path, *, learned: bool = False) -> Verdict:
    """Run the steps on a changed copy of an example.

    Args:
        mutant: what is changed.
        folder: empty, and the state folder's parent.
        objects: where the objects of unchanged C++ files are kept.
        learned: whether the gates but for the first two have to be learned.
    """
    script = folder / "answers.yaml"
    lines = {gate: _filled(line) for gate, line in (CPP_GATES if mutant.backend == CPP else PY_GATES).items()}
    asked = [
        {"when": f"Write the line for the {GATES[gate][2]} ", "answer": {"line": line}} for gate, line in lines.items()
    ]
    script.write_text(json.dumps({**ANSWERS, "gate_line": asked, "gate_name": {"name": "none"}}))
    run = Runs(folder / "state").create("/src", "sim", f"scripted:{script}", approve="safe", began=time.time())
    tree = run.workspace / "tree"
    source = EXAMPLES / mutant.backend
    shutil.copytree(source, tree)
    edits = [{"file": f"src/{file}", "old": old, "new": new, "line": None} for file, old, new in mutant.edits]
    for name, content in patched(tree, edits).items():
        (tree / name).write_bytes(content)
    dialect = _cpp(mutant, tree, objects) if mutant.backend == CPP else _py(mutant, tree)
    dialect["reversed"] ^= mutant.relearned
    if learned:
        dialect["gates"] = {gate: dialect["gates"][gate] for gate in ("h", "cx")}
    state: State = {"run": run.id, "source": "/src", "attempts": [], "reached": {}, "skipped": []}
    session = session_of(state)
    survey = {"documents": ["README.md"], "blocks": [], "commands": {"test": []}, "proposed": []}
    target = dialect["command"].split()[0]
    for name, value in (
        ("survey", survey),
        ("products", {"programs": [], "modules": []}),
        ("interface", {"kind": "program", "target": target}),
        ("dialect", dialect),
        ("variables", {}),
    ):
        session.recipe.put(name, value, "given")
    try:
        return _run(state, (speak, gates, sampling, parameters))
    finally:
        close_sessions()


def _filled(template: str) -> str:
    """A gate's line for the operands that it is asked for."""
    for slot, value in {"⟨a⟩": FIRST, "⟨b⟩": SECOND, "⟨c⟩": THIRD, "⟨t⟩": ANGLE}.items():
        template = template.replace(slot, str(value))
    return template


def _run(state: State, nodes: tuple[Callable[[State], dict[str, Any]], ...]) -> Verdict:
    sentence = ""
    for node in nodes:
        state = {**state, **node(state)}  # type: ignore[typeddict-item]
        if failure := state.get("failure"):
            return Verdict(False, failure["what"])
        sentence = list(state["reached"].values())[-1]
        if sentence.startswith("RESERVATION"):
            return Verdict(False, sentence)
    return Verdict(True, sentence)


def _py(mutant: Mutant, tree: Path) -> dict[str, Any]:
    result = {
        "counts": "simulator.run(circuit, shots=⟨shots⟩, seed=⟨seed⟩)",
        "statevector": "simulator.statevector(circuit)",
    }[mutant.way]
    begin = ("import sys", f"sys.path.insert(0, {str(tree / 'src')!r})", "from pysv import Circuit, Simulator")
    return {
        "kind": "program",
        "suffix": ".py",
        "before": [*begin, "simulator = Simulator()", "circuit = Circuit(⟨n⟩)"],
        "gates": PY_GATES,
        "after": [f"_result = {result}", *(TEMPLATES / "print_result.txt").read_text().splitlines()],
        "command": f"{sys.executable} ⟨circuit⟩",
        "reversed": True,
        "reading": r"^outcome (?P<bits>[01]+) (?P<number>[-+.\deE]+)$",
        "amplitudes": r"^amplitude (?P<bits>[01]+) (?P<number>[-+.\deE]+) (?P<imaginary>[-+.\deE]+)$",
    }


def _cpp(mutant: Mutant, tree: Path, objects: Path) -> dict[str, Any]:
    program = _compiled(tree / "src", {file for file, _, _ in mutant.edits}, objects)
    counts = mutant.way == "counts"
    return {
        "kind": "file",
        "suffix": ".svq",
        "before": ["qubits ⟨n⟩"],
        "gates": CPP_GATES,
        "after": ["MEASURE ALL"] if counts else [],
        "command": f"{program} ⟨circuit⟩ " + ("--shots ⟨shots⟩ --seed ⟨seed⟩" if counts else "--statevector"),
        "reversed": False,
        "reading": r"^(?P<bits>[01]+) (?P<number>\d+)$"
        if counts
        else r"^(?P<bits>[01]+) (?P<number>\S+) (?P<imaginary>\S+)$",
    }


def _compiled(source: Path, changed: set[str], objects: Path) -> Path:
    """The program; a file that was not changed is compiled once for all mutants."""
    linked = []
    for file in sorted(source.glob("*.cpp")):
        made = (source if file.name in changed else objects) / f"{file.stem}.o"
        if not made.exists():
            _compiler("-c", str(file), "-o", str(made))
        linked.append(str(made))
    program = source / "svsim"
    _compiler(*linked, "-o", str(program))
    return program


_compiler = partial(
    lambda *arguments: subprocess.run(
        ["c++", "-std=c++17", "-O1", f"-I{EIGEN}", '-DSVSIM_VERSION="0.4.1"', *arguments], check=True
    )
)

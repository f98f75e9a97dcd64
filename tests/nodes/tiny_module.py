"""A simulator that is a Python module, in the standard library alone, and a run whose recipe knows how to call it."""

from __future__ import annotations

import sys
import venv
from pathlib import Path
from typing import Any

from graph.state import State
from nodes.session import Session
from nodes.verify.answers import Program
from nodes.verify.speech.by_program import _dialect
from tests.nodes import tiny_backend

MODULE = '''"""ripple: simulates circuits of at most 9 qubits."""
import cmath, math, random
__version__ = "0.3"
R = math.sqrt(0.5)

class Circuit:
    """A circuit of ``n`` qubits; its methods add gates."""
    def __init__(self, n):
        if n > 9:
            raise ValueError("ripple simulates at most 9 qubits")
        self.n, self.gates = n, []
    def hadamard(self, q):
        self.gates.append((q, (), (R, R, R, -R)))
    def flip(self, q, *controls):
        self.gates.append((q, controls, (0, 1, 1, 0)))
    def phase(self, q, angle):
        self.gates.append((q, (), (1, 0, 0, cmath.exp(1j * angle))))
    def turn_y(self, q, angle):
        c, s = math.cos(angle / 2), math.sin(angle / 2)
        self.gates.append((q, (), (c, -s, s, c)))

class Simulator:
    def state(self, circuit):
        """The amplitudes of a circuit, qubit 0 as the least significant bit."""
        state = [1] + [0] * (2**circuit.n - 1)
        for q, controls, (a, b, c, d) in circuit.gates:
            for i in range(len(state)):
                if not i >> q & 1 and all(i >> k & 1 for k in controls):
                    j = i | 1 << q
                    state[i], state[j] = a * state[i] + b * state[j], c * state[i] + d * state[j]
        return [complex(x) for x in state]
    def sample(self, circuit, shots, seed=None):
        """Counts of the outcomes, qubit 0 as the last character."""
        weights = [abs(x) ** 2 for x in self.state(circuit)]
        counts = {}
        for i in random.Random(seed).choices(range(len(weights)), weights, k=shots):
            key = format(i, "0%db" % circuit.n)
            counts[key] = counts.get(key, 0) + 1
        return counts
'''

README = "# ripple\n\nA simulator of quantum circuits.\nripple 0.3 works on at most 9 qubits.\n"

GATES = {
    "x": "c.flip(⟨a⟩)",
    "p": "c.phase(⟨a⟩, ⟨t⟩)",
    "ry": "c.turn_y(⟨a⟩, ⟨t⟩)",
    "ccx": "c.flip(⟨c⟩, ⟨a⟩, ⟨b⟩)",
}
SAMPLED = "s.sample(c, shots=4321, seed=97)"
AMPLITUDES = "s.state(c)"


def begin(folder: Path, *, result: str = SAMPLED, module: str = MODULE, **answers: Any) -> tuple[Session, State]:
    """A run of the module, installed in an environment of its own, whose verification is done.

    Args:
        folder: of the test.
        result: how the outcomes are had.
        module: the text of the module.
        answers: of the model.
    """
    metadata = {"name": "ripple", "version": "0.3", "max_qubits": "9"}
    session, state = tiny_backend.begin(folder, "ripple", **{"metadata": metadata, **answers})
    home = session.shell.workspace / "python"
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (home / "lib" / version / "site-packages" / "ripple.py").write_text(module)
    (session.tree / "README.md").write_text(README)
    pieces = Program(
        imports=["from ripple import Circuit, Simulator"],
        circuit="c = Circuit(5)",
        more=["s = Simulator()"],
        hadamard="c.hadamard(3)",
        controlled_not="c.flip(4, 3)",
        result=result,
    )
    dialect = _dialect(pieces, str(python), "")
    dialect["gates"] |= GATES
    session.recipe.put("dialect", dialect, "Bell and GHZ circuits by Qiskit's distributions")
    session.recipe.put("verified_gates", list(dialect["gates"]), "6 circuits agree with Qiskit")
    session.recipe.put("products", {"programs": [], "modules": ["ripple"]}, "it is there")
    session.recipe.put("interface", {"kind": "module", "target": "ripple"}, "it ran")
    return session, state

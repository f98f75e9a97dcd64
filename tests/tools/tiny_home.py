"""A ProximA home with two small simulators in it: a program, and a Python module in its own interpreter."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from configs import TEMPLATES
from tests.nodes.tiny_backend import GATES, PROGRAM
from tests.tools.test_wrapper import FRAME
from tools.contract import contract_of
from tools.proxima import MAKER, ensure_home
from tools.registration import register
from tools.wrapper import class_name, module_name, wrapper_source

MODULE = """
import math, random
left = []
def one(state, q, m):
    new = list(state)
    for i in range(len(state)):
        if not i >> q & 1:
            a, b = state[i], state[i | 1 << q]
            new[i], new[i | 1 << q] = m[0] * a + m[1] * b, m[2] * a + m[3] * b
    return new
class Circuit:
    def __init__(self, n): self.n, self.state = n, [1 + 0j] + [0j] * ((1 << n) - 1)
    def had(self, q): r = math.sqrt(0.5); self.state = one(self.state, q, (r, r, r, -r))
    def turn(self, t, q): c, s = math.cos(t / 2), math.sin(t / 2); self.state = one(self.state, q, (c, -s, s, c))
    def cn(self, c, t): self.state = [self.state[i ^ (1 << t) if i >> c & 1 else i] for i in range(1 << self.n)]
    def sample(self, shots, seed):
        counts = {}
        for i in random.Random(seed).choices(range(1 << self.n), [abs(a) ** 2 for a in self.state], k=shots):
            counts[i] = counts.get(i, 0) + 1
        return counts
"""


def program(folder: Path) -> dict[str, Any]:
    """The dialect of the program, which is written into the folder."""
    path = folder / "wavelet"
    path.write_text(PROGRAM.replace("PYTHON", sys.executable))
    path.chmod(0o755)
    return {
        "kind": "file",
        "suffix": ".wl",
        "before": ["qubits ⟨n⟩"],
        "gates": GATES,
        "after": [],
        "command": f"{path} ⟨circuit⟩ --shots ⟨shots⟩ --seed ⟨seed⟩",
        "options": {"noise_level": "--depolarize ⟨value⟩"},
        "reversed": True,
        "reading": r"^(?P<bits>[01]+) (?P<number>\d+)$",
    }


def module(folder: Path, result: str = "c.sample(⟨shots⟩, ⟨seed⟩)") -> dict[str, Any]:
    """The dialect of the Python module, which is written into the folder."""
    (folder / "toy.py").write_text(MODULE)
    return {
        "kind": "program",
        "suffix": ".py",
        "before": ["import toy", "c = toy.Circuit(⟨n⟩)"],
        "gates": {"h": "c.had(⟨a⟩)", "cx": "c.cn(⟨a⟩, ⟨b⟩)", "ry": "c.turn(⟨t⟩, ⟨a⟩)"},
        "after": [f"_result = {result}", *(TEMPLATES / "print_result.txt").read_text().splitlines()],
        "command": f"PYTHONPATH={folder} {sys.executable} ⟨circuit⟩",
        "reversed": False,
        "reading": r"^outcome (?P<bits>[01]+) (?P<number>[-+.\deE]+)$",
        "amplitudes": r"^amplitude (?P<bits>[01]+) (?P<number>[-+.\deE]+) (?P<imaginary>[-+.\deE]+)$",
    }


def home_with(home: Path, dialects: Mapping[str, Mapping[str, Any]]) -> Path:
    """A home in which these are registered."""
    ensure_home(home)
    supported = ("num_qubits", "shots", "seed", "timeout", "noise_level")
    for name, dialect in dialects.items():
        parameters = {
            word: {"supported": word in supported and (word != "noise_level" or "options" in dialect), "why": "no"}
            for word in (*supported, "precision")
        }
        wrapper = wrapper_source(
            name=name,
            version="1.4",
            contract=contract_of(home / "backends" / "base.py", "BaseBackendAdapter"),
            frame=FRAME,
            source=".base",
            dialect=dialect,
            parameters=parameters,
            accepts=["--shots", "--seed", "--depolarize"] if dialect["kind"] == "file" else [],
            features={},
            max_qubits=12,
            capacity="stated",
            verified=["by a test"],
            made="2026-01-01",
        )
        facts = {"module": module_name(name), "class": class_name(name), "version": "1.4", "parameters": parameters}
        register(home, name, facts={**facts, "made_by": MAKER}, config={"enabled": True}, wrapper=wrapper)
    return home

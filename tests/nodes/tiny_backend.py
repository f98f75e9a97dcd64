"""A command-line simulator in the standard library alone, and a run whose recipe knows how to speak to it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from graph.state import State
from nodes.session import Session, session_of
from tools.recipe import Recipe
from tools.runs import Runs

PROGRAM = r'''#!PYTHON
"""wavelet: runs circuits."""
import argparse, cmath, math, random
parser = argparse.ArgumentParser(prog="wavelet", description="wavelet runs circuits.")
parser.add_argument("file")
parser.add_argument("--shots", type=int, default=10, metavar="N", help="number of runs")
parser.add_argument("--seed", type=int, metavar="S", help="seed of the random numbers")
parser.add_argument("--depolarize", type=float, default=0, metavar="P", help="error probability per gate")
parser.add_argument("--threads", type=int, default=1, metavar="T", help="number of threads")
parser.add_argument("--quiet", action="store_true", help="say less")
options = parser.parse_args()
lines = [line.split() for line in open(options.file)]
n = int(lines[0][1])
if n > 12:
    raise SystemExit("at most 12 qubits")
rng = random.Random(options.seed)
r = math.sqrt(0.5)
ONE = {
    "H": lambda t: ((r, r), (r, -r)),
    "X": lambda t: ((0, 1), (1, 0)),
    "Z": lambda t: ((1, 0), (0, -1)),
    "T": lambda t: ((1, 0), (0, cmath.exp(0.25j * math.pi))),
    "RY": lambda t: ((math.cos(t / 2), -math.sin(t / 2)), (math.sin(t / 2), math.cos(t / 2))),
    "RZ": lambda t: ((cmath.exp(-0.5j * t), 0), (0, cmath.exp(0.5j * t))),
}
def one(state, name, q, t=0.0):
    m, new = ONE[name](t), list(state)
    for i in range(len(state)):
        if not i >> q & 1:
            a, b = state[i], state[i | 1 << q]
            new[i], new[i | 1 << q] = m[0][0] * a + m[0][1] * b, m[1][0] * a + m[1][1] * b
    return new
def shot_state(noise):
    state = [0j] * (1 << n)
    state[0] = 1
    for name, *words in lines[1:]:
        if name == "CX":
            c, q = map(int, words)
            state = [state[i ^ (1 << q)] if i >> c & 1 else state[i] for i in range(len(state))]
            touched = [c, q]
        else:
            state = one(state, name, int(words[0]), *map(float, words[1:]))
            touched = [int(words[0])]
        if noise and rng.random() < noise:
            state = one(state, rng.choice("XZ"), rng.choice(touched))
    return [abs(a) ** 2 for a in state]
counts = {}
if options.depolarize:
    drawn = [rng.choices(range(1 << n), shot_state(options.depolarize))[0] for _ in range(options.shots)]
else:
    drawn = rng.choices(range(1 << n), shot_state(0), k=options.shots)
for i in drawn:
    counts[i] = counts.get(i, 0) + 1
for i in sorted(counts):
    print(format(i, "0%db" % n)[::-1], counts[i])
'''

README = """# wavelet

A small simulator of quantum circuits.
wavelet 1.4 works on at most 12 qubits.
It simulates depolarizing noise. It runs on one thread. It was written by hand.
"""

GATES = {
    "h": "H ⟨a⟩",
    "cx": "CX ⟨a⟩ ⟨b⟩",
    "x": "X ⟨a⟩",
    "z": "Z ⟨a⟩",
    "t": "T ⟨a⟩",
    "ry": "RY ⟨a⟩ ⟨t⟩",
    "rz": "RZ ⟨a⟩ ⟨t⟩",
}

ANSWERS: dict[str, Any] = {
    "metadata": {
        "name": "wavelet",
        "version": "1.4",
        "max_qubits": "12",
    },
    "feature": [
        {"when": "It simulates depolarizing noise.", "answer": {"feature": "noise"}},
        {"when": "It runs on one thread.", "answer": {"feature": "one_core"}},
        {"answer": {"feature": "none"}},
    ],
    "parameter_option": [
        {"when": "probability of an error per gate?", "answer": {"option": "--depolarize"}},
        {"when": "how many threads", "answer": {"option": "--threads"}},
        {"when": "precision", "answer": {"option": "--quiet"}},
        {"answer": {"option": "none"}},
    ],
    "option_parameter": [
        {"when": "--depolarize", "answer": {"parameter": "noise_level"}},
        {"when": "--threads", "answer": {"parameter": "parallelization"}},
        {"answer": {"parameter": "none"}},
    ],
    "noise_unit": {"unit": "probability"},
    "switch_level": {"does": "neither"},
    "health": [
        {
            "when": "Not accepted",
            "answer": {"checks": ["program", "circuit"], "expected": "00 and 11 half each", "own": []},
        },
        {"answer": {"checks": ["program"], "expected": "00 only", "own": []}},
    ],
}


def begin(folder: Path, name: str = "wavelet", **answers: Any) -> tuple[Session, State]:
    """A run of the simulator whose verification is done, with a scripted model."""
    state_folder = folder / "state"
    script = folder / "answers.yaml"
    script.write_text(json.dumps({**ANSWERS, **answers}))
    run = Runs(state_folder).create("/src/wavelet", name, f"scripted:{script}", approve="safe", began=time.time())
    tree = run.workspace / "tree"
    (tree / "bin").mkdir(parents=True, exist_ok=True)
    program = tree / "bin" / "wavelet"
    program.write_text(PROGRAM.replace("PYTHON", sys.executable))
    program.chmod(0o755)
    (tree / "README.md").write_text(README)
    recipe = Recipe.load(state_folder, name)
    if not recipe.pieces:
        dialect = {
            "kind": "file",
            "suffix": ".wl",
            "before": ["qubits ⟨n⟩"],
            "gates": GATES,
            "after": [],
            "command": f"{program.resolve()} ⟨circuit⟩ --shots ⟨shots⟩ --seed ⟨seed⟩",
            "reversed": True,
            "reading": r"^(?P<bits>[01]+) (?P<number>\d+)$",
        }
        kinds = ("release", "dependency", "source", "configure", "build", "test", "run", "other")
        commands: dict[str, list[str]] = {kind: [] for kind in kinds}
        survey = {
            "summary": "A simulator.",
            "documents": ["README.md"],
            "blocks": [],
            "commands": commands,
            "proposed": [],
        }
        recipe.put("survey", survey, "written for a test")
        recipe.put("build", {"configure": ["./configure"], "build": ["make all"], "strategy": None}, "exit status 0")
        recipe.put("products", {"programs": ["bin/wavelet"], "modules": []}, "it is there")
        recipe.put("interface", {"kind": "program", "target": "bin/wavelet"}, "it ran")
        recipe.put("dialect", dialect, "Bell and GHZ circuits by Qiskit's distributions")
        recipe.put("verified_gates", list(GATES), "9 circuits agree with Qiskit")
    state: State = {
        "run": run.id,
        "source": "/src/wavelet",
        "proxima_home": str(folder / "home"),
        "attempts": [],
        "reached": {},
        "skipped": [],
    }
    return session_of(state), state

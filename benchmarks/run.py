"""What `rigil run` adds to the same circuits run directly: `python -m benchmarks.run [CIRCUITS]`.

Registers the two examples in a home of its own, by dialects written here as a bring-up finds them, and runs random
circuits of 5 qubits and 20 gates: one, and a thousand in one call. Directly is a shell loop over circuit files for the
program, and a Python program that builds and runs them for the module. The two are run in turn, and the medians are
compared. No model is asked. The program is built with CMake and needs Eigen; where that fails, only the module is
measured.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.examples import ROOT, built, enter, module, program
from tools.circuits import Circuit, random_circuit
from tools.driver import expand
from tools.proxima import ensure_home

QUBITS, DEPTH, SHOTS, SEED, TIMES = 5, 20, 1024, 7, 7
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""In which Python keeps what it compiled, as it does for everybody who does not forbid it."""
USED = ("h", "cx", "x", "z", "t", "rz", "ry", "cz")
DIRECT = """
import json, sys
from pysv import Circuit, Simulator
NAMES = {"cx": "cnot"}
simulator = Simulator()
for qubits, operations in json.load(open(sys.argv[1])):
    circuit = Circuit(qubits)
    for name, on, angles in operations:
        getattr(circuit, NAMES.get(name, name))(*angles, *on)
    print(simulator.run(circuit, shots=int(sys.argv[2]), seed=int(sys.argv[3])))
"""


def openqasm(circuit: Circuit) -> str:
    """The circuit as people write one."""
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{circuit[0]}];", f"creg c[{circuit[0]}];"]
    for name, on, angles in circuit[1]:
        given = f"({', '.join(map(repr, angles))})" if angles else ""
        lines.append(f"{name}{given} {', '.join(f'q[{qubit}]' for qubit in on)};")
    return "\n".join([*lines, "measure q -> c;", ""])


def seconds(command: Sequence[str]) -> tuple[float, float]:
    """The wall and processor time of a process with all that it starts."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, **quiet, check=True, cwd=ROOT, env=ENVIRONMENT)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medians(*commands: Sequence[str]) -> list[tuple[float, float]]:
    """The median wall and processor time of each command, which are run in turn."""
    every = [[seconds(command) for command in commands] for _ in range(TIMES + 1)]
    # Not the first, which compiles and caches.
    return [
        (statistics.median(wall), statistics.median(processor))
        for wall, processor in (zip(*one, strict=True) for one in zip(*every[1:], strict=True))
    ]


def main() -> None:
    """Measure and print two rows a backend."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rng = random.Random(1)
    circuits = [random_circuit(USED, QUBITS, DEPTH, rng) for _ in range(count)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = folder / "home"
        ensure_home(home)
        direct = folder / "direct.py"
        direct.write_text(DIRECT)
        files = [folder / f"{number:05}.qasm" for number in range(count)]
        for path, circuit in zip(files, circuits, strict=True):
            path.write_text(openqasm(circuit))
        why = built(folder / "build", "-DCMAKE_BUILD_TYPE=Release")
        for label, dialect in (("program", program(folder / "build" / "svsim")), ("module", module())):
            if label == "program" and why:
                print(f"{label:<8} is not measured: {why}")
                continue
            enter(home, label, dialect)
            for several, limit in ((False, 500.0), (True, 5.0 if label == "program" else 1.0)):
                chosen = files if several else files[:1]
                if label == "program":
                    for path, circuit in zip(chosen, circuits, strict=False):
                        path.with_suffix(".svq").write_text(expand(dialect, *circuit, SHOTS, SEED))
                    every = " ".join(shlex.quote(str(path.with_suffix(".svq"))) for path in chosen)
                    line = dialect["command"].replace("⟨circuit⟩", '"$f"')
                    line = line.replace("⟨shots⟩", str(SHOTS)).replace("⟨seed⟩", str(SEED))
                    script = folder / "direct.sh"
                    script.write_text(f"for f in {every}; do {line}; done\n")
                    plainly = ["/bin/sh", str(script)]
                else:
                    given = folder / "circuits.json"
                    given.write_text(json.dumps(circuits[: len(chosen)]))
                    line = dialect["command"].replace("⟨circuit⟩", f"{direct} {given} {SHOTS} {SEED}")
                    plainly = ["/bin/sh", "-c", line]
                ours = [sys.executable, "-m", "cli.main", "run", *map(str, chosen), "--backend", label]
                ours += ["--shots", str(SHOTS), "--seed", str(SEED), "--json", "--proxima-home", str(home)]
                least, most = medians(plainly, ours)
                for kind, less, more in zip(("wall", "processor"), least, most, strict=True):
                    added = 1000 * (more - less) / len(chosen)
                    row = (
                        f"{label:<8} {len(chosen):>5} circuits, {kind:<9}: directly {less:.3f} s, by rigil {more:.3f} s"
                    )
                    print(f"{row}: {more / less:.2f} times, {added:+.2f} ms each (at most {limit:g})", flush=True)


if __name__ == "__main__":
    main()

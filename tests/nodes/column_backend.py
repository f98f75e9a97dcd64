"""A simulator whose circuits are JSON objects of columns, a cell for each qubit: no line for each gate can say that."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from graph.state import State
from nodes.session import Session
from tests.nodes.tiny_backend import PROGRAM, begin

READS = """lines = [line.split() for line in open(options.file)]
n = int(lines[0][1])
"""
COLUMNS = """import json
circuit = json.load(open(options.file))
n = circuit["wires"]
lines = [[]]
for column in circuit["columns"]:
    if len(column) > n:
        raise SystemExit("a column has more cells than there are wires")
    controls = [q for q, cell in enumerate(column) if cell == "o"]
    for q, cell in enumerate(column):
        if cell not in (1, "o"):
            name, *angle = cell.split()
            if controls and name != "X":
                raise SystemExit(f"{name} takes no control")
            lines.append(["CX", controls[0], q] if controls else [name, q, *angle])
"""
README = """# wavelet

A small simulator of quantum circuits. A circuit file is a JSON object: `wires` is the number of qubits, `columns` a
list of columns. A column has a cell for each wire: `1` is nothing, `"H"`, `"X"`, `"Z"` and `"T"` are gates, `"RY 0.5"`
and `"RZ 0.5"` rotations. `"o"` is a control of the `"X"` in the same column. Gates of one layer share a column.

    bin/wavelet pair.json --shots 100 --seed 1
"""
EXAMPLE = {"wires": 2, "columns": [["H"], ["o", "X"]]}

FUNCTION = '''import json

CELLS = {"h": "H", "x": "X", "z": "Z", "t": "T", "ry": "RY", "rz": "RZ"}


def translate(operations, qubits, shots, seed):
    """Columns of cells, one for each wire."""
    columns = []
    for name, on, angles in operations:
        column = [1] * qubits
        if name == "cx":
            column[on[0]], column[on[1]] = "o", "X"
        elif name in CELLS:
            column[on[0]] = " ".join([CELLS[name], *map(str, angles)])
        else:
            raise ValueError(f"there is no cell for {name}")
        columns.append(column)
    return json.dumps({"wires": qubits, "columns": columns})
'''


def function(*changes: tuple[str, str]) -> dict[str, Any]:
    """The answer that gives the function, with changes."""
    text = FUNCTION
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return {"lines": text.splitlines()}


def begin_columns(folder: Path, **answers: Any) -> tuple[Session, State]:
    """A run of it that does not yet know how to speak to it; the command and the reading are answered."""
    given = {
        "run_command": {"command": "bin/wavelet circuit.json --shots 4321 --seed 97"},
        "expectation": {"outcomes": "00 and 11"},
        "bit_order": {"place": "elsewhere"},
        **answers,
    }
    session, state = begin(folder, **given)
    assert READS in PROGRAM
    program = session.tree / "bin" / "wavelet"
    program.write_text(PROGRAM.replace(READS, COLUMNS).replace("PYTHON", sys.executable))
    (session.tree / "README.md").write_text(README)
    (session.tree / "pair.json").write_text(json.dumps(EXAMPLE))
    survey = session.recipe.get("survey")
    survey["commands"]["run"] = ["bin/wavelet pair.json --shots 100 --seed 1"]
    session.recipe.put("survey", survey, "written for a test")
    for piece in ("dialect", "verified_gates"):
        session.recipe.forget(piece)
    session.recipe.put("ways", [{"kind": "program", "target": "bin/wavelet"}], "it starts")
    return session, state

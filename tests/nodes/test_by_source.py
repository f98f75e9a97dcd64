"""A backend that is only a library: a program around it, written by the model, compiled and run."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from nodes.build.inspect import find_products
from nodes.verify.interface import interface
from nodes.verify.speak import speak
from tests.nodes.tiny_backend import begin

HEADER = """#pragma once
typedef struct { int n; double re[1 << 10], im[1 << 10]; } reg;
void reg_begin(reg *r, int n);
void reg_had(reg *r, int q);
void reg_cnot(reg *r, int control, int target);
double reg_chance(const reg *r, int outcome);
"""
LIBRARY = """#include "reg.h"
#include <math.h>
#include <string.h>
void reg_begin(reg *r, int n) { memset(r, 0, sizeof *r); r->n = n; r->re[0] = 1; }
void reg_had(reg *r, int q) {
  const double h = sqrt(0.5);
  for (int i = 0; i < 1 << r->n; i++) if (!(i >> q & 1)) {
    const int j = i | 1 << q;
    const double a = r->re[i], b = r->re[j];
    r->re[i] = h * (a + b); r->re[j] = h * (a - b);
  }
}
void reg_cnot(reg *r, int c, int t) {
  for (int i = 0; i < 1 << r->n; i++) if ((i >> c & 1) && !(i >> t & 1)) {
    const int j = i | 1 << t;
    const double a = r->re[i]; r->re[i] = r->re[j]; r->re[j] = a;
  }
}
double reg_chance(const reg *r, int o) { return r->re[o] * r->re[o] + r->im[o] * r->im[o]; }
"""
PROGRAM = [
    '#include "reg.h"',
    "#include <stdio.h>",
    "int main(void) {",
    "  static reg r;",
    "  reg_begin(&r, 5);",
    "  reg_had(&r, 3);",
    "  reg_cnot(&r, 3, 4);",
    "  const int n = 5;",
    "  for (int o = 0; o < 1 << n; o++) {",
    "    for (int q = 0; q < n; q++) putchar(o >> q & 1 ? '1' : '0');",
    '    printf(" %.9f\\n", reg_chance(&r, o));',
    "  }",
    "}",
]
COMMAND = "cc -I$TREE circuit.c $TREE/libreg.a -lm -o circuit.out && ./circuit.out"


def ready(folder: Path, **answers: Any) -> Any:
    session, state = begin(folder, **answers)
    tree = session.tree
    (tree / "bin" / "wavelet").unlink()
    (tree / "reg.h").write_text(HEADER)
    (tree / "reg.c").write_text(LIBRARY)
    (tree / "README.md").write_text("# reg\n\nA library: begin a register, apply gates, read chances.\n")
    subprocess.run("cc -c reg.c && ar rc libreg.a reg.o", shell=True, cwd=tree, check=True)
    session.recipe.put("products", find_products(session), "made")
    session.recipe.forget("interface")
    session.recipe.forget("dialect")
    return session, state


def test_a_library_is_driven_by_a_program_and_the_compiler_corrects_it(tmp_path: Path) -> None:
    program = {"suffix": ".c", "lines": PROGRAM, "command": COMMAND}
    typo = {**program, "lines": [line.replace("reg_begin(&r, 5);", "reg_start(&r, 5);") for line in PROGRAM]}
    session, state = ready(
        tmp_path,
        expectation={"outcomes": "00"},
        source_program=[{"when": "reg_start", "answer": program}, {"answer": typo}],
    )
    assert session.recipe.get("products") == {"programs": [], "modules": [], "libraries": ["libreg.a"]}

    assert interface(state)["failure"] is None
    settled = speak(state)["reached"]["verify.speak"]

    assert "qubit 0 is the first bit" in settled
    assert "the model expected 00, which is not what Qiskit gives" in settled
    dialect = session.recipe.get("dialect")
    assert dialect["gates"] == {"h": "  reg_had(&r, ⟨a⟩);".strip(), "cx": "reg_cnot(&r, ⟨a⟩, ⟨b⟩);"}
    assert "  const int n = ⟨n⟩;" in dialect["before"] or "  const int n = ⟨n⟩;" in dialect["after"]
    asked = [record["question"] for record in session.asker.transcript.records()]
    assert asked.count("source_program") == 2


def test_a_model_that_cannot_write_is_told_that_there_are_only_libraries(tmp_path: Path) -> None:
    session, state = ready(tmp_path)
    session.asker.form = "small"

    failure = interface(state)["failure"]

    assert "only libraries, around which this model cannot write" in failure["what"]

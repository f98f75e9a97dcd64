"""Works out the dialect of a backend that is driven from Python."""

from __future__ import annotations

import ast
import re
import shlex
from typing import Any

from configs import TEMPLATES
from nodes.session import Session
from nodes.verify.answers import Program
from nodes.verify.by_file import FORMAT_WORDS
from nodes.verify.interface import usage
from tools.dialect import FIRST, SECOND, DialectError, frame_lines, gate_template
from tools.documents import telling

NAMES = """
import importlib, inspect, sys
module = importlib.import_module(sys.argv[1])
def told(name, thing):
    try:
        return name + str(inspect.signature(thing))
    except (TypeError, ValueError):
        return name
for name in getattr(module, "__all__", None) or [n for n in dir(module) if not n.startswith("_")]:
    thing = getattr(module, name)
    if inspect.isclass(thing):
        print("class", told(name, thing))
        for method, function in vars(thing).items():
            if not method.startswith("_") and callable(function):
                print("   ", told(method, function))
    elif callable(thing):
        print(told(name, thing))
"""


def learn(session: Session, module: str, attempt: int, wrong: str, hint: str | None) -> dict[str, Any]:
    """Ask for a Python program in pieces and make a dialect of it.

    Raises:
        DialectError: if the module cannot be imported or the pieces do not fit together.
        Rejected: if no answer was accepted.
    """
    python = session.shell.workspace / "python" / "bin" / "python"
    listed = session.command([str(python), "-c", NAMES, module], name="names", timeout_s=60)
    if not listed.ok:
        raise DialectError(f"The module {module} cannot be imported: {listed.log.read_text()[-400:]}")
    names = listed.log.read_text(errors="replace")
    documentation = _documentation(session, module, attempt)

    def piecewise(answer: Program) -> str | None:
        try:
            _dialect(answer, str(python))
        except DialectError as error:
            return str(error)
        if module not in " ".join(answer.imports):
            return f"The imports must import {module}."
        return None

    answer = session.ask(
        "python_program",
        Program,
        oracles=[piecewise],
        documentation=documentation,
        names=names[:1200] if attempt != 1 else "",
        wrong=wrong,
        hint=hint,
    )
    return _dialect(answer, str(python))


def _documentation(session: Session, module: str, attempt: int) -> str:
    """One example program that uses the module, another for another try, with what is told about running."""
    blocks = [block["text"] for block in session.recipe.get("survey")["blocks"]]
    using = [text for text in blocks if re.search(rf"\b{re.escape(module)}\b", text)] or blocks
    example = using[attempt % len(using)] if using else ""
    words = (*FORMAT_WORDS, "shots", "seed", "counts", "statevector", "run")
    return f"{example[:1200]}\n\n{telling(usage(session, 100_000), words, 1400)}"


def _dialect(answer: Program, python: str) -> dict[str, Any]:
    create = [line for text in (*answer.imports, *answer.create) for line in text.splitlines() if line.strip()]
    for line in create:
        if re.search(rf"(?<![\w.])({FIRST}|{SECOND})(?![\w.])", line):
            raise DialectError("Make the circuit with 5 qubits and no gates: no qubit 3 or 4 before the gates.")
    result = answer.result.strip()
    if result.startswith("print(") and result.endswith(")"):
        result = result[6:-1]
    for text, mode in (
        ("\n".join(create), "exec"),
        (answer.h, "exec"),
        (answer.cx, "exec"),
        (result, "eval"),
    ):
        try:
            ast.parse(text.strip(), mode=mode)
        except SyntaxError as error:
            raise DialectError(f"`{text}` is not valid Python: {error.msg}.") from error
    after = frame_lines([f"_result = {result}"])
    printing = (TEMPLATES / "print_result.txt").read_text().splitlines()
    return {
        "kind": "program",
        "suffix": ".py",
        "before": frame_lines(create),
        "gates": {"h": gate_template(answer.h, 1, 0), "cx": gate_template(answer.cx, 2, 0)},
        "after": [*after, *printing],
        "command": f"{shlex.quote(python)} ⟨circuit⟩",
        "reversed": False,
        "reading": r"^outcome (?P<bits>[01]+) (?P<number>[-+.\deE]+)$",
    }

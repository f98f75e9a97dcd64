"""Works out the dialect of a backend that is driven from Python."""

from __future__ import annotations

import ast
import builtins
import re
import shlex
from typing import Any

from configs import TEMPLATES
from nodes.session import Session
from nodes.verify.answers import Program
from nodes.verify.by_file import FORMAT_WORDS
from nodes.verify.interface import usage
from nodes.verify.names import names_in, spoken_of
from tools.dialect import FIRST, QUBITS, SECOND, SEED, DialectError, frame_lines, gate_template
from tools.documents import telling

NAMED = 1500
SEEDED = re.compile(rf",?\s*\b\w*seed\w*\s*=\s*{SEED}\b")


def learn(session: Session, module: str, attempt: int, wrong: str, hint: str | None) -> list[dict[str, Any]]:
    """Ask for a Python program in pieces and make a dialect of it, and one without a seed where it has one.

    Raises:
        DialectError: if the module cannot be imported or the pieces do not fit together.
        Rejected: if no answer was accepted.
    """
    python = session.shell.workspace / "python" / "bin" / "python"
    names = names_in(session, str(python), module)
    documentation = _documentation(session, module, attempt)

    def piecewise(answer: Program) -> str | None:
        try:
            _dialect(answer, str(python), documentation)
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
        names=spoken_of(names, documentation, NAMED) if attempt != 1 else "",
        wrong=wrong,
        hint=hint,
    )
    dialect = _dialect(answer, str(python), documentation)
    seedless = _dialect(answer.model_copy(update={"result": SEEDED.sub("", answer.result)}), str(python), documentation)
    return [dialect] if seedless == dialect else [dialect, seedless]


def _documentation(session: Session, module: str, attempt: int) -> str:
    """One example program that uses the module, another for another try, with what is told about running."""
    blocks = [block["text"] for block in session.recipe.get("survey")["blocks"]]
    using = [text for text in blocks if re.search(rf"\b{re.escape(module)}\b", text)] or blocks
    example = using[attempt % len(using)] if using else ""
    words = (*FORMAT_WORDS, "shots", "seed", "counts", "statevector", "run")
    return f"{example[:1200]}\n\n{telling(usage(session, 100_000), words, 1400)}"


def _dialect(answer: Program, python: str, documentation: str) -> dict[str, Any]:
    made = _assigned(answer.circuit)
    if made is None:
        raise DialectError("`circuit` must give the object a name: name = ...")
    name, constructor = made
    # Where a small model makes the object once more in front of the gate, it means the object.
    gates = {
        gate: (_assigned(text) or ("", text.strip()))[1].replace(constructor, name)
        for gate, text in (("h", answer.hadamard), ("cx", answer.controlled_not))
    }
    result = (_assigned(answer.result) or ("", answer.result.strip()))[1]
    if result.startswith("print(") and result.endswith(")"):
        result = result[6:-1]
    pieces = (*answer.imports, answer.circuit, *answer.more)
    create = [line for text in pieces for line in text.splitlines() if line.strip()]
    used = " ".join((*gates.values(), result))
    create += [
        line for line in _told(documentation) if re.search(rf"\b{line.split()[0]}\b", used) and not _sets(create, line)
    ]
    for line in create:
        if re.search(rf"(?<![\w.])({FIRST}|{SECOND})(?![\w.])", line):
            raise DialectError(f"`{line}` holds a gate. Make the object with {QUBITS} qubits and without gates.")
    _check("\n".join([*create, *gates.values(), f"_result = {result}"]))
    after = frame_lines([f"_result = {result}"])
    printing = (TEMPLATES / "print_result.txt").read_text().splitlines()
    return {
        "kind": "program",
        "suffix": ".py",
        "before": frame_lines(create),
        "gates": {"h": gate_template(gates["h"], 1, 0), "cx": gate_template(gates["cx"], 2, 0)},
        "after": [*after, *printing],
        "command": f"{shlex.quote(python)} ⟨circuit⟩",
        "reversed": False,
        "reading": r"^outcome (?P<bits>[01]+) (?P<number>[-+.\deE]+)$",
    }


def _assigned(statement: str) -> tuple[str, str] | None:
    """(name, expression) of an assignment, None for anything else."""
    try:
        body = ast.parse(statement.strip()).body
    except SyntaxError:
        return None
    if len(body) == 1 and isinstance(body[0], ast.Assign) and isinstance(body[0].targets[0], ast.Name):
        return body[0].targets[0].id, ast.unparse(body[0].value)
    return None


def _told(documentation: str) -> list[str]:
    """The assignments that stand in the documentation without a gate or a circuit in them: calls without arguments."""
    lines = (re.sub(r"^>>>\s*", "", line.strip()) for line in documentation.splitlines())
    return [line for line in lines if re.fullmatch(r"[A-Za-z_]\w* = [\w.]+\(\)", line)]


def _sets(lines: list[str], line: str) -> bool:
    return any(other.startswith(line.split()[0] + " ") for other in lines)


def _check(program: str) -> None:
    """Refuse what is no Python, and what uses a name that was not made before.

    Raises:
        DialectError: with the sentence for the model.
    """
    try:
        tree = ast.parse(program)
    except SyntaxError as error:
        raise DialectError(f"`{(error.text or '').strip()}` is not valid Python: {error.msg}.") from error
    known = set(dir(builtins))
    for statement in tree.body:
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        made = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        missing = sorted({node.id for node in names} - made - known)
        if missing:
            raise DialectError(
                f"The name {missing[0]} in `{ast.unparse(statement)}` was not made before. "
                "Make it in `circuit` or `more`, or use the name that was made."
            )
        known |= made | {
            (alias.asname or alias.name).split(".")[0]
            for node in ast.walk(statement)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }

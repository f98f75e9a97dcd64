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
from nodes.verify.interface import usage
from nodes.verify.speech.by_file import FORMAT_WORDS
from nodes.verify.speech.names import names_in, spoken_of
from nodes.verify.speech.one_object import on_one_object
from tools.dialect import FIRST, QUBITS, SECOND, SEED, SHOTS, DialectError, frame_lines, gate_template, sequenced
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
            _dialects(answer, str(python), documentation)
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
    return _dialects(answer, str(python), documentation)


def _documentation(session: Session, module: str, attempt: int) -> str:
    """One example program that uses the module, another for another try, with what is told about running."""
    blocks = [block["text"] for block in session.recipe.get("survey")["blocks"]]
    using = [text for text in blocks if re.search(rf"\b{re.escape(module)}\b", text)] or blocks
    example = using[attempt % len(using)] if using else ""
    words = (*FORMAT_WORDS, "shots", "seed", "counts", "statevector", "run")
    return f"{example[:1200]}\n\n{telling(usage(session, 100_000), words, 1400)}"


def _dialects(answer: Program, python: str, documentation: str) -> list[dict[str, Any]]:
    """What the pieces may mean, the likeliest first: the comparison with Qiskit decides.

    A seed may not be known to the backend, and a call on the object may set it up or end the circuit.
    """
    without = {"more": [SEEDED.sub("", line) for line in answer.more], "result": SEEDED.sub("", answer.result)}
    seedless = answer.model_copy(update=without)
    dialects = [
        _dialect(pieces, python, documentation, ending=ending)
        for ending in (False, True)
        for pieces in (answer, seedless)
    ]
    return [dialect for number, dialect in enumerate(dialects) if dialect not in dialects[:number]]


def _dialect(answer: Program, python: str, documentation: str, *, ending: bool = False) -> dict[str, Any]:
    """The dialect of the pieces.

    Args:
        answer: the pieces.
        python: the interpreter that runs them.
        documentation: what the model was shown.
        ending: whether calls on the object that stand alone come after the gates.

    Raises:
        DialectError: if the pieces do not fit together.
    """
    made = _made(answer.circuit)
    if made is None:
        raise DialectError("`circuit` must give the object a name: name = ...")
    name, constructor = made
    applied = {gate: _assigned(text) for gate, text in (("h", answer.hadamard), ("cx", answer.controlled_not))}
    aliases = {found[0] for found in applied.values() if found}
    gates = {
        gate: on_one_object(found[1] if (found := applied[gate]) else text.strip(), name, constructor, aliases)
        for gate, text in (("h", answer.hadamard), ("cx", answer.controlled_not))
    }
    result = (_assigned(answer.result) or ("", answer.result.strip()))[1]
    if result.startswith("print(") and result.endswith(")"):
        result = result[6:-1]
    result = on_one_object(result, name, constructor, aliases)
    # Where it repeats a piece in another one, it means it once.
    repeated = {answer.hadamard.strip(), answer.controlled_not.strip(), answer.result.strip(), result}
    create = [line for line in _lines(*answer.imports, answer.circuit) if line.strip() not in repeated]
    after: list[str] = []
    for line in _lines(*answer.more):
        if line.strip() in repeated:
            continue
        runs = str(SHOTS) in line or (after and any(_uses(line, _made(other)) for other in after))
        (after if runs or (ending and line.startswith(f"{name}.")) else create).append(line)
    used = " ".join((*gates.values(), *after, result))
    create += [
        line for line in _told(documentation) if re.search(rf"\b{line.split()[0]}\b", used) and not _sets(create, line)
    ]
    for line in create:
        if re.search(rf"(?<![\w.])({FIRST}|{SECOND})(?![\w.])", sequenced(line)):
            raise DialectError(f"`{line}` holds a gate. Make the object with {QUBITS} qubits and without gates.")
    after.append(f"_result = {result}")
    _check("\n".join([*create, *gates.values(), *after]))
    printing = (TEMPLATES / "print_result.txt").read_text().splitlines()
    return {
        "kind": "program",
        "suffix": ".py",
        "before": frame_lines(create),
        "gates": {"h": gate_template(gates["h"], 1, 0), "cx": gate_template(gates["cx"], 2, 0)},
        "after": [*frame_lines(after), *printing],
        "command": f"{shlex.quote(python)} ⟨circuit⟩",
        "reversed": False,
        "reading": r"^outcome (?P<bits>[01]+) (?P<number>[-+.\deE]+)$",
        "amplitudes": r"^amplitude (?P<bits>[01]+) (?P<number>[-+.\deE]+) (?P<imaginary>[-+.\deE]+)$",
    }


def _lines(*pieces: str) -> list[str]:
    return [line for text in pieces for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _uses(line: str, made: tuple[str, str] | None) -> bool:
    return made is not None and re.search(rf"(?<![\w.]){made[0]}\b", line) is not None


def _made(statements: str) -> tuple[str, str] | None:
    """(name, expression) of the first assignment among statements, None where there is none."""
    try:
        body = ast.parse(statements.strip()).body
    except SyntaxError:
        return None
    found = (_assigned(ast.unparse(statement)) for statement in body)
    return next((made for made in found if made), None)


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

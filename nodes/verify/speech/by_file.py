"""Works out the dialect of a backend that runs circuit files."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.errors import Rejected
from nodes.session import Session
from nodes.verify.answers import CircuitFile, Outcomes, RunCommand
from nodes.verify.interface import help_of, path_of, usage
from nodes.verify.speech.examples import SMALL, example_files
from nodes.verify.speech.translate import at_hand
from nodes.verify.trial import SEED, sandboxed_runner
from tools import driver
from tools.circuits import suite
from tools.dialect import SHOTS, DialectError, amplitudes_pattern, command_template, reading_pattern, split_program
from tools.documents import telling
from tools.filesystem import read_inside

FORMAT_WORDS = ("gate", "qubit", "format", "hadamard", "cnot", "measure", "statement", "syntax")
EXAMPLES = 2
LARGEST = 100_000
"""Bytes of a file that a backend may have written the outcomes of three qubits to."""


def learn(session: Session, program: str, attempt: int, wrong: str, hint: str | None) -> list[dict[str, Any]]:
    """Ask for a circuit file and a command line, run them, and ask where the counts stand in what is printed.

    Raises:
        DialectError: if the answers do not fit together.
        DriverError: if the program fails.
        Rejected: if no answer was accepted.
    """
    suffix, examples = example_files(session)
    shown = [*examples[:EXAMPLES], ""]
    example = shown[attempt % len(shown)]
    # Another frame for another try: with the example alone, with the documentation alone.
    documentation = "" if attempt == 1 and example else format_told(session, 1500)

    def splits(answer: CircuitFile) -> str | None:
        try:
            split_program(answer.lines)
        except DialectError as error:
            return str(error)
        return None

    lines = session.ask(
        "circuit_file",
        CircuitFile,
        oracles=[splits],
        documentation=documentation,
        example=example[:SMALL],
        suffix=suffix,
        wrong=wrong,
        hint=hint,
    ).lines
    before, gates, after = split_program(lines)
    command = command_for(session, program, "circuit" + suffix, wrong, hint)
    dialect = {
        "kind": "file",
        "suffix": suffix,
        "before": before,
        "gates": gates,
        "after": after,
        "command": command,
        "reversed": False,
        "reading": "",
    }
    dialect["reading"] = reading_of(session, dialect)
    return [dialect]


def format_told(session: Session, characters: int) -> str:
    """What the documents say about the circuit format and the gates."""
    text = "\n\n".join(read_inside(session.tree, name) for name in session.recipe.get("survey")["documents"])
    return telling(text, FORMAT_WORDS, characters)


def command_for(session: Session, program: str, circuit: str, wrong: str, hint: str | None) -> str:
    """Ask for the command that runs a circuit file; its template.

    Raises:
        DialectError: if the program is not there.
        Rejected: if no answer was accepted.
    """
    path = path_of(session, program)
    if path is None:
        raise DialectError(f"The program {program} is not there.")
    told = help_of(session, shlex.quote(path))[1][:2500]
    lines = "\n".join(session.recipe.get("survey")["commands"]["run"])
    stated = f"{told}\n{lines}\n{usage(session, 100_000)}"

    def grounded(answer: RunCommand) -> str | None:
        try:
            words = shlex.split(answer.command)
            command_template(answer.command, _circuit_word(words, circuit))
        except ValueError as error:
            return str(error)
        if Path(words[0]).name != Path(program).name:
            return f"The command must begin with {program}."
        for word in words[1:]:
            option = word.split("=")[0]
            if option.startswith("-") and not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", stated):
                return f"The option {option} stands neither in the help nor in the documentation."
        return None

    answer = session.ask(
        "run_command",
        RunCommand,
        oracles=[grounded],
        usage=lines or usage(session, 1200),
        help=told[:1500],
        program=program,
        circuit=circuit,
        wrong=wrong,
        hint=hint,
    )
    words = shlex.split(answer.command)
    rest = answer.command.strip().removeprefix(words[0])
    return command_template(shlex.quote(path) + rest, _circuit_word(words, circuit))


def _circuit_word(words: list[str], circuit: str) -> str:
    """The word that names the circuit file: a model may leave the file of the documentation's example there."""
    ending = Path(circuit).suffix
    named = [word for word in words[1:] if word.endswith(ending)]
    if len(named) != 1:
        raise DialectError(f"The command must name the file {circuit} once.")
    return named[0]


def reading_of(session: Session, dialect: dict[str, Any]) -> str:
    """Run the known circuit and ask where its outcomes stand; the pattern that finds them.

    Raises:
        DialectError: if outcomes were neither printed nor written to a file, whose name goes into the dialect.
        DriverError: if the program fails.
        Rejected: if no answer was accepted.
    """
    qubits, operations = suite(["h", "cx"])["bit order"]
    files: dict[str, str] = {}
    with TemporaryDirectory(prefix="first-", dir=session.shell.workspace / "tmp") as name:
        folder = Path(name)
        circuit = folder / f"circuit{dialect['suffix']}"
        circuit.write_text(driver.expand(at_hand(session, dialect), qubits, operations, SHOTS, SEED))
        command = driver.command_line(dialect, circuit, qubits, SHOTS, SEED)
        status, output, both = sandboxed_runner(session)(command, folder, session.settings.limits.program_s)
        if status != 0:
            raise driver.DriverError(f"`{command}` ended with exit status {status}: {both.strip()[-400:]}")
        files = written_in(folder, circuit)
    if output.strip():
        try:
            return _pattern(session, output, qubits)
        except Rejected:
            if not files:
                raise
    for name, text in files.items():
        try:
            pattern = _pattern(session, text, qubits)
        except Rejected:
            continue
        dialect["output_file"] = name
        return pattern
    raise DialectError(f"`{command}` printed no outcomes, and wrote none to a file of its folder.")


def written_in(folder: Path, circuit: Path) -> dict[str, str]:
    """The texts that a backend left in its folder beside the circuit's file, by name."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path != circuit and path.is_file() and 0 < path.stat().st_size < LARGEST:
            with contextlib.suppress(UnicodeDecodeError):  # a binary file is no text of outcomes
                found[path.name] = path.read_text()
    return found


def _pattern(session: Session, output: str, qubits: int) -> str:
    """Where the outcomes stand in a text, by the model's reading of it.

    Raises:
        Rejected: if no answer was accepted.
    """
    fitting: list[str] = []

    def patterned(answer: Outcomes) -> str | None:
        why = ""
        try:
            counts = reading_pattern(output, {outcome.bits: outcome.number for outcome in answer.outcomes})
        except DialectError as error:
            return str(error)
        for pattern in (counts, amplitudes_pattern(counts)):
            try:
                driver.read({"reading": pattern, "reversed": False}, output, qubits, SHOTS)
            except driver.DriverError as error:
                why = why or str(error)
            else:
                fitting.append(pattern)
                return None
        return why

    # A pattern drawn from fewer outcomes than there are still has to account for all shots.
    session.ask("read_counts", Outcomes, oracles=[patterned], qubits=qubits, output=output[:1500])
    return fitting[-1]

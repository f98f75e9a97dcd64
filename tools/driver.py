"""Drives a backend by its dialect: writes a circuit in the backend's words, runs it, reads the counts.

A *dialect* is plain data that was worked out and verified once (see `tools.dialect`):

    kind      "file" (a circuit file for a program) or "program" (a script for the backend's own interpreter)
    suffix    of the file that is written, such as ".qasm"
    before    lines that come before the first gate
    gates     one line per gate, by Qiskit's name of it
    after     lines that come after the last gate
    command   the shell command that runs the file
    reversed  True where the first character of a bit string is qubit 0
    reading   a regular expression with the groups "bits" and "number", and "imaginary" where they are amplitudes
    amplitudes  where it prints them beside its outcomes: a regular expression with those three groups
    options, inserts  what a parameter adds to the command, to a line of the script (`tools.inserts`), by its name

Lines and the command hold slots: ⟨n⟩ qubits, ⟨last⟩ the last qubit, ⟨a⟩ ⟨b⟩ ⟨c⟩ the operands of a gate and
⟨t⟩ its angle in radians, ⟨shots⟩, ⟨seed⟩, ⟨circuit⟩ the file, ⟨all:SEP⟩ every qubit joined by SEP; a line
{"each": text} is repeated for every qubit ⟨q⟩. An option holds the slot ⟨value⟩, or is a switch without one.
This module needs only the standard library: it is also the part of an installed wrapper that does the work.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.inserts import inserted

Operation = tuple[str, Sequence[int], Sequence[float]]
"""(Qiskit's name of the gate, qubits, angles in radians)."""

_ALL = re.compile("⟨all:([^⟩]*)⟩")


class DriverError(RuntimeError):
    """The backend could not run this circuit; the message says why."""


def _filled(text: str, slots: Mapping[str, object], qubits: int) -> str:
    for name, value in slots.items():
        text = text.replace(f"⟨{name}⟩", str(value))
    return _ALL.sub(lambda match: match[1].join(map(str, range(qubits))), text)


def _lines(parts: Sequence[Any], slots: Mapping[str, object], qubits: int) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if isinstance(part, Mapping):
            lines += [_filled(part["each"], {**slots, "q": q}, qubits) for q in range(qubits)]
        else:
            lines.append(_filled(part, slots, qubits))
    return lines


def expand(dialect: Mapping[str, Any], qubits: int, operations: Sequence[Operation], shots: int, seed: int) -> str:
    """Write a circuit in the backend's words.

    Raises:
        DriverError: if the dialect has no line for a gate.
    """
    slots = {"n": qubits, "last": qubits - 1, "shots": shots, "seed": seed}
    lines = _lines(dialect["before"], slots, qubits)
    for name, operands, angles in operations:
        template = dialect["gates"].get(name)
        if template is None:
            known = ", ".join(sorted(dialect["gates"]))
            raise DriverError(f"This backend has no verified gate {name!r}; it has {known}.")
        values = dict(zip("abc", operands, strict=False)) | dict(zip("t", angles, strict=False))
        lines.append(_filled(template, values, qubits))
    return "\n".join(lines + _lines(dialect["after"], slots, qubits)) + "\n"


def command_line(
    dialect: Mapping[str, Any],
    circuit: Path,
    qubits: int,
    shots: int,
    seed: int,
    options: Mapping[str, Any] | None = None,
) -> str:
    """The shell command that runs the written file; a switch is added where its value is true.

    Raises:
        DriverError: if the dialect has no such option.
    """
    slots = {"circuit": shlex.quote(str(circuit)), "shots": shots, "seed": seed, "n": qubits}
    words = [_filled(dialect["command"], slots, qubits)]
    known = dialect.get("options", {})
    for name, value in (options or {}).items():
        if name not in known:
            raise DriverError(f"This backend has no verified option {name!r}; it has {', '.join(known) or 'none'}.")
        if "⟨value⟩" in known[name]:
            words.append(known[name].replace("⟨value⟩", shlex.quote(str(value))))
        elif value:
            words.append(known[name])
    return " ".join(words)


def read(dialect: Mapping[str, Any], output: str, qubits: int, shots: int) -> dict[str, float]:
    """Read bit strings and their numbers out of what the backend printed, qubit 0 as the last character.

    Of several tables, the last that can be counts is read, or else the last that can be probabilities.

    Returns counts (whole numbers that sum to ``shots``) or probabilities (that sum to 1, see `_slack`); the squares
    of amplitudes are probabilities.

    Raises:
        DriverError: if the output holds neither.
    """
    _refuse_what_is_no_number(output, qubits)
    matches = list(re.finditer(dialect["reading"], output, re.MULTILINE))
    for match in matches:
        if len(match["bits"]) != qubits:
            raise DriverError(f"The output names the outcome {match['bits']!r}, but the circuit has {qubits} qubits.")
    whole: list[dict[str, float]] = []
    likely: list[dict[str, float]] = []
    problem = ""
    for table in [matches, *_tables(matches, output)]:
        numbers = {match["bits"]: _weight(match) for match in table}
        total = sum(numbers.values())
        if len(numbers) < len(table):
            twice = next(bits for bits in numbers if sum(match["bits"] == bits for match in table) > 1)
            problem = problem or f"The output gives the outcome {twice!r} twice."
        elif numbers and total == shots and all(value == int(value) for value in numbers.values()):
            whole.append(numbers)
        elif numbers and abs(total - 1) < _slack([match["number"] for match in table]):
            likely.append(numbers)
        problem = problem or (
            f"The output holds {len(numbers)} outcomes that sum to {total:g}: neither counts of {shots} "
            f"shots nor probabilities. It begins: {output[:200]!r}"
        )
    if not whole and not likely:
        raise DriverError(problem)
    numbers = (whole or likely)[-1]
    return {bits[::-1] if dialect["reversed"] else bits: number for bits, number in sorted(numbers.items())}


def amplitudes(dialect: Mapping[str, Any], output: str, qubits: int) -> dict[str, complex]:
    """The amplitudes that the backend printed, qubit 0 as the last character; empty where it prints none.

    Raises:
        DriverError: if one is of another number of qubits, or stands there twice.
    """
    pattern = re.compile(dialect.get("amplitudes") or dialect["reading"], re.MULTILINE)
    if "imaginary" not in pattern.groupindex:
        return {}
    _refuse_what_is_no_number(output, qubits)
    found: dict[str, complex] = {}
    for match in pattern.finditer(output):
        bits = match["bits"][::-1] if dialect["reversed"] else match["bits"]
        if len(bits) != qubits or bits in found:
            raise DriverError(f"The output gives the amplitude of {match['bits']!r} twice, or of other qubits.")
        found[bits] = complex(float(match["number"]), _imaginary(match))
    return found


def _refuse_what_is_no_number(output: str, qubits: int) -> None:
    """A bit string whose number is not finite would match no pattern, and count as an outcome that never came."""
    bad = re.search(
        rf"(?<![01])[01]{{{qubits}}}(?![01])[^\n]*?(?<![\w.])[-+]?(?:nan|inf|infinity)\b", output, re.IGNORECASE
    )
    if bad:
        raise DriverError(f"The output gives what is no number: {bad[0][:100]!r}")


def _weight(match: re.Match[str]) -> float:
    number = float(match["number"])
    return number**2 + _imaginary(match) ** 2 if "imaginary" in match.re.groupindex else number


def _imaginary(match: re.Match[str]) -> float:
    return float(match["imaginary"].replace(" ", ""))


def _tables(matches: Sequence[re.Match[str]], output: str) -> list[list[re.Match[str]]]:
    """The outcomes that stand together, a line without one between them and the next."""
    tables: list[list[re.Match[str]]] = []
    end = 0
    for match in matches:
        between = output[end : match.start()].split("\n")[1:-1]
        if not tables or any(line.strip() for line in between):
            tables.append([])
        tables[-1].append(match)
        end = match.end()
    return tables


def _slack(numbers: Sequence[str]) -> float:
    """How far probabilities may sum from 1: half a unit of the last printed digit of each, and at least 1e-3."""
    digits = max(len(text.lower().partition("e")[0].partition(".")[2]) for text in numbers)
    return max(1e-3, 0.5 * len(numbers) * 10.0 ** -max(digits, 3))


def counts_of(numbers: Mapping[str, float], shots: int, seed: int) -> dict[str, int]:
    """Turn what `read` returned into counts; probabilities are sampled with ``seed``."""
    if sum(numbers.values()) > 1.5 or shots == 1:
        return {bits: int(number) for bits, number in numbers.items() if number}
    drawn = random.Random(seed).choices(list(numbers), list(numbers.values()), k=shots)
    return {bits: drawn.count(bits) for bits in sorted(set(drawn))}


Runner = Callable[[str, Path, float], tuple[int, str, str]]
"""(shell command, working folder, limit in seconds) -> (exit status, stdout, stderr)."""


def run_command(command: str, folder: Path, timeout_s: float) -> tuple[int, str, str]:
    """Run a shell command in its own process group, which is stopped as a whole at the limit.

    Raises:
        DriverError: if the limit was reached.
    """
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=timeout_s)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise DriverError(f"The backend did not finish within {timeout_s:g} s.") from error
        raise
    return process.returncode, stdout, stderr


def run(
    dialect: Mapping[str, Any],
    qubits: int,
    operations: Sequence[Operation],
    *,
    shots: int,
    seed: int,
    folder: Path | None = None,
    options: Mapping[str, Any] | None = None,
    timeout_s: float = 300.0,
    runner: Runner = run_command,
) -> str:
    """Run a circuit and return what the backend printed; the arguments are those of `execute`.

    Raises:
        DriverError: if the backend fails.
    """
    dialect, options = inserted(dialect, options)
    with tempfile.TemporaryDirectory(prefix="circuit-", dir=folder) as name:
        circuit = Path(name, "circuit" + dialect["suffix"])
        circuit.write_text(expand(dialect, qubits, operations, shots, seed))
        command = command_line(dialect, circuit, qubits, shots, seed, options)
        status, stdout, stderr = runner(command, Path(name), timeout_s)
        if status != 0:
            said = (stderr.strip() or stdout.strip())[-1500:]
            raise DriverError(f"The backend ended with exit status {status}: {said}")
        return stdout


def execute(
    dialect: Mapping[str, Any],
    qubits: int,
    operations: Sequence[Operation],
    *,
    shots: int,
    seed: int,
    folder: Path | None = None,
    options: Mapping[str, Any] | None = None,
    timeout_s: float = 300.0,
    runner: Runner = run_command,
) -> dict[str, float]:
    """Run a circuit and return counts or probabilities, qubit 0 as the last character of a bit string.

    Args:
        dialect: how this backend is spoken to.
        qubits: number of qubits, all of which are measured at the end.
        operations: the gates, in order.
        shots: number of repetitions.
        seed: for backends that take one.
        folder: where the circuit file is written, in a folder of its own that is removed afterwards.
        options: values of the dialect's options.
        timeout_s: limit in seconds.
        runner: how the command is started.

    Raises:
        DriverError: if the backend fails, or prints something that cannot be its counts.
    """
    given: dict[str, Any] = {"shots": shots, "seed": seed, "folder": folder, "options": options}
    printed = run(dialect, qubits, operations, **given, timeout_s=timeout_s, runner=runner)
    return read(dialect, printed, qubits, shots)

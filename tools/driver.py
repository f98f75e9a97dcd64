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
    output_file  where the command writes its outcomes to a file of its working folder: the name of it
    state_file   where it writes the amplitudes to one: {"name", "format": "npy", "complex128" or "complex64"},
                 raw files little-endian; without a reading, the outcomes are their squares
    metrics   where it says more of a run, such as a fidelity: regular expressions with the group "number", by name
    translator  where no line for each gate can express the format: a function of operations, qubits, shots and seed
                that gives the whole file (see `tools.translation`); a gate's line then only says what it is applied to

Lines and the command hold slots: ⟨n⟩ qubits, ⟨last⟩ the last qubit, ⟨a⟩ ⟨b⟩ ⟨c⟩ the operands of a gate and
⟨t⟩ its angle in radians, ⟨shots⟩, ⟨seed⟩, ⟨circuit⟩ the file, ⟨all:SEP⟩ every qubit joined by SEP; a line
{"each": text} is repeated for every qubit ⟨q⟩. An option holds the slot ⟨value⟩, or is a switch without one.
This module needs only the standard library: it is also the part of an installed wrapper that does the work.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from tools.inserts import inserted
from tools.reading import DriverError as DriverError
from tools.reading import Outcome, output_of, understood
from tools.reading import amplitudes as amplitudes
from tools.reading import counts_of as counts_of
from tools.reading import read as read
from tools.translation import translated

Operation = tuple[str, Sequence[int], Sequence[float]]
"""(Qiskit's name of the gate, qubits, angles in radians)."""

_OPERANDS = ("⟨a⟩", "⟨b⟩", "⟨c⟩")
_ALL = re.compile("⟨all:([^⟩]*)⟩")


def _filled(text: str, slots: Mapping[str, object], qubits: int) -> str:
    for name, value in slots.items():
        text = text.replace(f"⟨{name}⟩", str(value))
    return _ALL.sub(lambda match: match[1].join(map(str, range(qubits))), text) if "⟨all:" in text else text


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
    return "\n".join(pieces(dialect, qubits, operations, shots, seed)) + "\n"


def pieces(
    dialect: Mapping[str, Any], qubits: int, operations: Sequence[Operation], shots: int, seed: int
) -> list[str]:
    """The same in consecutive pieces, so that what is alike for many circuits stands in pieces of its own.

    Raises:
        DriverError: if the dialect has no line for a gate.
    """
    if missing := {name for name, *_ in operations} - dialect["gates"].keys():
        known = ", ".join(sorted(dialect["gates"]))
        raise DriverError(f"This backend has no verified gate {min(missing)!r}; it has {known}.")
    if "translator" in dialect:
        return [translated(dialect, qubits, operations, shots, seed)]
    slots = {"n": qubits, "last": qubits - 1, "shots": shots, "seed": seed}
    lines = []
    for name, operands, angles in operations:
        line = dialect["gates"][name]
        for slot, operand in zip(_OPERANDS, operands, strict=False):
            line = line.replace(slot, str(operand))
        for angle in angles[:1]:
            line = line.replace("⟨t⟩", str(angle))
        lines.append(_filled(line, {}, qubits) if "⟨all:" in line else line)
    before, after = (_grouped(dialect[part], slots, qubits) for part in ("before", "after"))
    return [*before, *lines, *after]


def joined(dialect: Mapping[str, Any]) -> dict[str, Any]:
    """The dialect with those neighbouring lines around the gates that are alike for every circuit as one."""
    return {**dialect, **{part: _joined(dialect[part]) for part in ("before", "after")}}


def _joined(parts: Sequence[Any]) -> list[Any]:
    made: list[Any] = []
    for alike, group in groupby(parts, key=lambda part: isinstance(part, str) and "⟨" not in part):
        lines = list(group)
        made += ["\n".join(lines)] if alike else lines
    return made


def _grouped(parts: Sequence[Any], slots: Mapping[str, object], qubits: int) -> list[str]:
    groups = groupby(parts, key=lambda part: isinstance(part, str) and "⟨" not in part)
    return ["\n".join(group if alike else _lines(list(group), slots, qubits)) for alike, group in groups]


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
            raise DriverError(f"The backend did not finish within {timeout_s:g} s.").ended(timed_out=True) from error
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
    """Run a circuit and return what the backend printed, or wrote; the arguments are those of `outcome`.

    Raises:
        DriverError: if the backend fails.
    """
    with tempfile.TemporaryDirectory(prefix="circuit-", dir=folder) as name:
        printed = printed_in(dialect, qubits, operations, shots, seed, Path(name), options, timeout_s, runner)
        return output_of(dialect, printed, Path(name))


def outcome(
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
    state: bool = False,
) -> Outcome:
    """Run a circuit and read what came of it.

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
        state: whether the amplitudes are wanted too.

    Raises:
        DriverError: if the backend fails, or prints something that cannot be its counts.
    """
    with tempfile.TemporaryDirectory(prefix="circuit-", dir=folder) as name:
        printed = printed_in(dialect, qubits, operations, shots, seed, Path(name), options, timeout_s, runner)
        return understood(dialect, printed, Path(name), qubits, shots, state=state)


def execute(dialect: Mapping[str, Any], qubits: int, operations: Sequence[Operation], **given: Any) -> dict[str, float]:
    """Run a circuit and return counts or probabilities alone; the arguments are those of `outcome`.

    Raises:
        DriverError: if the backend fails, or prints something that cannot be its counts.
    """
    return outcome(dialect, qubits, operations, **given).numbers


def printed_in(
    dialect: Mapping[str, Any],
    qubits: int,
    operations: Sequence[Operation],
    shots: int,
    seed: int,
    folder: Path,
    options: Mapping[str, Any] | None = None,
    timeout_s: float = 300.0,
    runner: Runner = run_command,
) -> str:
    """What the backend prints for a circuit that is run in a folder of the caller's, which stays.

    Raises:
        DriverError: if the backend fails.
    """
    dialect, options = inserted(dialect, options)
    circuit = folder / f"circuit{dialect['suffix']}"
    circuit.write_text(expand(dialect, qubits, operations, shots, seed))
    command = command_line(dialect, circuit, qubits, shots, seed, options)
    status, stdout, stderr = runner(command, folder, timeout_s)
    if status != 0:
        said = (stderr.strip() or stdout.strip())[-1500:]
        raise DriverError(f"The backend ended with exit status {status}: {said}").ended(status)
    return stdout

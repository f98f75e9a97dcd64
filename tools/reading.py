"""Reads what a backend printed or wrote: counts, probabilities, amplitudes and numbers beside them.

What is where is data in the dialect (see `tools.driver`). Every number has to be possible before it is believed:
counts sum to the shots, probabilities and squares of amplitudes to 1, every outcome has the circuit's qubits.
This module imports nothing but the standard library, because it is also part of an installed wrapper.
"""

from __future__ import annotations

import random
import re
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class DriverError(RuntimeError):
    """The backend could not run this circuit; the message says why."""

    exit_status: int | None = None
    """With which its process ended, 128 + signal where a signal ended it; None where that is not why."""
    timed_out = False
    """Whether it was stopped at the time limit."""
    flooded = False
    """Whether it was stopped because it printed more than can be kept."""

    def ended(self, exit_status: int | None = None, *, timed_out: bool = False, flooded: bool = False) -> DriverError:
        """The same error with how the process ended."""
        self.exit_status, self.timed_out, self.flooded = exit_status, timed_out, flooded
        return self


def read(dialect: Mapping[str, Any], output: str, qubits: int, shots: int) -> dict[str, float]:
    """Read bit strings and their numbers out of what the backend printed, qubit 0 as the last character.

    Where it prints more than one table (probabilities and then counts, say), the last that can be counts is
    read, or else the last that can be probabilities.

    Returns counts (whole numbers that sum to ``shots``) or probabilities (that sum to 1, see `_slack`); the squares
    of amplitudes are probabilities.

    Raises:
        DriverError: if the output holds neither.
    """
    _refuse_what_is_no_number(output, qubits)
    pattern = re.compile(dialect["reading"], re.MULTILINE)
    weight = _square if "imaginary" in pattern.groupindex else _number
    matches = list(pattern.finditer(output))
    for match in matches:
        if len(match["bits"]) != qubits:
            raise DriverError(f"The output names the outcome {match['bits']!r}, but the circuit has {qubits} qubits.")
    tables = _tables(matches, output)
    whole: list[dict[str, float]] = []
    likely: list[dict[str, float]] = []
    problem = ""
    for table in [matches, *(tables if len(tables) > 1 else [])]:
        numbers = {match["bits"]: weight(match) for match in table}
        total = sum(numbers.values())
        if len(numbers) < len(table):
            twice = next(bits for bits in numbers if sum(match["bits"] == bits for match in table) > 1)
            problem = problem or f"The output gives the outcome {twice!r} twice."
        elif numbers and total == shots and all(map(float.is_integer, numbers.values())):
            whole.append(numbers)
        elif numbers and abs(total - 1) < _slack([match["number"] for match in table]):
            likely.append(numbers)
        elif not problem:
            problem = (
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
    low = output.lower()
    if "nan" not in low and "inf" not in low:
        return
    bad = re.search(
        rf"(?<![01])[01]{{{qubits}}}(?![01])[^\n]*?(?<![\w.])[-+]?(?:nan|inf|infinity)\b", output, re.IGNORECASE
    )
    if bad:
        raise DriverError(f"The output gives what is no number: {bad[0][:100]!r}")


def _number(match: re.Match[str]) -> float:
    return float(match["number"])


def _square(match: re.Match[str]) -> float:
    return _number(match) ** 2 + _imaginary(match) ** 2


def _imaginary(match: re.Match[str]) -> float:
    return float(match["imaginary"].replace(" ", ""))


def _tables(matches: Sequence[re.Match[str]], output: str) -> list[list[re.Match[str]]]:
    """The outcomes that stand together, a line without one between them and the next."""
    tables: list[list[re.Match[str]]] = []
    end = 0
    for match in matches:
        between = output[end : match.start()]
        apart = between.count("\n") > 1 and any(line.strip() for line in between.split("\n")[1:-1])
        if not tables or apart:
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
    return dict(sorted(Counter(drawn).items()))


NORM_SLACK = 1e-3
"""How far the norm of a state may be from 1: single precision and four printed digits stay within it."""


class Outcome(NamedTuple):
    """What one run of a circuit gave."""

    numbers: dict[str, float]
    """Counts that sum to the shots, or probabilities, by bit string with qubit 0 as the last character."""
    state: list[complex] | None
    """The 2^n amplitudes before measurement, qubit 0 the lowest bit of an index, as in Qiskit; None if not given."""
    metrics: dict[str, float]
    """Numbers that the backend says of the run, such as a fidelity, by name and as it says them."""


def understood(
    dialect: Mapping[str, Any], printed: str, folder: Path, qubits: int, shots: int, *, state: bool = False
) -> Outcome:
    """What a run came to, out of what the backend printed and the files that it left in its folder.

    Args:
        dialect: how it is read.
        printed: by the backend.
        folder: where it ran.
        qubits: of the circuit.
        shots: that were asked for.
        state: whether the amplitudes are wanted too.

    Raises:
        DriverError: if that cannot be what the circuit gives.
    """
    output = output_of(dialect, printed, folder)
    amplitudes_: list[complex] | None = None
    if "state_file" in dialect and (state or "reading" not in dialect):
        amplitudes_ = state_in(dialect, folder, qubits)
    elif state and (found := amplitudes(dialect, output, qubits)):
        amplitudes_ = [found.get(format(index, f"0{qubits}b"), 0j) for index in range(2**qubits)]
    if amplitudes_ is not None:
        norm = sum(abs(amplitude) ** 2 for amplitude in amplitudes_)
        if not abs(norm - 1) < NORM_SLACK:  # which what is no number is not either
            raise DriverError(f"The backend's amplitudes are no state: their squares sum to {norm:.6g}.")
    if "reading" in dialect:
        numbers = read(dialect, output, qubits, shots)
    else:
        weights = ((format(index, f"0{qubits}b"), abs(a) ** 2) for index, a in enumerate(amplitudes_ or []))
        numbers = {bits: weight for bits, weight in weights if weight}
    return Outcome(numbers, amplitudes_ if state else None, metrics(dialect, output))


def output_of(dialect: Mapping[str, Any], printed: str, folder: Path) -> str:
    """Where the outcomes stand: what was printed, or the text of a file that the backend wrote into its folder.

    Raises:
        DriverError: if there is no such file.
    """
    if "output_file" not in dialect:
        return printed
    try:
        return _left(folder, dialect["output_file"]).decode()
    except UnicodeDecodeError as error:
        raise DriverError(f"The backend left no readable file {dialect['output_file']!r}.") from error


def metrics(dialect: Mapping[str, Any], output: str) -> dict[str, float]:
    """The numbers beside the outcomes that the dialect knows to read; one that is not there is left out."""
    found = {name: re.search(text, output, re.MULTILINE) for name, text in dialect.get("metrics", {}).items()}
    return {name: float(match["number"]) for name, match in found.items() if match}


def state_in(dialect: Mapping[str, Any], folder: Path, qubits: int) -> list[complex]:
    """The amplitudes in the binary file that the backend wrote, in Qiskit's order.

    Raises:
        DriverError: if it wrote none, or not 2^n amplitudes.
    """
    name, form = dialect["state_file"]["name"], dialect["state_file"]["format"]
    data = _left(folder, name)
    if form == "npy":
        form, data = _inside_npy(name, data)
    letter, size = {"complex64": ("f", 8), "complex128": ("d", 16)}[form]
    if len(data) != size * 2**qubits:
        raise DriverError(f"{name!r} holds {len(data) / size:g} amplitudes; {qubits} qubits have {2**qubits}.")
    parts = struct.unpack(f"<{2 * 2**qubits}{letter}", data)
    values = [complex(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    if dialect["reversed"]:
        values = [values[int(format(index, f"0{qubits}b")[::-1], 2)] for index in range(2**qubits)]
    return values


def _left(folder: Path, name: str) -> bytes:
    """A file that the backend left; one that leads elsewhere, or that could not be read to an end, is none."""
    path = Path(folder, name)
    try:
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path.read_bytes()
    except OSError:
        pass
    raise DriverError(f"The backend left no readable file {name!r}.")


def _inside_npy(name: str, data: bytes) -> tuple[str, bytes]:
    """(format, amplitudes) of a file in NumPy's format, versions 1 to 3 (numpy.lib.format)."""
    wide = data[6:7] != b"\x01"
    begin = 12 if wide else 10
    length = int.from_bytes(data[8:begin], "little")
    kind = re.search(rb"'descr': *'<c(8|16)'", data[begin : begin + length])
    if not data.startswith(b"\x93NUMPY") or not kind:
        raise DriverError(f"{name!r} is no file of complex numbers in NumPy's format.")
    return ("complex64" if kind[1] == b"8" else "complex128"), data[begin + length :]

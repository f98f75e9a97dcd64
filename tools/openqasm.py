"""Reads the plain part of OpenQASM 2 and 3 without Qiskit, which takes longer to load than a small circuit to run.

Plain is what registers, gates of the backend with constant angles, barriers and measurements at the end can say.
Anything else, right or wrong, is left to Qiskit's reader: this one never refuses and never guesses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tools.driver import Operation


class Plain(NamedTuple):
    """A circuit of gates, and measurements at the end."""

    qubits: int
    operations: Sequence[Operation]
    measured: Sequence[tuple[int, int]]
    """(qubit, classical bit), by classical bit; empty where the circuit measures nothing."""
    width: int
    """Number of classical bits."""


Shapes = Mapping[str, tuple[int, int]]
"""(qubits, angles) of the gates that are known, by Qiskit's name."""

_NAME = r"([a-z]\w*)"
_WHOLE = r"0|[1-9]\d*"
_BIT = rf"{_NAME}(?:\s*\[\s*({_WHOLE})\s*\])?"
_NUMBER = rf"((?:(?:{_WHOLE})(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
_HEAD = re.compile(r'\s*OPENQASM\s+(?:2\.0\s*;\s*include\s*"qelib1|(3)(?:\.0)?\s*;\s*include\s*"stdgates)\.inc"\s*;')
_DECLARED = {
    False: re.compile(rf"(qreg|creg)\s+{_NAME}\s*\[\s*({_WHOLE})\s*\]", re.ASCII),
    True: re.compile(rf"(qubit|bit)\s*\[\s*(?P<size>{_WHOLE})\s*\]\s*{_NAME}", re.ASCII),
}
_MEASURED = {
    False: re.compile(rf"measure\s+{_BIT}\s*->\s*{_BIT}", re.ASCII),
    True: re.compile(rf"{_BIT}\s*=\s*measure\s+{_BIT}", re.ASCII),
}
_MORE = rf"(?:\s*,\s*{_BIT})?"
_APPLIED = re.compile(rf"{_NAME}(?:\s*\(([^()]*)\)\s*|\s+){_BIT}{_MORE}{_MORE}", re.ASCII)
_BARRIER = re.compile(rf"barrier\s+({_BIT}(?:\s*,\s*{_BIT})*)", re.ASCII)
_OPERAND = re.compile(rf"\s*{_BIT}\s*", re.ASCII)
_ANGLE = re.compile(rf"\s*(-?)\s*(?:(?:{_NUMBER}\s*\*\s*)?pi(?:\s*/\s*{_NUMBER})?|{_NUMBER})\s*", re.ASCII)
"""A number, or a multiple or fraction of pi; a fraction of integers is none, which OpenQASM 3 rounds down."""
_RESERVED = re.compile(
    "angle|barrier|bit|bool|box|cal|const|creg|ctrl|def|duration|else|euler|float|for|gate|gphase|if|in|include|input|"
    "int|inv|let|measure|negctrl|opaque|output|pi|pow|qreg|qubit|reset|return|stretch|tau|uint|while"
)


class _Reader:
    def __init__(self, shapes: Shapes, three: bool) -> None:
        self.shapes, self.three = shapes, three
        self.sizes = {"q": 0, "c": 0}
        self.registers: dict[str, tuple[str, int, int]] = {}
        self.operations: list[Operation] = []
        self.measured: dict[int, int] = {}
        self.ended: set[int] = set()

    def bits(self, kind: str, name: str, index: str | None) -> list[int] | None:
        """The bits that an operand names; None if there are none of this kind."""
        found, begin, size = self.registers.get(name, ("", 0, 0))
        if found != kind:
            return None
        if index is None:
            return list(range(begin, begin + size))
        return [begin + int(index)] if int(index) < size else None

    def takes(self, statement: str) -> bool:
        """Read a statement; False if it is not plain."""
        applied = _APPLIED.fullmatch(statement)
        if applied and applied[1] in self.shapes:
            name, angles, *named = applied.groups()
            return self.gate(name, angles, [(named[k], named[k + 1]) for k in (0, 2, 4) if named[k] is not None])
        if declared := _DECLARED[self.three].fullmatch(statement):
            kind, name, size = (declared[1], declared[3], declared[2]) if self.three else declared.groups()
            return self.declare("q" if kind.startswith("q") else "c", name, int(size))
        if measured := _MEASURED[self.three].fullmatch(statement):
            one, other = (measured[1], measured[2]), (measured[3], measured[4])
            return self.measure(other, one) if self.three else self.measure(one, other)
        if barrier := _BARRIER.fullmatch(statement):
            operands = [_OPERAND.fullmatch(text) for text in barrier[1].split(",")]
            return all(operand and self.bits("q", operand[1], operand[2]) for operand in operands)
        return False

    def declare(self, kind: str, name: str, size: int) -> bool:
        if name in self.registers or name in self.shapes or _RESERVED.fullmatch(name) or size < 1:
            return False
        self.registers[name] = (kind, self.sizes[kind], size)
        self.sizes[kind] += size
        return True

    def gate(self, name: str, angles: str | None, named: list[tuple[str, str | None]]) -> bool:
        width, count = self.shapes[name]
        values = [_angle(text) for text in angles.split(",")] if angles else []
        known = tuple(value for value in values if value is not None)
        if len(known) != count or len(values) != count or len(named) != width or (angles is not None and not count):
            return False
        every = [self.bits("q", *operand) or [-1] for operand in named]
        if width == 1:
            self.operations += [(name, (qubit,), known) for qubit in every[0]]
            return every[0] != [-1] and not self.ended.intersection(every[0])
        qubits = tuple(bits[0] for bits in every)
        if any(index is None for _, index in named) or len(set(qubits)) < width or -1 in qubits:
            return False
        self.operations.append((name, qubits, known))
        return not self.ended.intersection(qubits)

    def measure(self, qubit: tuple[str, str | None], bit: tuple[str, str | None]) -> bool:
        qubits, bits = self.bits("q", *qubit), self.bits("c", *bit)
        if qubits is None or bits is None or len(qubits) != len(bits) or (qubit[1] is None) != (bit[1] is None):
            return False
        if self.ended.intersection(qubits):
            return False
        self.ended.update(qubits)
        self.measured.update(zip(bits, qubits, strict=True))
        return True


def _angle(text: str) -> float | None:
    """The value in radians; None where it is not plain."""
    match = _ANGLE.fullmatch(text)
    if match is None:
        return None
    sign, times, over, number = match.groups()
    value = float(number) if number else (float(times) if times else 1.0) * math.pi
    if over:
        if float(over) == 0:
            return None
        value /= float(over)
    return (-value if sign else value) if math.isfinite(value) else None


def plain(text: str, shapes: Shapes, most: int) -> Plain | None:
    """A circuit from OpenQASM text; None where it is not plain.

    Args:
        text: the program.
        shapes: of the gates that may occur.
        most: qubits; with more of them, the operations are not read.
    """
    code = re.sub(r"//[^\n]*", "", text)
    head = _HEAD.match(code)
    if head is None or "/*" in code:
        return None
    *statements, rest = code[head.end() :].split(";")
    if rest.strip():
        return None
    reader = _Reader(shapes, head[1] is not None)
    for statement in statements:
        if not reader.takes(statement.strip()):
            return None
        if reader.sizes["q"] > most:
            return Plain(reader.sizes["q"], (), (), reader.sizes["c"])
    measured = [(qubit, bit) for bit, qubit in sorted(reader.measured.items())]
    return Plain(reader.sizes["q"], reader.operations, measured, reader.sizes["c"])

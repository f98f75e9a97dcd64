"""Reads the plain part of OpenQASM 2 and 3 without Qiskit, which takes longer to load than a small circuit to run.

Plain is what registers, gates of the backend with constant angles, barriers and measurements at the end can say.
Anything else, right or wrong, is left to Qiskit's reader: this one never refuses and never guesses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
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


_Operand = tuple[str, str | None]
"""(register, index as it is written; None for the whole register)."""
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
        self._named: dict[_Operand, int] = {}

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
        applied = _applied(statement)
        if applied and applied[0] in self.shapes:
            return self.gate(*applied)
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

    def gate(self, name: str, angles: tuple[float, ...] | None, named: tuple[_Operand, ...]) -> bool:
        if (len(named), len(angles or ())) != self.shapes[name] or angles == ():
            return False
        if len(named) == 1 and named[0][1] is None:
            every = self.bits("q", named[0][0], None) or []
            self.operations += [(name, (qubit,), angles or ()) for qubit in every]
            return bool(every) and not self.ended.intersection(every)
        qubits = tuple([self.qubit(operand) for operand in named])
        if -1 in qubits or len(set(qubits)) < len(qubits):
            return False
        self.operations.append((name, qubits, angles or ()))
        return self.ended.isdisjoint(qubits)

    def qubit(self, operand: _Operand) -> int:
        """The qubit that an operand with an index names; -1 if there is none."""
        found = self._named.get(operand)
        if found is None:
            bits = self.bits("q", *operand) if operand[1] is not None else None
            found = bits[0] if bits else -1
            if bits:  # a register that comes later may have the others
                self._named[operand] = found
        return found

    def measure(self, qubit: _Operand, bit: _Operand) -> bool:
        qubits, bits = self.bits("q", *qubit), self.bits("c", *bit)
        if qubits is None or bits is None or len(qubits) != len(bits) or (qubit[1] is None) != (bit[1] is None):
            return False
        if self.ended.intersection(qubits):
            return False
        self.ended.update(qubits)
        self.measured.update(zip(bits, qubits, strict=True))
        return True


@lru_cache(maxsize=4096)
def _applied(statement: str) -> tuple[str, tuple[float, ...] | None, tuple[_Operand, ...]] | None:
    """(gate, angles or None where there are no brackets, operands) of a plain statement that applies one."""
    match = _APPLIED.fullmatch(statement)
    if match is None:
        return None
    name, angles, *named = match.groups()
    operands = tuple([operand for operand in zip(named[::2], named[1::2], strict=True) if operand[0]])
    values = [_angle(text) for text in angles.split(",")] if angles else []
    known = tuple([value for value in values if value is not None])
    return (name, None if angles is None else known, operands) if len(known) == len(values) else None


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

"""Turns concrete lines that a model wrote into templates, by the unusual numbers it was asked to use.

A small model cannot write a template, but it can copy an example with other numbers in it. So it is asked for one
known circuit, and code finds where its numbers went.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

QUBITS, FIRST, SECOND, THIRD = 5, 3, 4, 1
ANGLE, SHOTS, SEED = "0.7125", 4321, 97
"""The numbers in the circuit that a model is asked to write; chosen to be told apart wherever they stand."""

_OPERANDS = {FIRST: "⟨a⟩", SECOND: "⟨b⟩", THIRD: "⟨c⟩"}


class DialectError(ValueError):
    """The lines do not say the circuit that was asked for; the message is a sentence for the model."""


def _replace(text: str, number: int | str, slot: str) -> str:
    whole = rf"(?<![\w.]){re.escape(str(number))}(?![\w.])"
    if re.search(whole, text):
        return re.sub(whole, slot, text)
    # A qubit may be written q3: a number that ends a word.
    return re.sub(rf"(?<=[A-Za-z_]){re.escape(str(number))}(?![\w.])", slot, text)


def _holds(text: str, number: int) -> bool:
    return _replace(text, number, "⟨⟩") != text


def gate_template(line: str, qubits: int, angles: int) -> str:
    """The template of one gate line written for qubits 3, 4, 1 in that order and the angle 0.7125.

    Raises:
        DialectError: if an operand or the angle is missing from the line.
    """
    template = line.strip()
    if "\n" in template or not template:
        raise DialectError("Give exactly one line.")
    if angles:
        if ANGLE not in template:
            raise DialectError(f"The angle {ANGLE} is missing.")
        template = template.replace(ANGLE, "⟨t⟩")
    for number in (FIRST, SECOND, THIRD)[:qubits]:
        filled = _replace(template, number, _OPERANDS[number])
        if filled == template:
            raise DialectError(f"The qubit {number} is missing.")
        template = filled
    if angles == 0 and re.search(r"(?<![\w.])\d+\.\d+", template):
        raise DialectError("This gate has no angle.")
    return template


def sequenced(line: str) -> str:
    """Replace ``0 1 2 3 4`` by ⟨all:SEP⟩, whatever stands between the numbers."""
    pattern = r"(?<!\d)0(?P<between>\D{1,4})" + r"(?P=between)".join(map(str, range(1, QUBITS))) + r"(?!\d)"
    return re.sub(pattern, lambda match: f"⟨all:{match['between']}⟩", line)


def _general(line: str) -> str:
    line = sequenced(line)
    line = _replace(_replace(line, SHOTS, "⟨shots⟩"), SEED, "⟨seed⟩")
    return _replace(_replace(line, QUBITS, "⟨n⟩"), QUBITS - 1, "⟨last⟩")


def frame_lines(lines: Sequence[str]) -> list[Any]:
    """Templates of the lines around the gates; a run of lines that differ only in the qubit becomes one ``each``."""
    templates: list[Any] = []
    position = 0
    while position < len(lines):
        run = lines[position : position + QUBITS]
        shapes = {_replace(line, qubit, "⟨q⟩") for qubit, line in enumerate(run)}
        if len(run) == QUBITS and len(shapes) == 1 and "⟨q⟩" in (shape := shapes.pop()):
            templates.append({"each": shape})
            position += QUBITS
        else:
            templates.append(_general(lines[position]))
            position += 1
    return templates


def split_program(lines: Sequence[str]) -> tuple[list[Any], dict[str, str], list[Any]]:
    """Split a file for "H on 3, CNOT 3 4, measure" into (before, {"h", "cx"} templates, after).

    Raises:
        DialectError: if the two gates do not stand on neighbouring lines of their own.
    """
    kept = [line.rstrip() for line in lines if line.strip()]
    for index in range(len(kept) - 1):
        one, two = kept[index], kept[index + 1]
        if _holds(one, FIRST) and not _holds(one, SECOND) and _holds(two, FIRST) and _holds(two, SECOND):
            before, after = kept[:index], kept[index + 2 :]
            if not any(_holds(line, QUBITS) for line in (*before, *after)):
                break
            gates = {"h": gate_template(one, 1, 0), "cx": gate_template(two, 2, 0)}
            return frame_lines(before), gates, frame_lines(after)
    raise DialectError(
        f"Say that there are {QUBITS} qubits, then give the Hadamard gate on qubit {FIRST} a line of its own, and "
        f"the controlled NOT from {FIRST} to {SECOND} the next line."
    )


def command_template(command: str, circuit: str) -> str:
    """The template of a command that runs the file ``circuit`` with the known shots and seed.

    Raises:
        DialectError: if the command does not name the file.
    """
    if circuit not in command:
        raise DialectError(f"The command must name the file {circuit}.")
    command = command.replace(circuit, "⟨circuit⟩")
    return _replace(_replace(command, SHOTS, "⟨shots⟩"), SEED, "⟨seed⟩")


_WORD = re.compile(r"(?<![⟨\w])([A-Za-z_]\w*)(?=[^\w⟩]*⟨)")


def gate_word(template: str) -> str | None:
    """What the backend calls the gate of a template: the word before its first slot."""
    word = _WORD.search(template)
    return word[1] if word else None


def renamed(template: str, name: str) -> str | None:
    """The template of another gate of the same shape: the word before the first slot becomes ``name``."""
    word = _WORD.search(template)
    return template[: word.start()] + name + template[word.end() :] if word else None


def completed(template: str, known: Iterable[str]) -> str:
    """The template with the ending that all known lines share, where it stops short of it: a model forgets a ``;``."""
    endings = {line.rpartition("⟩")[2] for line in known}
    own = template.rpartition("⟩")[2]
    ending = endings.pop() if len(endings) == 1 else own
    return template + ending.removeprefix(own) if ending.startswith(own) else template


def reading_pattern(output: str, outcomes: Mapping[str, str]) -> str:
    """A regular expression for where the bit strings and their numbers stand, from those that a model read.

    Args:
        output: what the backend printed.
        outcomes: bit string -> its number, both copied from ``output``.

    Raises:
        DialectError: if an outcome does not stand in the output, or no one pattern fits them all.
    """
    patterns: set[str] = set()
    for bits, number in outcomes.items():
        pair = re.compile(
            rf"(?P<lead>[^\s\w]*)(?<![01]){re.escape(bits)}(?![01])(?P<middle>[^\n]*?)(?<![\w.+-]){re.escape(number)}(?![\w.])"
        )
        match = pair.search(output)
        if not match:
            raise DialectError(f"{bits} followed by {number} on the same line does not stand in the output.")
        middle = re.sub(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", "\0", match["middle"])
        middle = re.sub(r"\s+", "\1", middle)
        middle = re.escape(middle).replace("\0", r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?").replace("\1", r"\s+")
        lead = re.escape(match["lead"][-1:])
        patterns.add(
            rf"{lead}(?<![01])(?P<bits>[01]+)(?![01]){middle}(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])"
        )
    if len(patterns) != 1:
        raise DialectError("The outcomes do not all stand in the same form.")
    return patterns.pop()


def amplitudes_pattern(pattern: str) -> str:
    """A pattern for counts widened to amplitudes: a real part with its sign, then the imaginary part."""
    signed = pattern.replace("(?P<number>", "(?P<number>[-+]?")
    return signed + r"[\s,;]*(?P<imaginary>[-+]?\s*\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*[ij]?(?![\w.])"

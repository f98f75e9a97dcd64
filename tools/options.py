"""The options of a command line, as its help or its documents show them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

FLAG = r"(?<![\w./-])(--?[A-Za-z][\w-]*)"
"""An option's name, one that stands inside a word or a path being none."""


class Option(NamedTuple):
    """One option."""

    name: str
    """The longest of its spellings, such as ``--shots``."""
    value: bool
    """Whether it takes a value."""
    joined: bool
    """Whether the value is written ``--name=value``."""
    text: str
    """The line that shows it, with what follows indented below."""


def options_in(text: str) -> list[Option]:
    """The options that a help text or a table shows, in order, each once.

    Lines that begin with an option describe it; where there is none, every option named anywhere counts.
    """
    found: dict[str, Option] = {}
    lines = [line.rstrip() for line in text.splitlines()]
    opening = re.compile(rf"^\s*[|`*]*\s*{FLAG}")
    for number, line in enumerate(lines):
        if opening.match(line):
            option = _option(line, _continued(lines, number))
            found.setdefault(option.name, option)
    if not found:
        for line in lines:
            for flag in re.findall(FLAG, line):
                found.setdefault(flag, Option(flag, _takes_value(flag, line), f"{flag}=" in line, line.strip()))
    return list(found.values())


def asked_program(command: str, target: str) -> str:
    """The words of a command that name the program to ask for its help, from the template that runs a circuit.

    The words up to the program's name are kept, and those after it that are no options (a subcommand).

    Args:
        command: a dialect's command.
        target: the program, whose last path component stands in the command.
    """
    words = command.split("⟨circuit⟩")[0].split()
    program = shlex.split(target)[0].rsplit("/", 1)[-1] if target.strip() else ""
    at = next((i for i, word in enumerate(words) if word.strip("'\"").rsplit("/", 1)[-1] == program), 0)
    end = at + 1
    while end < len(words) and not words[end].startswith("-") and "⟨" not in words[end]:
        end += 1
    return " ".join(words[:end])


def fragment(option: Option) -> str:
    """What the option adds to a command, with the slot ⟨value⟩ where it takes a value."""
    if not option.value:
        return option.name
    return f"{option.name}{'=' if option.joined else ' '}⟨value⟩"


def stands_in_help(name: str, text: str) -> bool:
    """Whether the option stands in the text as a word of its own."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _continued(lines: Sequence[str], number: int) -> str:
    """The line with those below it that are indented deeper and show no option."""
    indent = len(lines[number]) - len(lines[number].lstrip())
    kept = [lines[number].strip()]
    for line in lines[number + 1 : number + 4]:
        if not line.strip() or line.lstrip().startswith("-") or len(line) - len(line.lstrip()) <= indent:
            break
        kept.append(line.strip())
    return re.sub(r"\s+", " ", " ".join(kept))[:240]


def _option(line: str, text: str) -> Option:
    shown = re.split(r"\s{2,}|\t| \| |`\s*\|", line.strip().lstrip("|`* "))[0]
    name = max(re.findall(FLAG, shown) or re.findall(FLAG, line)[:1], key=len)
    return Option(name, _takes_value(name, shown), re.search(rf"{re.escape(name)}\[?=", shown) is not None, text)


def _takes_value(name: str, shown: str) -> bool:
    """Whether a placeholder follows the name: ``N``, ``<n>``, ``=N``, ``[n]``, ``{a,b}``."""
    after = shown.partition(name)[2]
    return re.match(r"(?:\[?=|\s*[<\[{(]|\s+[A-Za-z][\w|.-]*$|\s+[A-Z][A-Z0-9_]*\b|\s+[a-z]\b)", after) is not None

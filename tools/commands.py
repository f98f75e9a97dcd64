"""Command lines as text: which programs they start, and one of them as a template for others."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import TypedDict

from tools.shell_line import parsed

CHANGES = re.compile(r"(?<![\"\\])[*?~]")
"""What the shell replaces by names of files, where it is not quoted (POSIX, XCU 2.13 and 2.6.1)."""
SLOT = "⟨test⟩"


class Template(TypedDict):
    """A command with a slot for the name of a test."""

    command: str
    """With the slot in the place of the word that holds the name."""
    before: str
    """What stands before the name in its word."""
    after: str


def template_of(command: str, name: str) -> Template | None:
    """A template of a command that names a test; None where it stands in no word of its own.

    A word in which the shell replaces something is none: the slot's word is quoted whole.
    """
    line = parsed(command)
    whole = command.encode(errors="surrogateescape") if line else b""
    # The name alone goes before one in a path or a pattern; of those, what comes later is the argument.
    for word in sorted(line.words if line else (), key=lambda word: (word.text != name, -word.span[0])):
        start, end = word.span
        parts = (whole[:start], whole[start:end], whole[end:])
        ahead, written, behind = (part.decode(errors="surrogateescape") for part in parts)
        before, found, after = word.text.partition(name)
        if found and word.known and ("'" in written or not CHANGES.search(written.replace(name, ""))):
            return Template(command=f"{ahead}{SLOT}{behind}", before=before, after=after)
    # A name of several words that nothing quotes stands in the line as it is.
    before, found, after = command.partition(f" {name}")
    if found and " " in name and (not after or after[0].isspace()):
        return Template(command=f"{before} {SLOT}{after}", before="", after="")
    return None


def filled(template: Template, name: str) -> str:
    """The command that runs the named test."""
    return template["command"].replace(SLOT, shlex.quote(f"{template['before']}{name}{template['after']}"))


def programs(line: str) -> list[str]:
    """What each simple command of a line starts, as far as it is known; nothing where the line cannot be parsed."""
    found = parsed(line)
    return [word.text for word in found.programs if word.known] if found else []


def absent_program(line: str, folder: Path, path: str) -> str | None:
    """The first program of a line that the shell would not find; a relative path counts from the folder."""
    for word in programs(line):
        known = subprocess.run(
            ["/bin/sh", "-c", 'command -v "$1"', "sh", word],
            cwd=folder,
            env={"PATH": path},
            capture_output=True,
            check=False,
        )
        if known.returncode and not (folder / word).is_file():
            return word
    return None

"""Command lines as text: which programs they start, and one of them as a template for others."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import TypedDict

WORD = re.compile(r"(?:'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|[^\s'\"\\;&|<>()])+")
"""A word of a shell's line."""
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
    words = [match for match in WORD.finditer(command) if len(_unquoted(match[0])) == 1]
    # The name alone goes before one in a path or a pattern; of those, what comes later is the argument.
    for match in sorted(words, key=lambda match: (_unquoted(match[0]) != [name], -match.start())):
        (word,) = _unquoted(match[0])
        before, found, after = word.partition(name)
        replaced = "'" not in match[0] and re.search(r"\$[\w{(]|`|(?<![\"\\])[*?~]", match[0].replace(name, ""))
        if found and not replaced:
            return Template(
                command=f"{command[: match.start()]}{SLOT}{command[match.end() :]}", before=before, after=after
            )
    # A name of several words that nothing quotes stands in the line as it is.
    before, found, after = command.partition(f" {name}")
    if found and " " in name and (not after or after[0].isspace()):
        return Template(command=f"{before} {SLOT}{after}", before="", after="")
    return None


def _unquoted(word: str) -> list[str]:
    try:
        return shlex.split(word)
    except ValueError:
        return []


def filled(template: Template, name: str) -> str:
    """The command that runs the named test."""
    return template["command"].replace(SLOT, shlex.quote(f"{template['before']}{name}{template['after']}"))


def programs(line: str) -> list[str]:
    """What each simple command of a line starts; nothing where the line cannot be parsed."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found, expected = [], True
    try:
        for token in lexer:
            if re.fullmatch(r"[;&|(]+", token):
                expected = True
            elif expected and not re.match(r"[A-Za-z_]\w*=", token):
                found.append(token)
                expected = False
    except ValueError:
        return []
    return found


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

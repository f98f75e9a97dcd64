"""Works out the dialect of a backend that is a library: a whole program in its language, written by the model."""

from __future__ import annotations

import shlex
from typing import Any

from nodes.session import Session
from nodes.verify.answers import SourceProgram
from nodes.verify.interface import usage
from nodes.verify.speech.by_file import FORMAT_WORDS
from tools.dialect import DialectError, command_template, split_program
from tools.documents import shell_accepts, telling
from tools.filesystem import listing

NAME = "circuit"
TREE = "$TREE"
"""Stands for the project's folder in the model's command."""
READING = r"^(?P<bits>[01]+) (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$"


def learn(session: Session, library: str, attempt: int, wrong: str, hint: str | None) -> list[dict[str, Any]]:
    """Ask for a program and the command that builds and runs it; what its compiler says goes into the next try.

    Raises:
        DialectError: if the program's lines cannot be told apart.
        Rejected: if no answer was accepted.
    """

    def fits(answer: SourceProgram) -> str | None:
        if not shell_accepts(answer.command):
            return "The shell cannot parse this command."
        try:
            split_program(answer.lines)
            command_template(answer.command, NAME + answer.suffix)
        except DialectError as error:
            return str(error)
        return None

    answer = session.ask(
        "source_program",
        SourceProgram,
        oracles=[fits],
        documentation=telling(usage(session, 100_000), (*FORMAT_WORDS, "include", "link", "shots", "seed"), 4000),
        files=", ".join(entry.path for entry in listing(session.tree, depth=4, limit=120)),
        library=library,
        wrong=wrong,
        hint=hint,
    )
    before, gates, after = split_program(answer.lines)
    command = command_template(answer.command, NAME + answer.suffix)
    return [
        {
            "kind": "file",
            "suffix": answer.suffix,
            "before": before,
            "gates": gates,
            "after": after,
            "command": command.replace(TREE, shlex.quote(str(session.tree))),
            "reversed": False,
            "reading": READING,
        }
    ]

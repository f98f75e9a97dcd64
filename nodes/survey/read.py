"""Reads the source: what it is, and the commands and examples that it states itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from graph.state import State
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.survey.answers import Command, CommandKind, Proposal, description_of
from tools.documents import (
    Block,
    blocks,
    command_lines,
    documents,
    is_program_text,
    names_one_of,
    shell_accepts,
)
from tools.filesystem import listing, read_text

MOST_BLOCKS = 40
MOST_COMMANDS = 48
MOST_LINES = 12
MOST_FILES = 40
LONGEST_COMMAND = 240
COMMAND = re.compile(r"[A-Za-z./~$][\w./~$+=-]*(?:\s|$)")
"""A line whose first word could be a program's name, a path or a variable."""


@step("survey")
def read(session: Session, state: State) -> str:
    """Sort what the project's documents state; where they state no way to build, let the model propose one."""
    survey = session.recipe.get("survey")
    if survey is None:
        survey = _survey(session, state)
        session.recipe.put("survey", survey, "every command stands in a document or was proposed from the files")
    stated = sum(len(lines) for lines in survey["commands"].values())
    return f"{stated} commands known, {len(survey['blocks'])} code blocks; the model's summary: “{survey['summary']}”"


def _survey(session: Session, state: State) -> dict[str, Any]:
    entries = [entry.path for entry in listing(session.tree, depth=3, limit=400)]
    if not entries:
        raise StepFailed("The source holds no files.")
    told = documents(session.tree)
    readme = read_text(told[0], 2400) if told else ""
    shown = _top(entries)
    near = [name for name in entries if not name.endswith("/") and name.count("/") < 2]
    tops = (near or entries)[:MOST_FILES]
    description = session.ask("describe", description_of(tops), readme=readme, files=", ".join(tops))
    found = [block for path in told for block in blocks(path, session.tree)][:MOST_BLOCKS]
    commands = _commands(session, found)
    unstated = [purpose for purpose in ("build", "test") if not commands[purpose]]
    for purpose in unstated:
        commands[purpose] = _proposed(session, purpose, shown, state.get("hint"))
    return {
        "summary": description.summary,
        "key_files": list(dict.fromkeys(description.key_files)),
        "documents": [str(path.relative_to(session.tree)) for path in told],
        "blocks": [block._asdict() for block in found],
        "commands": commands,
        "proposed": unstated,
    }


def _proposed(session: Session, purpose: str, files: str, hint: str | None) -> list[str]:
    """Commands for a purpose that no document states; each is sorted as a stated one would be."""
    proposal = session.ask("propose_command", Proposal, files=files, purpose=purpose, tried="", hint=hint)
    kinds = {"build": ("configure", "build"), "test": ("test",)}[purpose]
    sorted_as = {
        line: session.ask("sort_command", Command, name=session.run.name, line=line, heading="").kind
        for line in dict.fromkeys(proposal.commands)
    }
    kept = [line for line, kind in sorted_as.items() if kind in kinds]
    if not kept and purpose == "build":
        # A script that builds is run, and is sorted so by its look alone; what it makes will be inspected.
        kept = [line for line, kind in sorted_as.items() if kind == "run"]
    session.run.record("survey.read", f"no document states how to {purpose}: proposed {proposal.commands}, kept {kept}")
    return kept


def _commands(session: Session, found: list[Block]) -> dict[str, list[str]]:
    """Every line of the documents' code blocks that begins like a command, sorted by what it is for."""
    lines: dict[str, str] = {}
    for block in found:
        if is_program_text(block.text):
            continue
        for line in command_lines(block.text)[:MOST_LINES]:
            if COMMAND.match(line) and len(line) <= LONGEST_COMMAND and shell_accepts(line):
                lines.setdefault(line, block.heading)
    commands: dict[str, list[str]] = {kind: [] for kind in get_args(CommandKind)}
    called = {session.run.name, Path(session.run.source.rstrip("/")).name}
    for line, heading in list(lines.items())[:MOST_COMMANDS]:
        kind = session.ask("sort_command", Command, name=session.run.name, line=line, heading=heading).kind
        # A published copy in the place of what is built here would be verified for it.
        commands["release" if kind == "dependency" and names_one_of(line, called) else kind].append(line)
    return commands


def _top(entries: list[str]) -> str:
    """The names at the top of the tree; a folder with one of the files in it."""
    shown: dict[str, str] = {}
    for entry in entries:
        shown.setdefault(entry.split("/")[0], entry)
    return ", ".join(list(shown.values())[:40])

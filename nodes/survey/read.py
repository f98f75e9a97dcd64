"""Reads the source: what it is, and the commands and examples that it states itself."""

from __future__ import annotations

from typing import Any

from graph.state import State
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.survey.answers import Block, Command, Description, Proposal
from tools.documents import Block as Found
from tools.documents import blocks, command_lines, documents
from tools.filesystem import listing, read_text

MOST_BLOCKS = 40
MOST_COMMANDS = 40


@step("survey")
def read(session: Session, state: State) -> str:
    """Sort what the project's documents state; where they state no way to build, let the model propose one."""
    survey = session.recipe.get("survey")
    if survey is None:
        survey = _survey(session, state)
        session.recipe.put("survey", survey, "every command stands in a document or was proposed from the files")
    stated = sum(len(lines) for lines in survey["commands"].values())
    return f"{survey['summary']} ({stated} commands known, {len(survey['blocks'])} code blocks)"


def _survey(session: Session, state: State) -> dict[str, Any]:
    entries = [entry.path for entry in listing(session.tree, depth=3, limit=400)]
    if not entries:
        raise StepFailed("The source holds no files.")
    told = documents(session.tree)
    readme = read_text(told[0], 2400) if told else ""
    shown = ", ".join(entries[:60])
    description = session.ask("describe", Description, readme=readme, files=shown)
    found = [block for path in told for block in blocks(path, session.tree)][:MOST_BLOCKS]
    sorted_blocks = [_sorted(session, block) for block in found]
    commands = _commands(session, sorted_blocks)
    for purpose in ("build", "test"):
        if not commands[purpose]:
            proposal = session.ask(
                "propose_command",
                Proposal,
                files=shown,
                purpose=purpose,
                tried="",
                hint=state.get("hint"),
            )
            commands[purpose] = proposal.commands
            session.run.record("survey.read", f"no document states how to {purpose}: proposed {proposal.commands}")
    return {
        "summary": description.summary,
        "documents": [str(path.relative_to(session.tree)) for path in told],
        "blocks": sorted_blocks,
        "commands": commands,
    }


def _sorted(session: Session, block: Found) -> dict[str, Any]:
    answer = session.ask("block_kind", Block, heading=block.heading, block=block.text[:700])
    return {"kind": answer.kind, **block._asdict()}


def _commands(session: Session, found: list[dict[str, Any]]) -> dict[str, list[str]]:
    lines = [
        (line, block["heading"]) for block in found if block["kind"] == "commands" for line in command_lines(block["text"])
    ]
    commands: dict[str, list[str]] = {
        kind: [] for kind in ("release", "dependency", "source", "configure", "build", "test", "run", "other")
    }
    for line, heading in list(dict(reversed(lines)).items())[::-1][:MOST_COMMANDS]:
        answer = session.ask("sort_command", Command, name=session.run.name, line=line, heading=heading)
        commands[answer.kind].append(line)
    return commands

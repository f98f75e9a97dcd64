"""The build plan: the commands in order, and what an earlier build left."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nodes.session import Session
from tools.filesystem import files

Plan = dict[str, Any]
"""``configure`` and ``build`` (command lines in order), ``strategy`` (None once it was used)."""


def load_plan(session: Session) -> Plan:
    """The plan as it stands; at first the survey's own configure and build commands, in the documents' order."""
    plan: Plan | None = session.recipe.get("build")
    if plan is None:
        commands = session.recipe.get("survey")["commands"]
        plan = {
            "configure": commands["configure"],
            "build": commands["build"],
            "strategy": None,
        }
    return plan


def save_plan(session: Session, plan: Plan, verified_by: str = "not yet built") -> None:
    """Keep the plan; only a build that its oracles accepted makes it verified."""
    session.recipe.put("build", plan, verified_by)


def is_verified(session: Session) -> bool:
    """Whether the plan is one that once led to a verified build."""
    piece = session.recipe.pieces.get("build")
    return piece is not None and piece.verified_by != "not yet built"


def made_by_build(session: Session) -> list[Path]:
    """Files in the tree that are not of the source: what builds and tests made."""
    source = session.shell.workspace / "source"
    return [path for path in files(session.tree) if not (source / path.relative_to(session.tree)).exists()]


def remove_made(session: Session, made: list[Path]) -> int:
    """Remove what the run made, and folders that are empty then. Nothing of the source is touched."""
    for path in made:
        if not os.access(path.parent, os.W_OK):
            path.parent.chmod(path.parent.stat().st_mode | 0o700)
        path.unlink(missing_ok=True)
    for folder in sorted({path.parent for path in made}, key=lambda path: len(path.parts), reverse=True):
        while folder != session.tree and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
    return len(made)

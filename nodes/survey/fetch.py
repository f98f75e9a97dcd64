"""Puts the run's own copy of the source into the workspace."""

from __future__ import annotations

import shutil
from contextlib import suppress

from graph.state import State
from nodes.build.source import refresh
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.survey.permit import ensure_allowed
from tools.filesystem import OutsideWorkspace, files, inside
from tools.source import SourceError, fetch_source


@step("survey")
def fetch(session: Session, state: State) -> str:
    """Copy the source; what an earlier run built in the copy stays, where the sources are the same."""
    ensure_allowed(session, state["source"])
    known = session.recipe.source_sha256
    staging = session.shell.workspace / "source"
    before = {path.relative_to(staging) for path in files(staging)}
    shutil.rmtree(staging, ignore_errors=True)
    try:
        origin = fetch_source(
            state["source"],
            staging,
            clone=lambda argv: session.command(argv, name="clone", cwd=session.shell.workspace, network=True),
        )
    except SourceError as error:
        raise StepFailed(str(error)) from error
    if known and known != origin.sha256:
        session.say("The source has changed since it was last brought up.", step="survey.fetch")
        session.recipe.forget("survey")
    session.recipe.source_sha256 = origin.sha256
    session.recipe.save()
    now = {path.relative_to(staging) for path in files(staging)}
    refresh(session, now)
    for gone in before - now:
        with suppress(OutsideWorkspace):  # a build may have put a link in the place of its folder
            (inside(session.tree, gone.parent) / gone.name).unlink(missing_ok=True)
    for note in origin.notes:
        session.say(f"  {note}", step="survey.fetch")
    return f"{len(now)} files copied from a {origin.kind} ({origin.sha256[:12]})"

"""Puts the run's own copy of the source into the workspace."""

from __future__ import annotations

import shutil
from contextlib import suppress

from graph.state import State
from nodes.build.source import refresh
from nodes.grants import hosts_to_ask
from nodes.recovery.facts import beside_http
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.survey.permit import ensure_allowed
from tools.filesystem import OutsideWorkspace, files, inside
from tools.finished import Finished
from tools.sandbox import held_to_hosts
from tools.source import SourceError, fetch_source, unreachable


@step("survey")
def fetch(session: Session, state: State) -> str:
    """Copy the source; what an earlier run built in the copy stays, where the sources are the same."""
    ensure_allowed(session, state["source"])
    known = session.recipe.source_sha256
    staging = session.shell.workspace / "source"
    before = {path.relative_to(staging) for path in files(staging)}
    shutil.rmtree(staging, ignore_errors=True)
    cloned: Finished | None = None

    def clone(argv: list[str]) -> Finished:
        nonlocal cloned
        cloned = session.command(argv, name="clone", cwd=session.shell.workspace, network=True)
        return cloned

    try:
        if held_to_hosts() and (why := unreachable(state["source"])):
            raise SourceError(why)
        origin = fetch_source(state["source"], staging, clone)
    except SourceError as error:
        # Recovery is for what the person can be asked about; what else can be wrong with an address is theirs to mend.
        asks = cloned is not None and hosts_to_ask(session, str(cloned.log))
        if asks:
            raise StepFailed(str(error), cloned) from error
        raise StepFailed(f"{error} {beside_http(cloned.log) if cloned else ''}".strip()) from error
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

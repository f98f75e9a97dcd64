"""Says at the start of a run what its commands can do to the machine."""

from __future__ import annotations

from nodes.session import Session
from tools.guards import guards
from tools.sandbox import protection


def tell_guards(session: Session, step: str) -> None:
    """Say it, but not where it was said in this run and is still so."""
    told = guards(session.settings.limits)
    if [line["guards"] for line in session.run.journal() if line.get("guards")][-1:] == [told]:
        return
    session.say(f"Protection: {told['sandbox']}.", step=step, protection=protection().name, guards=told)
    session.say(f"  system calls: {told['calls']}; a command may take {told['limits']}", step=step)

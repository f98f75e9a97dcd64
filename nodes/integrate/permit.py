"""Asks the person before what they wrote in their ProximA is changed: an entry of that name, a registry's code."""

from __future__ import annotations

from typing import Any

from langgraph.types import interrupt

from graph.state import State
from nodes.session import session_of
from tools.layout import bases_of, layout_of
from tools.permits import needs_person
from tools.proxima import ProximaError, config_file, home_of
from tools.registration import theirs
from tools.sandbox import Permit, protection

YES = ("yes", "y", "yes to all")
ENTRY, CODE = "entry", "code"


def permit(state: State) -> dict[str, Any]:
    """Find out what registering would change of a person's, and wait for their yes or the level set beforehand."""
    session = session_of(state)
    home, name = home_of(state.get("proxima_home")), session.run.name
    wanted: dict[str, str] = {}
    try:
        if where := theirs(home, name):
            known = f"{config_file(home)}: keys that Rigil does not know stay" if where == config_file(home) else where
            wanted[ENTRY] = f"update the entry of {name!r} that is already in {known}"
    except ProximaError:  # registration says what is wrong with the home
        return {}
    candidates = bases_of(home) if home.is_dir() and not (home / "backends.json").exists() else []
    if candidates and (registry := layout_of(home, candidates[0]).registry) and registry.enters and registry.listed:
        wanted[CODE] = f"add the adapter of {name!r} to the code of {registry.path}, behind {registry.listed}"
    granted = session.run.facts.get("proxima_granted", [])
    open_ = {kind: what for kind, what in wanted.items() if kind not in granted}
    if not open_:
        return {}
    allowed = not needs_person(Permit(session.shell.workspace, machine=True), session.settings.approve, protection())
    if not allowed:
        question = f"May Rigil {', and '.join(open_.values())}? A backup is made of each file."
        answer = interrupt({"kind": "permit", "question": question, "answers": ["yes", "no"]})
        allowed = str(answer).strip().lower() in YES
    if allowed:
        session.run.update(proxima_granted=sorted({*granted, *open_}))
    session.say(f"  {'to be done' if allowed else 'not allowed'}: {'; '.join(open_.values())}", step="integrate.permit")
    return {}

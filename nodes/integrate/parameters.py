"""Maps ProximA's parameters to the backend's: what the model pairs, the help must show and a run bear out."""

from __future__ import annotations

import json
import re
from typing import Any

from graph.state import State
from nodes.integrate.mapped import observed, work_out
from nodes.integrate.settable import help_text, settable
from nodes.integrate.speech import dialect_of
from nodes.session import Session
from nodes.step import step
from tools.filesystem import write_atomic
from tools.mapping import problems
from tools.options import FLAG

FILE = "parameters.json"
ELSEWHERE = ("num_qubits", "timeout")
"""Parameters that are not the backend's to take."""


@step("integrate")
def parameters(session: Session, state: State) -> str:
    """Map every standard parameter or name it as unsupported, and observe the effect of each mapped one."""
    dialect = dialect_of(session)
    shown = help_text(session, dialect)
    known = session.recipe.get("parameters")
    if known and (why := _fails(session, known, dialect, shown)):
        session.say(f"  the known mapping no longer holds: {why}", step="integrate.parameters")
        known = None
    if known is None:
        session.recipe.forget("parameters")
        dialect = dialect_of(session)
        known = work_out(session, dialect, shown)
        known["accepts"] = _accepts(f"{shown}\n{dialect['command']}", known.pop("names"))
        session.recipe.put("parameters", known, in_words(known["mapping"]))
    told = {"backend": session.run.name, "parameters": known["mapping"], "accepts": known["accepts"]}
    write_atomic(session.run.folder / FILE, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    words = in_words(known["mapping"])
    doubts = [f"{name}: {entry['doubt']}" for name, entry in known["mapping"].items() if entry.get("doubt")]
    return f"RESERVATION: {'; '.join(doubts)}; {words}" if doubts else words


def in_words(mapping: dict[str, dict[str, Any]]) -> str:
    """Which parameters are mapped and observed, mapped only, and not supported."""
    groups: dict[str, list[str]] = {"observed": [], "mapped, effect not observed": [], "not supported": []}
    for name, entry in mapping.items():
        kind = "not supported" if not entry["supported"] else "observed" if entry["observed"] else ""
        groups[kind or "mapped, effect not observed"].append(name)
    return "; ".join(f"{group}: {', '.join(names)}" for group, names in groups.items() if names)


def _accepts(text: str, names: list[str]) -> list[str]:
    """Every spelling of every option in the help and the verified command, and the arguments of a script's calls."""
    return list(dict.fromkeys([*re.findall(FLAG, text), *names]))


def _fails(session: Session, known: dict[str, Any], dialect: dict[str, Any], shown: str) -> str | None:
    """Why a known mapping does not hold any more: an option that is gone, or an effect that is not seen."""
    if wrong := problems(known["mapping"]):
        return wrong[0]
    plain = {**dialect, "command": session.recipe.get("dialect")["command"]}
    there = {each.name for each in settable(session, plain, shown)} | set(re.findall(FLAG, dialect["command"]))
    for name, entry in known["mapping"].items():
        option = entry.get("backend_param")
        if option and option not in there and f"{option}=⟨{name}⟩" not in str(dialect):
            return f"{option} is no longer among what can be set"
        if entry["observed"] and name not in ELSEWHERE:
            seen = observed(session, dialect, name, entry)
            if not seen.works:
                return f"{name}: {seen.sentence}"
    return None

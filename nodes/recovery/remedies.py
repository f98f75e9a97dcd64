"""The free form, for a model that can write: whole remedies in order of preference, the first that stands is taken."""

from __future__ import annotations

from typing import Any

from nodes.build.source import edits_of, untouched
from nodes.recovery.actions import Action
from nodes.recovery.answers import Remedies, Remedy
from nodes.recovery.candidates import CLEAN, NETWORK, OMIT, WAIT
from nodes.recovery.choose import AROUND, first, package, set_variable
from nodes.recovery.situation import Situation
from tools.documents import shell_accepts
from tools.edits import EditRefused, patched
from tools.filesystem import OutsideWorkspace, inside, listing, read_text

FIXED = {"network": NETWORK, "clean": CLEAN, "wait": WAIT}


def find(situation: Situation, offered: dict[str, Action]) -> Action | None:
    """Ask for remedies and take the first that can be carried out and was not tried on this failure.

    Raises:
        Rejected: if none of them stands.
        BudgetSpent: if the run may make no more calls.
    """
    session, failure = situation.session, situation.failure

    def stands(answer: Remedies) -> str | None:
        why = [why_not(situation, offered, remedy) for remedy in answer.remedies]
        return None if None in why else " ".join(dict.fromkeys(sentence for sentence in why if sentence))

    answer = session.ask(
        "remedies",
        Remedies,
        oracles=[stands],
        files=", ".join(entry.path for entry in listing(session.tree, depth=3, limit=80)),
        command=failure["command"],
        kind=situation.diagnosis["kind"],
        cause=situation.diagnosis["cause"],
        facts=situation.cause,
        fix=situation.diagnosis["fix"],
        looked=session.looked.get(failure["log"] or "", ""),
        around=_around(situation),
        log=session.excerpt(failure["log"]).text if failure["log"] else failure["what"],
        stated=[text for text, action in offered.items() if action["kind"] == "command"],
        attempts=situation.history,
        hint=situation.hint,
    )
    for remedy in answer.remedies:
        if why_not(situation, offered, remedy) is None and (action := _action(situation, offered, remedy)):
            return action
    return None


def _around(situation: Situation) -> str:
    """The lines of the source about the place that the diagnosis names, numbered."""
    name, number = situation.diagnosis["file"], situation.diagnosis["line"]
    try:
        path = inside(situation.session.tree, name)
    except OutsideWorkspace:
        return ""
    if not name or not number or not path.is_file():
        return ""
    lines = read_text(path, 1_000_000).splitlines()
    span = range(max(1, number - AROUND), min(len(lines), number + AROUND) + 1)
    return "\n".join([f"{name}:", *(f"{n:>5}| {lines[n - 1]}" for n in span)])


def why_not(situation: Situation, offered: dict[str, Action], remedy: Remedy) -> str | None:
    """Why a remedy cannot be carried out, as a sentence for the model; None where it can."""
    kind = remedy.kind
    if kind in ("edit", "variable") and situation.failure["step"] != "build.compile":
        return f"{kind} changes the build, and what failed is not the build."
    if kind in FIXED:
        return None if FIXED[kind] in offered else f"{kind} was tried on this failure, or there is nothing for it."
    if kind == "omit" and not any(action["kind"] == "omit" for action in offered.values()):
        return "The command cannot be left out: nothing that the documents name is made yet."
    if kind in ("command", "replace"):
        if not remedy.command.strip() or not shell_accepts(remedy.command):
            return f"`{remedy.command}` is no command that the shell accepts."
        if remedy.command.strip() in situation.commands_tried:
            return f"`{remedy.command}` was tried."
    if kind == "variable":
        if not remedy.name.isidentifier():
            return f"{remedy.name!r} is no name of a variable."
        if any(done["text"] == f"set {remedy.name}={remedy.value}" for done in situation.mine):
            return f"{remedy.name}={remedy.value} was tried."
    if kind == "install" and not remedy.name.strip():
        return "install needs the name of what is missing."
    if kind == "edit":
        edit = _edit(remedy)
        if any(done.get("edit") == edit for done in situation.mine):
            return f"This edit of {remedy.file} was tried."
        try:
            patched(untouched(situation.session), [*edits_of(situation.session), edit])
        except EditRefused as error:
            return str(error)
    return None


def _edit(remedy: Remedy) -> dict[str, Any]:
    return {"file": remedy.file, "old": remedy.old, "new": remedy.new, "line": None}


def _action(situation: Situation, offered: dict[str, Action], remedy: Remedy) -> Action | None:
    """The remedy as an action; a package is chosen among those that the machine's index lists."""
    kind, command = remedy.kind, remedy.command.strip()
    action: Action = {"kind": kind, "risk": remedy.risk, "chance": remedy.chance, "changes": remedy.changes}
    if kind == "install":
        return package(situation, action, remedy.name)
    if kind == "command":
        return first(situation, action, command)
    if kind == "variable":
        return set_variable(situation, action, remedy.name, remedy.value)
    if kind == "omit":
        known = next(known for known in offered.values() if known["kind"] == "omit")
        return {**action, **known, "text": f"{OMIT} `{known['old']}`"}
    if kind == "replace":
        failed = situation.failure["command"]
        return {**action, "old": failed, "new": command, "text": f"use `{command}` in place of `{failed}`"}
    if kind == "edit":
        return {**action, "edit": _edit(remedy), "text": f"edit {remedy.file}: {remedy.changes or remedy.new[:80]}"}
    return {**action, "text": FIXED[kind]}

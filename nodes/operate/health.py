"""Designs a health check, runs it, and makes sure that it would notice a broken backend."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graph.state import State
from nodes.integrate.speech import dialect_of
from nodes.operate import possible
from nodes.operate.answers import FreeHealthPlan, HealthPlan
from nodes.operate.possible import LONGEST_S
from nodes.operate.proven import noticing, own_check, own_stands, real_faults
from nodes.session import Session, StepFailed
from nodes.step import step
from tools.broken import Fault
from tools.health import Check, Outcome, Setting, perform
from tools.parts import parts_of
from tools.proxima import ProximaError
from tools.standing import Finding, now, recorded

RIGHT = "00 and 11 half each"


@step("operate")
def health(session: Session, state: State) -> str:
    """Let the model choose among checks that are possible here; each must pass, and fail on a broken copy."""
    dialect = dialect_of(session)
    limits = session.settings.verify
    setting = Setting(dialect, session.shell, limits.significance, limits.distance)
    known = session.recipe.get("health")
    outcomes = _run(known, setting) if known else []
    if known and (wrong := _wrong(outcomes)):
        session.say(f"  the known check fails: {wrong.what}: {wrong.sentence}", step="operate.health")
        session.recipe.forget("health")
        known = None
    designed = known is None
    if known is None:
        known = _designed(session, dialect, setting)
        outcomes = _run(known, setting)
    if wrong := _wrong(outcomes):
        raise StepFailed(f"The backend is not healthy: {wrong.what}: {wrong.sentence}.")
    seconds = sum(outcome.seconds for outcome in outcomes)
    if seconds > LONGEST_S:
        raise StepFailed(f"The health check took {seconds:.1f} s; it may take {LONGEST_S:g} s.")
    noticed = list(dict.fromkeys(what for check in known for what in check.get("notices", ())))
    if designed:
        session.recipe.put("health", known, f"passes, and notices that {'; '.join(noticed)}")
    _remember(session, dialect, setting)
    _publish(session, known, outcomes)
    return f"{', '.join(outcome.what for outcome in outcomes)}: healthy in {seconds:.1f} s; " + (
        f"it notices when {'; '.join(noticed)}" if designed else "it is the check that was designed before"
    )


def _run(checks: list[Check], setting: Setting) -> list[Outcome]:
    return [perform(check, setting) for check in checks]


def _wrong(outcomes: list[Outcome]) -> Outcome | None:
    return next((outcome for outcome in outcomes if not outcome.healthy), None)


def _designed(session: Session, dialect: dict[str, Any], setting: Setting) -> list[Check]:
    """The checks that the model chose or wrote and that were seen to notice what they are for."""
    offered = possible.checks(session, dialect)
    real = real_faults(session, setting, possible.made_of(session, dialect, setting))
    folder = str(session.tree if session.tree.is_dir() else session.shell.workspace)

    def does(answer: HealthPlan) -> str | None:
        if "circuit" not in answer.checks:
            return "Only a circuit tells whether the counts are right: add circuit."
        if answer.expected != RIGHT:
            return f"H on qubit 0 and CNOT from 0 to 1 do not give {answer.expected!r}."
        if unknown := [what for what in answer.checks if what not in offered]:
            return f"{unknown[0]} is not possible here."
        return None

    def stands(answer: FreeHealthPlan) -> str | None:
        names = [own.what for own in answer.own]
        if twice := next((name for name in names if name in offered or names.count(name) > 1), None):
            return f"There is another check called {twice!r}."
        return next(filter(None, (own_stands(own, folder, setting, real) for own in answer.own)), None)

    evidence: dict[str, Any] = {"name": session.run.name, "kind": _kind(dialect), "candidates": _shown(offered)}
    if session.asker.form == "small":
        chosen = session.ask("health", HealthPlan, oracles=[does], faults=[], **evidence)
        own: list[Check] = []
    else:
        free = session.ask(
            "health",
            FreeHealthPlan,
            oracles=[does, stands],
            faults=[_fault(fault) for fault in real],
            command=dialect["command"],
            folder=folder,
            **evidence,
        )
        chosen, own = free, [own_check(one, folder) for one in free.own]
    checks = [*(offered[what] for what in dict.fromkeys(chosen.checks)), *own]
    return noticing(session, checks, setting, real)


def _kind(dialect: dict[str, Any]) -> str:
    return "a Python module" if dialect["kind"] == "program" else "a program for the command line"


def _fault(fault: Fault) -> str:
    return f"{fault.what} ({fault.path})"


def _shown(offered: dict[str, Check]) -> str:
    shown: dict[str, Callable[[Check], str]] = {
        "program": lambda check: Path(check["path"]).name,
        "answer": lambda check: re.sub(r"/\S*/", "", check["command"]),
        "circuit": lambda _: "H 0, CNOT 0 1",
    }
    return ", ".join(f"{what} ({shown[what](check)})" for what, check in offered.items())


def _remember(session: Session, dialect: dict[str, Any], setting: Setting) -> None:
    """Keep what the backend's files look like while it is healthy, so that it can be told what became of them."""
    known = session.recipe.get("parts")
    source = session.recipe.source_sha256
    if known and known["source_sha256"] == source:
        paths = [Path(part["path"]) for part in known["files"]]
    else:
        paths = possible.made_of(session, dialect, setting).parts
    found = {"source_sha256": source, "files": parts_of(paths)}
    if found != known:
        session.recipe.put("parts", found, "the program's loader and its memory show them, and it is healthy")


def _publish(session: Session, checks: list[Check], outcomes: list[Outcome]) -> None:
    """Write the status into ProximA's registry, where the backend is registered."""
    registration = session.recipe.get("registration")
    if registration is None:
        return
    finding = Finding(registration["name"], "healthy", "", now(), tuple(outcomes))
    facts = {"checks": checks, "workspace": str(session.shell.workspace), "source": session.run.source}
    try:
        recorded(Path(registration["home"]), finding, session.settings.health, **facts)
    except ProximaError as error:
        raise StepFailed(str(error)) from error

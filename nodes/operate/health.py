"""Designs a health check, runs it, and makes sure that it would notice a broken backend."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graph.state import State
from nodes.integrate.circuits import plain
from nodes.integrate.speech import dialect_of
from nodes.operate.answers import HealthPlan
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.interface import help_of
from nodes.verify.trial import sandboxed_runner
from tools.circuits import bell, distribution
from tools.health import Check, Outcome, Setting, broken, perform, program_of
from tools.options import asked_program
from tools.proxima import ProximaError
from tools.registration import update

LONGEST_S = 5.0
SHOTS, SEED = 1000, 3
RIGHT = "00 and 11 half each"


@step("operate")
def health(session: Session, state: State) -> str:
    """Let the model choose among checks that are possible here; each must pass, and fail on a broken copy."""
    dialect = dialect_of(session)
    limits = session.settings.verify
    setting = Setting(
        dialect,
        sandboxed_runner(session),
        session.shell.workspace / "tmp",
        limits.significance,
        limits.distance,
    )
    known = session.recipe.get("health")
    outcomes = _run(known, setting) if known else []
    if known and not all(outcome.healthy for outcome in outcomes):
        wrong = next(outcome for outcome in outcomes if not outcome.healthy)
        session.say(f"  the known check fails: {wrong.what}: {wrong.sentence}", step="operate.health")
        session.recipe.forget("health")
        known = None
    noticed: list[str] = []
    if known is None:
        known = _designed(session, dialect)
        outcomes = _run(known, setting)
        known, noticed = _noticing(session, known, setting)
    wrong_ones = [outcome for outcome in outcomes if not outcome.healthy]
    if wrong_ones:
        raise StepFailed(f"The backend is not healthy: {wrong_ones[0].what}: {wrong_ones[0].sentence}.")
    seconds = sum(outcome.seconds for outcome in outcomes)
    if seconds > LONGEST_S:
        raise StepFailed(f"The health check took {seconds:.1f} s; it may take {LONGEST_S:g} s.")
    if noticed:
        session.recipe.put("health", known, f"passes, and notices that {'; '.join(noticed)}")
    _publish(session, known, outcomes)
    return f"{', '.join(outcome.what for outcome in outcomes)}: healthy in {seconds:.1f} s; " + (
        f"it notices when {'; '.join(noticed)}" if noticed else "it is the check that was designed before"
    )


def _run(checks: list[Check], setting: Setting) -> list[Outcome]:
    return [perform(check, setting) for check in checks]


def _designed(session: Session, dialect: dict[str, Any]) -> list[Check]:
    possible = _possible(session, dialect)

    def does(answer: HealthPlan) -> str | None:
        if "circuit" not in answer.checks:
            return "Only a circuit tells whether the counts are right: add circuit."
        if answer.expected != RIGHT:
            return f"H on qubit 0 and CNOT from 0 to 1 do not give {answer.expected!r}."
        if unknown := [what for what in answer.checks if what not in possible]:
            return f"{unknown[0]} is not possible here."
        return None

    shown: dict[str, Callable[[Check], str]] = {
        "program": lambda check: Path(check["path"]).name,
        "answer": lambda check: re.sub(r"/\S*/", "", check["command"]),
        "circuit": lambda _: "H 0, CNOT 0 1",
    }
    plan = session.ask(
        "health",
        HealthPlan,
        oracles=[does],
        name=session.run.name,
        kind="a Python module" if dialect["kind"] == "program" else "a program for the command line",
        candidates=", ".join(f"{what} ({shown[what](check)})" for what, check in possible.items()),
    )
    return [possible[what] for what in dict.fromkeys(plan.checks)]


def _possible(session: Session, dialect: dict[str, Any]) -> dict[str, Check]:
    """The checks that can be done on this backend: each was tried here."""
    possible: dict[str, Check] = {}
    program = program_of(dialect["command"])
    target = (session.recipe.get("interface") or {}).get("target", "")
    if program is None:
        raise StepFailed(f"The program of `{dialect['command']}` is not there.")
    if dialect["kind"] == "program":
        told = f'{program} -c \'import {target} as m; print("imported", m.__name__, m.__file__ or "")\''
        finished = session.command(told, name="import", timeout_s=LONGEST_S)
        words = finished.stdout.read_text(errors="replace").split() if finished.ok and finished.stdout else []
        if len(words) > 2:
            possible["program"] = {"what": "program", "kind": "file", "path": words[2], "expected": "a file"}
        if words:
            expected = f"imported {words[1]}"
            possible["answer"] = {"what": "answer", "kind": "command", "command": told, "expected": expected}
    else:
        possible["program"] = {
            "what": "program",
            "kind": "file",
            "path": str(program),
            "expected": "an executable file",
        }
        told, text = help_of(session, asked_program(dialect["command"], target))
        lines = [line for line in text.splitlines() if line.strip()]
        if lines and session.command(told, name="help", timeout_s=LONGEST_S).ok:
            possible["answer"] = {
                "what": "answer",
                "kind": "command",
                "command": told,
                "expected": lines[0].strip(),
            }
    circuit = bell()
    possible["circuit"] = {
        "what": "circuit",
        "kind": "circuit",
        **plain(circuit),
        "shots": SHOTS,
        "seed": SEED,
        "expected": distribution(circuit),
    }
    return possible


def _noticing(session: Session, checks: list[Check], setting: Setting) -> tuple[list[Check], list[str]]:
    """The checks that fail on every broken copy, and what they notice.

    Raises:
        StepFailed: if the circuit does not: then the check as a whole would not.
    """
    program = program_of(setting.dialect["command"])
    assert program is not None
    kept, noticed = [], dict[str, None]()
    for check in checks:
        missed = ""
        seen = []
        for what, changed, changed_setting in broken(check, setting, program):
            if perform(changed, changed_setting).healthy:
                missed = what
                break
            seen.append(what)
        if not missed:
            kept.append(check)
            noticed |= dict.fromkeys(seen)
        elif check["kind"] == "circuit":
            raise StepFailed(f"The health check does not notice when {missed}.")
        else:
            session.say(f"  not kept, for it does not notice when {missed}: {check['what']}", step="operate.health")
    return kept, list(noticed)


def _publish(session: Session, checks: list[Check], outcomes: list[Outcome]) -> None:
    """Write the status into ProximA's registry, where the backend is registered."""
    registration = session.recipe.get("registration")
    if registration is None:
        return
    status = {
        "status": "healthy",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 3),
        "checks": checks,
        "outcomes": {outcome.what: outcome.sentence for outcome in outcomes},
    }
    try:
        update(Path(registration["home"]), registration["name"], health=status)
    except ProximaError as error:
        raise StepFailed(str(error)) from error

"""Holds health checks to broken copies of the backend: a check that does not notice what it is for is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from nodes.operate.answers import OwnCheck
from nodes.operate.possible import LONGEST_S, Made, circuit
from nodes.session import Session, StepFailed
from tools.broken import Fault, faults, made
from tools.documents import shell_accepts
from tools.health import Check, Setting, perform

LAST_GATE = "the last gate does nothing"
LIBRARIES = 3
"""Libraries that are taken away, one at a time, until one is missed."""


def real_faults(session: Session, setting: Setting, parts: Made) -> list[Fault]:
    """The faults with which a circuit really does not run any more.

    Raises:
        StepFailed: if the backend is not healthy itself, or one that nothing can work with goes unnoticed.
    """
    check = circuit()
    healthy = perform(check, setting)
    if not healthy.healthy:
        raise StepFailed(f"The backend is not healthy: {healthy.what}: {healthy.sentence}.")
    real: list[Fault] = []
    for fault in _tried(faults(parts.program, parts.files, parts.libraries[:LIBRARIES]), real):
        with made(fault, setting) as broken:
            outcome = perform(check, broken)
        if not outcome.healthy:
            real.append(fault)
        elif fault.sure:
            raise StepFailed(f"The health check does not notice when {fault.what}.")
        else:
            session.say(f"  it works although {fault.what}", step="operate.health")
    if perform({**check, "operations": check["operations"][:-1]}, setting).healthy:
        raise StepFailed(f"The health check does not notice when {LAST_GATE}.")
    return real


def _tried(every: Sequence[Fault], real: list[Fault]) -> Iterator[Fault]:
    """The faults that are tried; one library that is missed is enough."""
    for fault in every:
        if fault.of != "library" or not any(one.of == "library" for one in real):
            yield fault


def noticing(session: Session, checks: Sequence[Check], setting: Setting, real: Sequence[Fault]) -> list[Check]:
    """The checks that fail on every broken copy that they are for, each with what it ``notices``."""
    kept = []
    for check in checks:
        seen = {fault.what: _notices(check, fault, setting) for fault in real}
        missed = [fault.what for fault in real if _claims(check, fault) and not seen[fault.what]]
        notices = [what for what, noticed in seen.items() if noticed]
        if missed or not notices:
            what = missed[0] if missed else f"{' or '.join(seen)}"
            session.say(f"  not kept, for it does not notice when {what}: {check['what']}", step="operate.health")
            continue
        kept.append({**check, "notices": notices + [LAST_GATE] * (check["kind"] == "circuit")})
    return kept


def own_stands(own: OwnCheck, folder: str, setting: Setting, real: Sequence[Fault]) -> str | None:
    """Why a check that a model designed is refused, as a sentence for it; None where it stands."""
    known = {fault.what: fault for fault in real}
    if unknown := [what for what in own.notices if what not in known]:
        return f"{unknown[0]!r} is none of the faults; they are: {'; '.join(known)}."
    if not shell_accepts(own.command):
        return f"`{own.command}` is no command that the shell accepts."
    check = own_check(own, folder)
    outcome = perform(check, setting)
    if not outcome.healthy:
        return f"`{own.command}` fails on the healthy backend: {outcome.sentence}."
    if outcome.seconds > LONGEST_S:
        return f"`{own.command}` took {outcome.seconds:.1f} s; it may take {LONGEST_S:g} s."
    for what in own.notices:
        if not _notices(check, known[what], setting):
            return f"`{own.command}` does not notice when {what}."
    return None


def own_check(own: OwnCheck, folder: str) -> Check:
    """A check that a model designed, as data."""
    return {
        "what": own.what,
        "kind": "command",
        "command": own.command,
        "expected": own.expected,
        "folder": folder,
        "read_only": True,
        "claims": list(own.notices),
    }


def _notices(check: Check, fault: Fault, setting: Setting) -> bool:
    with made(fault, setting) as broken:
        return not perform(check, broken).healthy


def _claims(check: Check, fault: Fault) -> bool:
    """Whether a check is for this fault: a circuit for all, another for what becomes of the files that it names."""
    if check["kind"] == "circuit":
        return True
    if "claims" in check:
        return fault.what in check["claims"]
    if str(fault.path) not in json.dumps(check, ensure_ascii=False):
        return False
    looked = {"gone", "empty"} | ({"not executable"} if check["expected"] == "an executable file" else set())
    return check["kind"] == "command" or fault.harm in looked

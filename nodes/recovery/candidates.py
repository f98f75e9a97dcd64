"""What could be done about a failure: real things only, each in words that a model can choose by."""

from __future__ import annotations

import hashlib
import re
import shutil
from typing import Any

from graph.state import Attempt, Failure
from nodes.build.plan import load_plan, made_by_build
from nodes.grants import may_use_network
from nodes.recovery.facts import refused_network
from nodes.session import Session
from tools.sandbox import environment

INSTALL = "install what is missing from the machine's packages"
NETWORK = "allow the command to use the network"
CLEAN = "remove what the build made and build anew"
OTHER = "use another command"
WAIT = "wait and try again"

RUNS_COMMANDS = ("build.compile", "verify.tests")
MOST_STATED = 4


def signature(session: Session, failure: Failure) -> str:
    """What two failures share when the same thing failed in the same way; numbers and times do not count."""
    text = failure["what"]
    if failure["log"]:
        found = session.excerpt(failure["log"])
        lines = found.text.splitlines()
        marked = [line for line in lines if line.strip().startswith(f"{found.failure_line}|")]
        text = (failure["command"] or "") + "\n".join(marked or lines[-3:])
    return hashlib.sha256(re.sub(r"\d+(\.\d+)?", "#", text).encode()).hexdigest()[:16]


def candidates(session: Session, failure: Failure, attempts: list[Attempt]) -> dict[str, dict[str, Any]]:
    """Text -> action, without those already tried on the same failure."""
    step = failure["step"]
    found: dict[str, dict[str, Any]] = {}
    if step in RUNS_COMMANDS:
        if not may_use_network(session, step):
            found[NETWORK] = {"kind": "network"}
        found[INSTALL] = {"kind": "install"}
        for command in _stated(session)[:MOST_STATED]:
            found[f"run `{command}`, which the documents state"] = {"kind": "command", "command": command}
        if step == "build.compile" and load_plan(session)["strategy"] != "clean" and made_by_build(session):
            found[CLEAN] = {"kind": "clean"}
        if failure["command"]:
            found[OTHER] = {"kind": "replace"}
    found[WAIT] = {"kind": "wait"}
    mark = signature(session, failure)
    # Packages and other commands are a family: the next try of it is another one.
    tried = {
        attempt["action"].get("text")
        for attempt in attempts
        if attempt["signature"] == mark and attempt["action"]["kind"] not in ("install", "replace")
    }
    return {text: action for text, action in found.items() if text not in tried}


def _stated(session: Session) -> list[str]:
    """What the documents state for getting what is needed, as far as its program is on this machine."""
    path = environment(session.shell.workspace)["PATH"]
    stated = session.recipe.get("survey")["commands"]["dependency"]
    return [line for line in stated if shutil.which(line.split()[0], path=path)]


def plain(session: Session, failure: Failure, offered: dict[str, dict[str, Any]]) -> str | None:
    """The candidate that needs no judgement: the network, where the system itself said that it was refused."""
    return NETWORK if NETWORK in offered and refused_network(session, failure) else None


def told(attempts: list[Attempt], step: str) -> str:
    """The earlier attempts on a step, in words; of their outcomes what stands before the colon."""
    mine = [attempt for attempt in attempts if attempt["step"] == step]
    outcomes = [attempt["outcome"].partition(":")[0] or "under way" for attempt in mine]
    return "; ".join(f"{attempt['action']['text']} ({out})" for attempt, out in zip(mine, outcomes, strict=True))[-900:]

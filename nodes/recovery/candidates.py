"""What could be done about a failure: real things only, each in words that a model can choose by."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping

from graph.state import Attempt, Failure
from nodes.build.inspect import named_products
from nodes.build.plan import load_plan, made_by_build
from nodes.build.source import untouched
from nodes.grants import NO_HOST, answered, hosts_to_ask, may_use_network
from nodes.recovery import for_jobs
from nodes.recovery.actions import NO_NETWORK, Action
from nodes.recovery.facts import refused_network
from nodes.recovery.for_jobs import VARIABLE
from nodes.recovery.unpack import installed_instead
from nodes.session import Session
from tools.documents import command_lines
from tools.environment import environment
from tools.locations import Location, locations

INSTALL = "install what is missing from the machine's packages"
NETWORK = "allow the command to use the network"
HOST = "let commands that fetch reach "
MOST_HOSTS = 20
"""Hosts that the person is asked about for one step."""
CLEAN = "remove what the build made and build anew"
OTHER = "use another command"
WAIT = "wait and try again"
OMIT = "leave out"

RUNS_COMMANDS = ("build.compile", "verify.tests")
FAMILIES = ("install", "unpack", "replace", "variable")
MOST_STATED = 4
MOST_OPTIONS = 3
NEAR = 3
"""Lines before and after the failure in which a place counts as the failure's."""


WHOLE = 1000
"""Characters of a failure's text from which on it may have been cut."""


def signature(session: Session, failure: Failure) -> str:
    """What two failures share when the same thing failed in the same way; numbers and times do not count."""
    text = _unrepeated(failure["what"])
    if failure["log"] and failure["step"] != for_jobs.JOB:  # whose results say what failed
        found = session.excerpt(failure["log"])
        text = found.failure or "\n".join(line.partition("| ")[2] for line in found.text.splitlines()[-3:])
    return hashlib.sha256(re.sub(r"\d+(\.\d+)?", "#", text).encode()).hexdigest()[:16]


def _unrepeated(what: str) -> str:
    """Without how often a line was printed, and without a last one that may have been cut off."""
    lines = re.sub(r"\d+(\.\d+)?", "#", what).splitlines()
    return "\n".join(dict.fromkeys((lines[:-1] or lines) if len(what) >= WHOLE else lines))


def candidates(session: Session, failure: Failure, attempts: list[Attempt]) -> dict[str, Action]:
    """Text -> action, without those already tried on the same failure."""
    step = failure["step"]
    mine = [attempt for attempt in attempts if attempt["step"] == step]
    found: dict[str, Action] = dict(_evident(session, failure, mine))
    if step == for_jobs.JOB:
        found |= for_jobs.offered(session, failure, mine)
    if sum(attempt["action"]["kind"] == "host" for attempt in mine) < MOST_HOSTS:
        hosts = hosts_to_ask(session, failure["log"])
        found |= {f"{HOST}{host}": {"kind": "host", "host": host, "asks": True} for host in hosts}
    if step in RUNS_COMMANDS:
        if failure["log"] and not may_use_network(session, step):
            found[NETWORK] = {"kind": "network"}
        if failure["log"]:
            found[INSTALL] = {"kind": "install"}
        if failure["command"] and (joined := _with_its_block(session, failure["command"])):
            found[f"use `{joined}`, as the documents state"] = {
                "kind": "replace",
                "old": failure["command"],
                "new": joined,
            }
        for option in _options_named(session, failure)[:MOST_OPTIONS]:
            longer = f"{failure['command']} {option}"
            found[f"use `{longer}`, with the option that the output names"] = {
                "kind": "replace",
                "old": failure["command"],
                "new": longer,
            }
        for command in _stated(session)[:MOST_STATED]:
            found[f"run `{command}`, which the documents state"] = {"kind": "command", "command": command}
        leftovers = load_plan(session)["strategy"] != "clean" or bool(mine)
        if step == "build.compile" and leftovers and made_by_build(session):
            found[CLEAN] = {"kind": "clean"}
        if failure["command"]:
            found[OTHER] = {"kind": "replace"}
        if step == "build.compile" and failure["log"]:
            found[VARIABLE] = {"kind": "variable"}
        if step == "build.compile" and failure["command"] and (made := named_products(session)):
            text = f"{OMIT} `{failure['command']}`: the documents name {made[0]}, which is made already"
            plan = load_plan(session)
            before = {part: plan[part] for part in ("configure", "build")}
            found[text] = {"kind": "omit", "old": failure["command"], "before": before}
        if step == "build.compile" and (place := place_of(session, failure)):
            # Numbered and read in the tree, where earlier edits are.
            found[f"edit line {place.line} of {place.file}: {place.text.strip()[:80]}"] = {
                "kind": "edit",
                "file": place.file,
                "line": place.line,
                "old": place.text,
            }
    if step != for_jobs.JOB or for_jobs.may_help(failure):
        found[WAIT] = {"kind": "wait"}
    mark = signature(session, failure)
    # Packages, other commands and variables are families: the next try of one is another one.
    tried = {
        attempt["action"].get("text")
        for attempt in attempts
        if attempt["signature"] == mark and attempt["action"]["kind"] not in FAMILIES
    }
    kept_back = (NO_NETWORK, NO_HOST)
    ran = {done["action"].get("command") for done in mine if not done["outcome"].startswith(kept_back)}
    used = {done["action"].get("new") for done in mine}
    return {
        text: action
        for text, action in found.items()
        if text not in tried
        and not (action["kind"] == "command" and "restores" not in action and action["command"] in ran)
        and not (action["kind"] == "replace" and action.get("new") in used - {None})
    }


def _evident(session: Session, failure: Failure, mine: list[Attempt]) -> Iterator[tuple[str, Action]]:
    """What follows from the last attempt without judgement."""
    if not mine:
        return
    last = mine[-1]["action"]
    replaced = next((done for attempt in reversed(mine) if (done := attempt["action"])["kind"] == "replace"), None)
    if mine[-1]["outcome"] == NO_NETWORK:
        text = f"run `{last['command']}` first, with the network"
        yield text, {**last, "text": text, "network": True}
    host = mine[-1]["outcome"].removeprefix(NO_HOST)
    if mine[-1]["outcome"].startswith(NO_HOST) and not answered(session, host):
        text = f"run `{last['command']}` first, which reaches {host}"
        yield text, {**last, "text": text, "host": host, "asks": True}
    if install := installed_instead(session, failure, mine):
        yield f"install the package {install['package']}: `{install['command']}`", dict(install)
    if replaced and failure["command"] == replaced["new"] and failure["status"] == 0:
        # It succeeded and yet did not do what the step needs: so it is something to do before the step.
        text = f"run `{replaced['new']}` first, then `{replaced['old']}` again"
        network = may_use_network(session, failure["step"])
        yield text, {"kind": "command", "command": replaced["new"], "restores": replaced["old"], "network": network}


def place_of(session: Session, failure: Failure) -> Location | None:
    """The first line of the source's own files that the output names at or near the failure."""
    if not failure["log"]:
        return None
    found = session.excerpt(failure["log"])
    lines = found.text.splitlines()
    at = next((i for i, line in enumerate(lines) if line.strip().startswith(f"{found.failure_line}|")), 0)
    near = "\n".join(lines[max(0, at - NEAR) : at + NEAR + 1])
    own = untouched(session)
    return next((place for place in locations(near, session.tree) if (own / place.file).is_file()), None)


def _with_its_block(session: Session, command: str) -> str | None:
    """The command after the lines that stand before it in its own block and were not taken for steps of the build.

    They are run in one shell, because a line may only change the shell for the next.
    """
    survey = session.recipe.get("survey")
    left_out = {*survey["commands"]["other"], *survey["commands"]["source"]}
    for block in survey["blocks"]:
        lines = command_lines(block["text"])
        if command in lines:
            before = [line for line in lines[: lines.index(command)] if line in left_out]
            if before:
                return " && ".join([*before, command])
    return None


def _options_named(session: Session, failure: Failure) -> list[str]:
    """Long options that the output names and the failed command does not have."""
    if not failure["log"] or not failure["command"]:
        return []
    words = re.findall(r"(?<![\w,=-])--[a-z][a-z0-9-]+(?:=\w+)?", session.excerpt(failure["log"]).text)
    return [word for word in dict.fromkeys(words) if word.partition("=")[0] not in failure["command"]]


def _stated(session: Session) -> list[str]:
    """What the documents state for getting what is needed, as far as its program is on this machine."""
    path = environment(session.shell.workspace)["PATH"]
    survey, plan = session.recipe.get("survey"), load_plan(session)
    stated = dict.fromkeys(survey["commands"]["dependency"])
    known = {*plan["configure"], *plan["build"]}
    return [line for line in stated if line not in known and shutil.which(line.split()[0], path=path)]


def plain(session: Session, failure: Failure, offered: Mapping[str, Action], attempts: list[Attempt]) -> str | None:
    """The candidate that needs no judgement.

    What follows from the last attempt, a host that was refused, or the network where the system itself said that it is
    not there.
    """
    mine = [attempt for attempt in attempts if attempt["step"] == failure["step"]]
    evident = next((text for text, _ in _evident(session, failure, mine) if text in offered), None)
    host = next((text for text, action in offered.items() if action["kind"] == "host"), None)
    return evident or host or (NETWORK if NETWORK in offered and refused_network(session, failure) else None)


def in_vain(attempts: list[Attempt]) -> list[Attempt]:
    """The attempts without those after which another thing failed: what they were for is mended."""
    return [attempt for attempt in attempts if not attempt["outcome"].startswith("then another failure")]


def told(attempts: list[Attempt], step: str, *, whole: bool = False) -> str:
    """The earlier attempts on a step, in words; their outcomes ``whole``, or only what stands before the colon."""
    mine = [attempt for attempt in attempts if attempt["step"] == step]
    outcomes = [attempt["outcome"] if whole else attempt["outcome"].partition(":")[0] for attempt in mine]
    texts = [f"{done['action']['text']} ({out or 'under way'})" for done, out in zip(mine, outcomes, strict=True)]
    return "; ".join(texts)[-3000 if whole else -900 :]

"""The small form: a choice among candidates in words, and then one slot at a time for what the choice leaves open."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from models.errors import Rejected
from nodes.execute.plan import load_job, value_of
from nodes.recovery import packages
from nodes.recovery.actions import Action
from nodes.recovery.answers import NewCommand, NewLine, Place, Variable, action_among, missing_among, variable_among
from nodes.recovery.for_jobs import JOB, variables
from nodes.recovery.situation import Situation
from nodes.recovery.unpack import command_for
from nodes.session import Session
from tools.documents import shell_accepts
from tools.excerpts import excerpt, telling
from tools.filesystem import listing, read_inside
from tools.quotations import stands_in

FLAGS = ("true", "false", "True", "False", "yes", "off", "none")
MOST_WORDS = 60
SHORT_LINES, SHORT_CHARACTERS = 16, 1500
"""What is shown of the output where a variable is asked for."""
AROUND = 4
"""Lines before and after the one that is edited that the model is shown."""


def find(situation: Situation, offered: dict[str, Action]) -> Action | None:
    """Choose until a choice can be filled in; None where none can.

    Raises:
        Rejected: if no choice was accepted.
        BudgetSpent: if the run may make no more calls.
    """
    session = situation.session
    # Waiting helps against faults that pass; where the model took it for another, anything else comes before.
    passes = situation.diagnosis["kind"] in ("passing_fault", "unclear")
    offered = {text: action for text, action in offered.items() if passes or action["kind"] != "wait"}
    while offered:
        text, rated = _chosen(situation, list(offered))
        text = _least(offered, text)
        try:
            action = complete(situation, {**offered[text], **rated}, text)
        except Rejected as error:
            session.say(f"  {error}", step="recovery.propose")
            action = None
        if action is not None and action["kind"] == "command" and (stated := _stated(offered)):
            action = {**action, **offered[stated], "text": stated}
        if action is not None:
            return action
        session.say(f"  nothing to carry out for: {text}", step="recovery.propose")
        del offered[text]
    return None


def _least(offered: dict[str, Action], text: str) -> str:
    """What the documents state for getting what is missing goes before what touches the machine."""
    if offered[text]["kind"] != "install":
        return text
    return _stated(offered) or text


def _stated(offered: dict[str, Action]) -> str | None:
    return next((text for text, action in offered.items() if action["kind"] == "command"), None)


def _chosen(situation: Situation, texts: list[str]) -> tuple[str, dict[str, Any]]:
    if len(texts) == 1:
        return texts[0], {"risk": "low", "chance": 50}
    answer = situation.session.ask(
        "action",
        action_among(texts),
        kind=situation.diagnosis["kind"],
        cause=situation.cause,
        attempts=situation.history,
        hint=situation.hint,
        candidates=texts,
    )
    return answer.action, {"risk": answer.risk, "chance": answer.chance}


def complete(situation: Situation, action: Action, text: str) -> Action | None:
    """Fill in what the choice leaves open: the package, the command, the variable, the line.

    Raises:
        Rejected: if no answer to what it asks for that was accepted.
    """
    kind = action["kind"]
    if kind == "install":
        return _install(situation, action)
    if kind == "replace" and "new" in action:
        return {**action, "text": text}
    if kind == "replace":
        new = _replacement(situation)
        failed = situation.failure["command"]
        if failed and failed in new:
            # What holds the failed command would run it twice, were it to go before it.
            return {**action, "old": failed, "new": new, "text": f"use `{new}` in place of `{failed}`"}
        if situation.session.ask("place", Place, failed=failed, other=new).place == "before":
            return first(situation, action, new)
        return {**action, "old": failed, "new": new, "text": f"use `{new}` in place of `{failed}`"}
    if kind == "variable":
        return _variable(situation, action)
    if kind == "edit":
        return _edited(situation, action)
    return {**action, "text": text}


def package(situation: Situation, action: Action, missing: str) -> Action | None:
    """Choose among the packages that the machine's index lists for what is missing."""
    step = situation.failure["step"]
    mine = [(one["action"], one["outcome"]) for one in situation.attempts if one["step"] == step]
    own = {done["package"] for done, _ in mine if done["kind"] == "unpack"}
    tried = [done["package"] for done, _ in mine if done["kind"] == "install"]
    tried += [done["package"] for done, outcome in mine if done["kind"] == "unpack" and outcome.startswith("then")]
    found = packages.choose(situation.session, missing, situation.diagnosis, tried)
    if found is None:
        return None
    name, command = found
    action = {**action, "missing": missing, "package": name}
    if name not in own and (unpacking := command_for(situation.session, situation.failure, name)):
        text = f"unpack the package {name} for the build: `{unpacking}`"
        return {**action, "kind": "unpack", "command": unpacking, "install": command, "text": text}
    return {**action, "command": command, "text": f"install the package {name}: `{command}`"}


def first(situation: Situation, action: Action, command: str) -> Action | None:
    """Run a command before the failed one; None where that was done."""
    text = f"run `{command}` first"
    if any(done["text"] == text for done in situation.mine):
        return None
    return {**action, "kind": "command", "command": command, "text": text}


def set_variable(situation: Situation, action: Action, name: str, value: str) -> Action:
    """Set a variable; what it was before is kept for taking it back. $PWD stands for the project's folder."""
    value = re.sub(r"\$(PWD\b|\{PWD\})", lambda _: str(situation.session.tree), value)
    if situation.failure["step"] == JOB:
        before = value_of(load_job(situation.session.run), "variable", name)
        return {**action, "name": name, "value": value, "before": before, "text": f"set {name}={value}"}
    before = (situation.session.recipe.get("variables") or {}).get(name)
    return {**action, "name": name, "value": value, "before": before, "text": f"set {name}={value}"}


def _install(situation: Situation, action: Action) -> Action | None:
    """The package for the first name of what is missing for which the index lists one."""
    for missing in _missing(situation):
        try:
            if found := package(situation, action, missing):
                return found
        except Rejected as error:
            situation.session.say(f"  {error}", step="recovery.propose")
    return None


def _missing(situation: Situation) -> Iterator[str]:
    """What is missing: a word of the failure's line, chosen; then, where that led nowhere, of all that tells of one."""
    session, log = situation.session, situation.failure["log"]
    assert log is not None
    shown = session.excerpt(log)
    common = session.settings.excerpt.failure_words
    line = situation.diagnosis["quote"]
    if line.strip() == (shown.failure or "").strip():
        line = shown.message or line
    lines = (text.partition("|")[2] for text in shown.text.splitlines())
    around = " ".join(filter(telling(common), lines)) or shown.text
    named = {done.get("missing") for done in situation.mine}
    for text, evidence in ((line, ""), (around, shown.text)):
        words = [word for word in _words(text, common) if word not in named]
        if words:
            name = session.ask("missing", missing_among(words[:MOST_WORDS]), log=evidence, line=line).name
            yield name
            named.add(name)


def _words(line: str, common: Collection[str]) -> list[str]:
    """The words of a line that may name something: without signs and endings, and once without an option's letter."""
    found: list[str] = []
    for match in re.finditer(r"(-?)([A-Za-z][\w+-]*(?:\.\d+)*)", line):
        found += [match[2], match[2][1:]] if match[1] else [match[2]]
    return [word for word in dict.fromkeys(found) if len(word) > 1 and word.lower() not in common]


def _replacement(situation: Situation) -> str:
    def other(answer: NewCommand) -> str | None:
        if answer.command.strip() in situation.commands_tried:
            return "This command was tried and failed. Give another one."
        return None if shell_accepts(answer.command) else "The shell cannot parse this command."

    files = ", ".join(entry.path for entry in listing(situation.session.tree, depth=2, limit=60))
    return situation.session.ask(
        "new_command",
        NewCommand,
        oracles=[other],
        files=files,
        command=situation.failure["command"],
        cause=situation.diagnosis["cause"],
        quote=situation.diagnosis["quote"],
        tried="; ".join(sorted(situation.commands_tried - {situation.failure["command"]})),
        done=situation.history,
        hint=situation.hint,
    ).command


def _variable(situation: Situation, action: Action) -> Action:
    session = situation.session
    tried = {done["text"] for done in situation.mine if done["kind"] == "variable"}
    told = session.excerpt(situation.failure["log"] or "").text if situation.failure["log"] else ""
    survey = session.recipe.get("survey") or {"documents": []}
    documents = "\n".join(read_inside(session.tree, name) for name in survey["documents"])

    def named(answer: Variable) -> str | None:
        if f"set {answer.name}={answer.value}" in tried:
            return "This was tried and did not help."
        if not (stands_in(answer.name, told) or stands_in(answer.name, documents)):
            return f"The variable {answer.name} stands neither in the output nor in the documents."
        # A placeholder builds as well as a value does, and is wrong all the same.
        invented = [word for word in re.findall(r"[A-Za-z]\w{2,}", answer.value) if word not in known]
        return f"{invented[0]!r} is invented: give a value that the output or the documents name." if invented else None

    names = [entry.path for entry in listing(session.tree, depth=3, limit=300)] if session.tree.is_dir() else []
    known = "\n".join([told, documents, *names, *FLAGS, str(session.tree), "$PWD"])
    spoken = [word for word in _words(situation.diagnosis["quote"], ()) if not word.islower()]
    lines = [
        line.strip()
        for line in documents.splitlines()
        if "=" in line or "$" in line or any(word in line for word in spoken)
    ]
    answer = session.ask(
        "variable",
        variable_among(variables(session, situation.failure)) if situation.failure["step"] == JOB else Variable,
        oracles=[named],
        command=situation.failure["command"],
        log=_shortly(session, situation.failure["log"]),
        documents="\n".join(lines)[:800],
        hint=situation.hint,
    )
    return set_variable(situation, action, answer.name, answer.value)


def _shortly(session: Session, log: str | None) -> str:
    """What the output says, in less words: the failure, the end and, where there is room, the beginning."""
    words = session.settings.excerpt.failure_words
    return excerpt(Path(log), words, SHORT_LINES, SHORT_CHARACTERS).text if log else ""


def _edited(situation: Situation, action: Action) -> Action:
    """One line of the source written anew."""
    session, number, old = situation.session, int(action["line"]), str(action["old"])
    lines = read_inside(session.tree, action["file"], 1_000_000).splitlines()

    tried = [done["edit"]["new"].strip() for done in situation.mine if done["kind"] == "edit"]

    def written(line: str) -> str:
        """Without the number that it was shown with."""
        return line if re.match(rf"\s*{number}\|", old) else re.sub(rf"^\s*{number}\| ?", "", line)

    def other(answer: NewLine) -> str | None:
        line = written(answer.line).strip()
        if line == old.strip():
            return "The line is as it was."
        return "This line was tried and did not help." if line in tried else None

    span = range(max(1, number - AROUND), min(len(lines), number + AROUND) + 1)
    answer = session.ask(
        "edit_line",
        NewLine,
        oracles=[other],
        file=action["file"],
        number=number,
        line=old,
        around="\n".join(f"{n}| {lines[n - 1]}" for n in span),
        quote=situation.diagnosis["quote"],
        cause=situation.diagnosis["cause"],
        hint=situation.hint,
    )
    new = written(answer.line)
    indent = old[: len(old) - len(old.lstrip())]
    new = new if new[:1].isspace() or not indent else indent + new
    edit = {"file": action["file"], "line": number, "old": old, "new": new}
    return {**action, "edit": edit, "text": f"edit line {number} of {action['file']}: `{new.strip()}`"}

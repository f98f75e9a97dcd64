"""Lists the backend's tests by a command that does not run them, and reads the listing."""

from __future__ import annotations

from typing import NamedTuple

from models.errors import Rejected
from models.fencing import plain
from nodes.build.compile import commands_of, run_commands
from nodes.build.inspect import products
from nodes.build.plan import load_plan, made_by_build
from nodes.grants import may_use_network
from nodes.session import Session
from nodes.verify.interface import usage
from nodes.verify.suite.answers import ListCommands
from nodes.verify.suite.read_listing import read_listing
from tools.commands import absent_program
from tools.documents import shell_accepts, telling
from tools.environment import environment
from tools.filesystem import listing, read_text
from tools.listing import Reading, read
from tools.listing_lines import Unreadable

FILES, TOLD = 30, 800
LARGEST = 20_000_000
"""Bytes of a listing that are read."""


class Listed(NamedTuple):
    """A listing and the command that prints it."""

    command: str
    reading: Reading


def listed(session: Session, hint: str | None) -> Listed | None:
    """The tests that a command lists; None where none does. What was verified before is replayed."""
    known = session.recipe.get("listing")
    if known and known["command"] is None and known.get("of") == session.recipe.source_sha256:
        return None
    if known and known["command"]:
        try:
            text = _printed(session, known["command"])
            return Listed(known["command"], read(text, known["rule"]))
        except Unreadable as error:
            session.say(f"  the known listing of tests no longer holds: {error}", step="verify.discover")
            session.recipe.forget("listing")
    for command in _proposed(session, hint):
        try:
            reading = read_listing(session, command, _printed(session, command), hint)
        except (Unreadable, Rejected) as error:
            session.say(f"  `{command}` gives no list of tests: {error}", step="verify.discover")
            continue
        session.recipe.put("listing", {"command": command, "rule": reading.rule}, reading.in_words)
        return Listed(command, reading)
    session.recipe.put(
        "listing", {"command": None, "of": session.recipe.source_sha256}, "no command was found that lists the tests"
    )
    return None


def complaint(session: Session, line: str) -> str | None:
    """Why a command line cannot be run here, as a sentence; None where it can."""
    if not shell_accepts(line):
        return f"The shell does not accept `{line}`."
    absent = absent_program(line, session.tree, environment(session.shell.workspace)["PATH"])
    return f"There is no program {absent} on this machine." if absent else None


def telling_of_tests(session: Session) -> str:
    """What the documents say of tests."""
    told, words = usage(session, 100_000), session.settings.tests.words
    return telling(told, words, TOLD) if any(word in told.lower() for word in words) else ""


def test_like(session: Session) -> list[str]:
    """Files of the source in whose paths stands a word that people write for tests."""
    made = {path.relative_to(session.tree).as_posix() for path in made_by_build(session)}
    words = session.settings.tests.words
    return [
        entry.path
        for entry in listing(session.tree, depth=5)
        if not entry.path.endswith("/") and entry.path not in made and any(word in entry.path.lower() for word in words)
    ]


def _proposed(session: Session, hint: str | None) -> list[str]:
    """Commands that the model takes for ones that list: none of them one that runs the tests."""
    survey = session.recipe.get("survey")
    runs = {" ".join(line.split()) for line in survey["commands"]["test"]}
    if not runs:
        return []

    def wrong(line: str) -> str | None:
        if " ".join(line.split()) in runs:
            return f"`{line}` runs the tests; it has to list them only."
        return complaint(session, line)

    def usable(answer: ListCommands) -> str | None:
        complaints = [wrong(line) for line in answer.commands]
        return complaints[0] if complaints and all(complaints) else None

    files = [*survey.get("key_files", []), *test_like(session)]
    try:
        answer = session.ask(
            "list_tests",
            ListCommands,
            oracles=[usable],
            commands=survey["commands"]["test"][:3],
            files=", ".join(list(dict.fromkeys(files))[:FILES]),
            made=", ".join(products(session)["programs"][:12]),
            told=telling_of_tests(session),
            hint=hint,
        )
    except Rejected as rejected:
        session.say(f"  {rejected}", step="verify.discover")
        return []
    return [line for line in answer.commands if wrong(line) is None]


def _printed(session: Session, command: str) -> str:
    """What a command printed on its standard output, or on both where that is empty.

    Raises:
        Unreadable: if it did not end well, printed nothing or removed what the build made.
    """
    made = [name for name in products(session)["programs"] if (session.tree / name).is_file()]
    finished = session.command(
        command,
        name="list-tests",
        network=may_use_network(session, "verify.tests"),
        timeout_s=session.settings.tests.listing_s,
    )
    if lost := [name for name in made if not (session.tree / name).is_file()]:
        session.say(f"  `{command}` removed {lost[0]}; it is built anew", step="verify.discover")
        run_commands(session, commands_of({**load_plan(session), "strategy": "clean"}), name="anew", watching=False)
        raise Unreadable(f"It removed {lost[0]}, which the build made.")
    if not finished.ok:
        raise Unreadable(finished.in_words)
    for path in (finished.stdout, finished.log):
        text = plain(read_text(path, LARGEST)) if path else ""
        if text.strip():
            return text
    raise Unreadable("It printed nothing.")

"""Finds out how the backend is driven: by one of its programs or through one of its modules."""

from __future__ import annotations

import shlex
import shutil
from typing import Any

from graph.state import State
from nodes.build.inspect import names, products
from nodes.choice import meant
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.answers import Way
from tools.documents import telling
from tools.environment import environment
from tools.excerpts import tail
from tools.filesystem import read_inside

MOST = 12
ASKING = ("--help", "-h", "help")
HELP, HELP_S = 20_000, 20.0
START_S = 120.0
NOT_EXECUTED = (126, 127)
"""What a shell returns for a program that it cannot execute, or whose libraries the loader does not find."""
WORDS = ("run", "usage", "example", "import", "circuit", "gate", "qubit", "shots")


@step("verify")
def interface(session: Session, state: State) -> str:
    """Choose among the programs and modules that the build really made; the others stay in reserve."""
    known = session.recipe.get("interface")
    made = products(session)
    ways, libraries = candidates(session, made), _libraries(made)
    if known and known in (ways | libraries).values() and _no_start(session, known) is None:
        return f"{known['kind']} {known['target']}, as verified before; it starts"
    if session.asker.form == "free":
        ways |= libraries
    if not ways:
        only = ", only libraries, around which this model cannot write a program" if libraries else ""
        raise StepFailed(f"The build made no program and no module that could be driven{only}.")
    chosen = next(iter(ways))
    if len(ways) > 1:

        def real(answer: Way) -> str | None:
            return None if meant(answer.way, ways) else f"Answer one of: {'; '.join(ways)}."

        answer = session.ask("way", Way, oracles=[real], usage=usage(session, 1800), candidates=list(ways))
        chosen = meant(answer.way, ways) or chosen
    order = [chosen, *[text for text in ways if text != chosen]]
    why = {text: _no_start(session, ways[text]) for text in order}
    starting = [text for text in order if why[text] is None]
    if not starting:
        raise StepFailed(f"Nothing that the build made starts: {'; '.join(f'{text}: {why[text]}' for text in order)}")
    session.recipe.put("ways", [ways[text] for text in starting], "each is a product of the build, and starts")
    return f"{starting[0]} starts" + (f", of {len(ways)} candidates" if len(ways) > 1 else "")


def _libraries(made: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Text -> way: a program is written around a library only by a model that can, and after all other ways."""
    return {f"the library {name}": {"kind": "library", "target": name} for name in made.get("libraries", [])[:MOST]}


def _no_start(session: Session, way: dict[str, str]) -> str | None:
    """Why a module cannot be imported or a program cannot be executed; a program that complains has started."""
    if way["kind"] == "module":
        python = str(session.shell.workspace / "python" / "bin" / "python")
        finished = session.command([python, "-c", f"import {way['target']}"], name="start", timeout_s=START_S)
        return None if finished.ok else f"{finished.in_words} {tail(finished.log, 1)[-200:]}"
    path = path_of(session, way["target"])
    if path is None:
        return "it is not there"
    if way["kind"] == "library":
        return None
    finished = session.command(f"{shlex.quote(path)} {ASKING[0]}", name="start", timeout_s=HELP_S)
    began = finished.started and finished.killed_by is None and finished.exit_status not in NOT_EXECUTED
    return None if began or finished.stopped else f"{finished.in_words} {tail(finished.log, 1)[-200:]}"


def path_of(session: Session, program: str) -> str | None:
    """Where a program lies, in the tree or on PATH."""
    inside = session.tree / program
    return str(inside) if inside.is_file() else shutil.which(program, path=environment(session.shell.workspace)["PATH"])


def candidates(session: Session, made: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Text -> way: what the documents name, but for what runs the tests; all that was made where they name none."""
    told = usage(session, 100_000)
    ways = {f"the program {name}": {"kind": "program", "target": name} for name in made["programs"]}
    ways |= {f"the module {name}": {"kind": "module", "target": name} for name in made["modules"]}
    tests = {line.split()[0].rsplit("/", 1)[-1] for line in session.recipe.get("survey")["commands"]["test"]}
    mentioned = [
        text
        for text, way in ways.items()
        if names(told, way["target"]) and way["target"].rsplit("/", 1)[-1] not in tests
    ]
    return {text: ways[text] for text in (mentioned or list(ways))[:MOST]}


def usage(session: Session, characters: int) -> str:
    """What the documents say about using the backend."""
    told = session.recipe.get("survey")["documents"]
    text = "\n\n".join(read_inside(session.tree, name) for name in told)
    return telling(text, WORDS, characters) if len(text) > characters else text


def help_of(session: Session, command: str) -> tuple[str, str]:
    """(the command that a program tells its usage by, what it tells), of the usual ways to ask for it.

    The first that ends well counts; where none does, the one that tells most.
    """
    told: dict[str, str] = {}
    for asking in ASKING:
        whole = f"{command} {asking}"
        finished = session.command(whole, name="help", timeout_s=HELP_S)
        told[whole] = finished.log.read_text(errors="replace")[:HELP]
        if finished.ok and told[whole].strip():
            return whole, told[whole]
    longest = max(told, key=lambda whole: len(told[whole]))
    return longest, told[longest]

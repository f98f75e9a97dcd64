"""Finds tests where no command lists them: files of the source that can be run."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import NamedTuple

from models.errors import Rejected
from nodes.session import Session
from nodes.verify.suite.answers import MOST_FILES, TestFiles, test_files_of
from nodes.verify.suite.listed import complaint, test_like
from nodes.verify.suite.sorting import NONE
from tools.commands import Template, template_of

MOST_SHOWN = 40


class Scripts(NamedTuple):
    """Files that are tests, and what runs one of them."""

    files: list[str]
    alone: Template


def scripts_of(session: Session, hint: str | None) -> Scripts | None:
    """Files that the model takes for tests, as far as one command runs them all; None where there are none."""
    there = test_like(session)
    known = session.recipe.get("test_files")
    if known and "files" in known:
        files = [name for name in there if name in known["files"] or [*_kind(name)] in known["kinds"]]
        return Scripts(files, known["alone"]) if files else None
    candidates = there[:MOST_SHOWN]
    of = {"of": session.recipe.source_sha256}
    if known == of or not candidates:
        return None

    def runs_one(answer: TestFiles) -> str | None:
        if not answer.files:
            return None
        if NONE.fullmatch(answer.command):
            return "Give the command that runs the first of the files, or no files."
        if _template(answer) is None:
            return f"`{answer.command}` names none of the files."
        return complaint(session, answer.command)

    suite = session.recipe.get("survey")["commands"]["test"][:2]
    try:
        answer = session.ask(
            "test_files",
            test_files_of(candidates),
            oracles=[runs_one],
            files="\n".join(candidates),
            suite=suite,
            hint=hint,
        )
    except Rejected as rejected:
        session.say(f"  {rejected}", step="verify.discover")
        session.recipe.put("test_files", of, "no answer was accepted")
        return None
    found = _template(answer)
    if found is None:
        session.recipe.put("test_files", of, "none of the files is a test that can be run")
        return None
    name, alone = found
    # What runs one kind of file runs the others of that kind.
    files = [file for file in dict.fromkeys(answer.files) if _kind(file).suffix == _kind(name).suffix]
    kinds = {_kind(file) for file in files}
    full = len(answer.files) == MOST_FILES
    whole = [kind for kind in kinds if full or all(file in files for file in candidates if _kind(file) == kind)]
    value = {"files": files, "kinds": sorted(whole), "alone": alone}
    session.recipe.put("test_files", value, "the files are there; the command names one")
    return Scripts([file for file in there if file in files or _kind(file) in whole], alone)


class _Kind(NamedTuple):
    """What files share of which one is a test where all the others are."""

    folder: str
    suffix: str


def _kind(file: str) -> _Kind:
    path = PurePosixPath(file)
    return _Kind(str(path.parent), path.suffix)


def _template(answer: TestFiles) -> tuple[str, Template] | None:
    """The file that the command names, and what the command is without it."""
    for name in answer.files:
        if found := template_of(answer.command, name):
            return name, found
    return None

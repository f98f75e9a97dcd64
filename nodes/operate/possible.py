"""What can be looked at on a backend: the checks that are possible, and the files that it is made of."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nodes.integrate.circuits import plain
from nodes.session import Session, StepFailed
from nodes.verify.interface import help_of
from tools import loaded
from tools.circuits import bell, distribution
from tools.driver import DriverError
from tools.health import COMMAND_S, Check, Setting, execute_circuit, program_of
from tools.options import asked_program

LONGEST_S = 5.0
SHOTS, SEED = 1000, 3


class Made(NamedTuple):
    """The files that a backend is made of."""

    program: Path
    """What its command starts."""
    files: list[Path]
    """What that is given to run, or imports first."""
    libraries: list[Path]
    """What of the workspace it loads beside them."""
    loaded: list[Path]
    """All that it was seen to load."""

    @property
    def parts(self) -> list[Path]:
        """All of them, those first without which nothing works."""
        return [self.program, *self.files, *self.libraries, *self.loaded]


def program(dialect: Mapping[str, Any]) -> Path:
    """The program that is checked.

    Raises:
        StepFailed: if it is not there.
    """
    found = program_of(dialect["command"])
    if found is None:
        raise StepFailed(f"The program of `{dialect['command']}` is not there.")
    return found


def checks(session: Session, dialect: Mapping[str, Any]) -> dict[str, Check]:
    """The checks that can be done on this backend: each was tried here.

    Raises:
        StepFailed: if its program is not there.
    """
    possible: dict[str, Check] = {}
    started = program(dialect)
    target = _target(session)
    if dialect["kind"] == "program":
        told = f"{shlex.quote(str(started))} -c 'import {target} as m; print(\"imported\", m.__name__, m.__file__)'"
        finished = session.command(told, name="import", timeout_s=LONGEST_S)
        printed = finished.stdout.read_text(errors="replace") if finished.ok and finished.stdout else ""
        line = next((line for line in printed.splitlines() if line.startswith("imported ")), "")
        if path := line.split(" ", 2)[2] if line else "":
            if Path(path).is_file():
                possible["program"] = {"what": "program", "kind": "file", "path": path, "expected": "a file"}
            possible["answer"] = {"what": "answer", "kind": "command", "command": told, "expected": line}
    else:
        possible["program"] = {
            "what": "program",
            "kind": "file",
            "path": str(started),
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
    possible["circuit"] = circuit()
    return possible


def circuit() -> Check:
    """The check that tells whether the counts are right."""
    small = bell()
    return {
        "what": "circuit",
        "kind": "circuit",
        **plain(small),
        "shots": SHOTS,
        "seed": SEED,
        "expected": distribution(small),
    }


def made_of(session: Session, dialect: Mapping[str, Any], setting: Setting) -> Made:
    """The files of the backend, as the system shows them while it runs."""
    started, workspace = program(dialect), session.shell.workspace
    named = [Path(word) for word in shlex.split(dialect["command"]) if word.startswith("/") and "⟨" not in word]
    files = [path for path in named if path.is_file() and path != started]
    if dialect["kind"] == "program":
        asked = f"import sys, {_target(session)} as m; print(m.__file__); {loaded.OF_INTERPRETER}"
        finished = session.command([str(started), "-c", asked], name="loaded", timeout_s=COMMAND_S)
        printed = finished.stdout.read_text(errors="replace") if finished.ok and finished.stdout else ""
        mapped, imported = loaded.said(printed)
        files += _own(imported[:1], workspace, started)
    else:
        imported = []
        mapped = _mapped(setting, started)
    libraries = [path for path in _own(mapped, workspace, started) if path not in files]
    return Made(started, list(dict.fromkeys(files)), libraries, [*mapped, *imported])


def _target(session: Session) -> str:
    return str((session.recipe.get("interface") or {}).get("target", ""))


def _mapped(setting: Setting, started: Path) -> list[Path]:
    """What the loader says, and what a circuit's process was seen with; a backend that fails here fails its check."""
    found: list[Path] = []
    try:
        found += loaded.by_loader(shlex.quote(str(started)), setting.runner(read_only=True), setting.folder, COMMAND_S)
        found += loaded.mapped_while(lambda started: execute_circuit(circuit(), setting, on_start=started))
    except DriverError:
        return found
    return list(dict.fromkeys(found))


def _own(paths: Iterable[Path], workspace: Path, started: Path) -> list[Path]:
    """Those inside the workspace, but for its temporary files and the program itself."""
    real = [path.resolve() for path in paths]
    return [
        path
        for path in dict.fromkeys(real)
        if path.is_relative_to(workspace) and not path.is_relative_to(workspace / "tmp") and path != started.resolve()
    ]

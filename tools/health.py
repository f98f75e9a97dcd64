"""Health checks of a backend, as data: what is looked at, what is expected, how a broken backend answers."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.comparison import compare
from tools.driver import DriverError, Operation, Runner, execute

Check = dict[str, Any]
"""``what`` (its name), ``kind`` and ``expected``; with it

    kind "file"     ``path``: expected is "an executable file" or "a file", which is not empty
    kind "command"  ``command``: expected stands in what it prints, and its exit status is 0
    kind "circuit"  ``qubits``, ``operations``, ``shots``, ``seed``: expected are probabilities by bit string
"""

COMMAND_S = 20.0


class Outcome(NamedTuple):
    """What a check found."""

    what: str
    healthy: bool
    sentence: str
    seconds: float


class Setting(NamedTuple):
    """Where and how checks run."""

    dialect: Mapping[str, Any]
    runner: Runner
    folder: Path
    significance: float
    tolerance: float


def perform(check: Check, setting: Setting) -> Outcome:
    """Do one check; a backend that fails in any way is an outcome."""
    began = time.monotonic()
    try:
        healthy, sentence = {"file": _file, "command": _command, "circuit": _circuit}[check["kind"]](check, setting)
    except DriverError as error:
        healthy, sentence = False, str(error)[:300]
    return Outcome(check["what"], healthy, sentence, time.monotonic() - began)


def program_of(command: str) -> Path | None:
    """The program that a command starts: its first absolute path of an executable file."""
    for word in shlex.split(command):
        if word.startswith("/") and "⟨" not in word and Path(word).is_file() and os.access(word, os.X_OK):
            return Path(word)
    return None


def broken(check: Check, setting: Setting, program: Path) -> Iterator[tuple[str, Check, Setting]]:
    """The same check on broken copies of the backend, each with what is broken."""
    empty = setting.folder / "empty-program"
    empty.write_text("")
    empty.chmod(0o755)
    for what, stand_in in (
        ("the program is gone", f"{program}.gone"),
        ("the program is an empty file", str(empty)),
    ):
        dialect = {**setting.dialect, "command": _instead(setting.dialect["command"], program, stand_in)}
        changed = {
            key: _instead(value, program, stand_in) if key in ("path", "command") else value
            for key, value in check.items()
        }
        if check["kind"] == "file" and changed["path"] == check["path"]:
            changed["path"] = f"{check['path']}.gone" if stand_in.endswith(".gone") else str(empty)
        yield what, changed, setting._replace(dialect=dialect)
    if check["kind"] == "circuit":
        yield "the last gate does nothing", {**check, "operations": check["operations"][:-1]}, setting


def _instead(text: str, program: Path, other: str) -> str:
    quoted = shlex.quote(str(program))
    return text.replace(quoted, shlex.quote(other)) if quoted in text else text.replace(str(program), other)


def _file(check: Check, _setting: Setting) -> tuple[bool, str]:
    path = Path(check["path"])
    if not path.is_file() or path.stat().st_size == 0:
        return False, f"{path} is not there or empty"
    if check["expected"] == "an executable file" and not os.access(path, os.X_OK):
        return False, f"{path} may not be executed"
    return True, f"{path} is {check['expected']}"


def _command(check: Check, setting: Setting) -> tuple[bool, str]:
    status, output, both = setting.runner(check["command"], setting.folder, COMMAND_S)
    if status != 0:
        return False, f"it ended with exit status {status}: {both.strip()[-200:]}"
    if check["expected"] not in f"{output}\n{both}":
        return False, f"it did not print {check['expected']!r}"
    return True, f"it printed {check['expected']!r}"


def _circuit(check: Check, setting: Setting) -> tuple[bool, str]:
    operations: Sequence[Operation] = [(name, on, angles) for name, on, angles in check["operations"]]
    numbers = execute(
        setting.dialect,
        check["qubits"],
        operations,
        shots=check["shots"],
        seed=check["seed"],
        folder=setting.folder,
        timeout_s=COMMAND_S,
        runner=setting.runner,
    )
    found = compare(numbers, check["expected"], significance=setting.significance, tolerance=setting.tolerance)
    return found.same, f"it {found.in_words()}"

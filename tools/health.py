"""Health checks of a backend, as data: what is looked at, what is expected."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools import walled
from tools.comparison import compare
from tools.driver import DriverError, Operation, Runner, execute
from tools.sandbox import Permit
from tools.shell import Shell

Check = dict[str, Any]
"""``what`` (its name), ``kind`` and ``expected``; with it

    kind "file"     ``path``: expected is "an executable file" or "a file", which is not empty
    kind "command"  ``command``: expected stands in what it prints, and its exit status is 0; where ``folder`` says so
                    it runs elsewhere, and with ``read_only`` it may write its temporary files only
    kind "circuit"  ``qubits``, ``operations``, ``shots``, ``seed``: expected are probabilities by bit string

and ``notices``: the faults that it was seen to fail on.
"""

COMMAND_S = 20.0


class Outcome(NamedTuple):
    """What a check found."""

    what: str
    healthy: bool
    sentence: str
    seconds: float
    kind: str
    """Of the check."""
    answered: bool = True
    """Whether the backend came to its end, right or wrong."""


class Setting(NamedTuple):
    """Where and how checks run, on the backend or on a broken copy of it."""

    dialect: Mapping[str, Any]
    shell: Shell
    significance: float
    tolerance: float
    instead: tuple[tuple[Path, Path | None], ...] = ()
    """What is met in the place of a file, see `tools.sandbox.Permit`."""
    moved: tuple[str, str] | None = None
    """The path that another one is taken for, wherever it is named."""

    @property
    def folder(self) -> Path:
        """Where commands run and circuits are written."""
        return self.shell.workspace / "tmp"

    def runner(self, *, read_only: bool = False, **watching: Any) -> Runner:
        """Starts commands in the sandbox."""
        permit = Permit(self.shell.workspace, read_only=read_only, instead=self.instead)
        return walled.runner(self.shell, permit=permit, **watching)

    def text(self, text: str) -> str:
        """A command as it is here."""
        if self.moved is None:
            return text
        old, new = self.moved
        quoted = shlex.quote(old)
        return text.replace(quoted, shlex.quote(new)) if quoted in text else text.replace(old, new)

    def place(self, path: str) -> Path:
        """A file as it is here; one that is gone leads nowhere."""
        real = Path(path.replace(*self.moved) if self.moved else path)
        for target, other in self.instead:
            if target in (real, real.resolve()):
                return other or real.with_name(f"{real.name}.gone")
        return real


def perform(check: Check, setting: Setting) -> Outcome:
    """Do one check; a backend that fails in any way is an outcome.

    Raises:
        OSError: if the check itself cannot be done, as on a full disk.
    """
    began, answered = time.monotonic(), True
    try:
        healthy, sentence = {"file": _file, "command": _command, "circuit": _circuit}[check["kind"]](check, setting)
    except DriverError as error:
        healthy, sentence, answered = False, str(error)[:300], False
    sentence = sentence.replace(str(setting.folder), "tmp")
    return Outcome(check["what"], healthy, sentence, time.monotonic() - began, check["kind"], answered)


def program_of(command: str) -> Path | None:
    """The program that a command starts: its first absolute path of an executable file."""
    for word in shlex.split(command):
        if word.startswith("/") and "⟨" not in word and Path(word).is_file() and os.access(word, os.X_OK):
            return Path(word)
    return None


def _file(check: Check, setting: Setting) -> tuple[bool, str]:
    path = setting.place(check["path"])
    if not path.is_file() or path.stat().st_size == 0:
        return False, f"{check['path']} is not there or empty"
    if check["expected"] == "an executable file" and not os.access(path, os.X_OK):
        return False, f"{check['path']} may not be executed"
    return True, f"{check['path']} is {check['expected']}"


def _command(check: Check, setting: Setting) -> tuple[bool, str]:
    runner = setting.runner(read_only=bool(check.get("read_only")))
    folder = Path(setting.text(check.get("folder") or str(setting.folder)))
    status, output, both = runner(setting.text(check["command"]), folder, COMMAND_S)
    if status != 0:
        return False, f"it ended with exit status {status}: {both.strip()[-200:]}"
    if check["expected"] not in f"{output}\n{both}":
        return False, f"it did not print {check['expected']!r}"
    return True, f"it printed {check['expected']!r}"


def _circuit(check: Check, setting: Setting) -> tuple[bool, str]:
    numbers = execute_circuit(check, setting)
    found = compare(numbers, check["expected"], significance=setting.significance, tolerance=setting.tolerance)
    return found.same, f"it {found.in_words()}"


def execute_circuit(check: Check, setting: Setting, **watching: Any) -> dict[str, float]:
    """The counts or probabilities of a check's circuit.

    Raises:
        DriverError: if the backend fails.
    """
    operations: Sequence[Operation] = [(name, on, angles) for name, on, angles in check["operations"]]
    return execute(
        {**setting.dialect, "command": setting.text(setting.dialect["command"])},
        check["qubits"],
        operations,
        shots=check["shots"],
        seed=check["seed"],
        folder=setting.folder,
        timeout_s=COMMAND_S,
        runner=setting.runner(**watching),
    )

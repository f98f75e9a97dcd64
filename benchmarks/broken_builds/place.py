"""Where one case is tried: its source, its machine and the settings, in a folder that tells nothing of the fault."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks.broken_builds import host
from benchmarks.broken_builds.case import Case
from configs.settings import load_settings
from tools.sandbox import Permit
from tools.shell import Shell

PLAUSIBLE = Path(__file__).with_name("plausible")
"""What the checks judge counts by."""


class Place:
    """A case laid out in ``folder``.

    Args:
        case: what is tried.
        folder: an empty folder.
        budget: of the settings' section ``budget``, for whoever tries it.
    """

    def __init__(self, case: Case, folder: Path, budget: dict[str, float] | None = None):
        self.case = case
        self.folder = folder.resolve()
        self.root = host.lay_out(self.folder)
        with surroundings(host.variables(self.root)):
            self.source = case.copy_source(self.folder)
        self.settings = self.folder / "settings.yaml"
        with self.settings.open("w") as file:
            YAML(typ="safe").dump({"limits": case.limits, "budget": budget or {}}, file)
        self.environment = {
            **host.variables(self.root),
            "RIGIL_STATE": str(self.folder / "state"),
            "RIGIL_SETTINGS": str(self.settings),
            "PROXIMA_HOME": str(self.folder / "proxima"),
        }

    def shell(self, workspace: Path) -> Shell:
        """A shell with the case's limits; make and use it within ``surroundings``."""
        return Shell(workspace, self.folder / "logs", load_settings())

    def passes(self, tree: Path, workspace: Path) -> bool:
        """Whether what was built in ``tree`` really works."""
        with surroundings(self.environment):
            shell = self.shell(workspace)
            permit = Permit(shell.workspace, readable=(self.case.folder, PLAUSIBLE))
            return shell.run([str(self.case.folder / "check")], name="check", cwd=tree, permit=permit, timeout_s=60).ok

    def with_python(self, workspace: Path) -> None:
        """Give a workspace a Python of its own, as every workspace has one."""
        with surroundings(self.environment):
            python = getattr(sys, "_base_executable", sys.executable)
            made = self.shell(workspace).run([python, "-m", "venv", str(workspace / "python")], name="python")
        if not made.ok:
            raise RuntimeError(f"The workspace's Python could not be made. {made.in_words} See {made.log}.")


def skipped(case: Case) -> str | None:
    """Why a case cannot be tried on this machine, or None where it can."""
    return case.missing(host.variables(host.TEMPLATE)["PATH"])


@contextmanager
def surroundings(changed: dict[str, Any]) -> Iterator[None]:
    """Set environment variables for as long as it lasts."""
    before = dict(os.environ)
    os.environ.update(changed)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

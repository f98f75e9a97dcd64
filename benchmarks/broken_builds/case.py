"""A case of the corpus: what is broken, and how one sees that it is mended."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from benchmarks import corpus

HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"
Kind = Literal["fixable", "hopeless", "sound"]


class Case(BaseModel):
    """``case.yaml`` in the case's folder; what an agent never sees."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    """The folder's name."""
    project: str
    """What the copied source is called, so that no path tells the fault."""
    kind: Kind
    tool: str
    """What builds it."""
    fault: str
    """The truth in one sentence."""
    diagnosis: list[str] = []
    """A diagnosis is right if one of these stands in it, whatever the case."""
    needs: list[str] = []
    """Programs; without one of them the case is skipped."""
    limits: dict[str, float] = {}
    """Of the settings' section ``limits``."""
    build: list[str] = Field(min_length=1)
    """The commands that the project's README states, in order."""

    @property
    def folder(self) -> Path:
        """Where the case lies."""
        return CASES / self.name

    def missing(self, path: str) -> str | None:
        """Why the case cannot be tried on this machine, or None where it can."""
        absent = [program for program in self.needs if shutil.which(program, path=path) is None]
        return f"not on this machine: {', '.join(absent)}" if absent else None

    def is_right(self, diagnosis: str) -> bool:
        """Whether a diagnosis names the fault."""
        return any(word.lower() in diagnosis.lower() for word in self.diagnosis)

    def copy_source(self, place: Path) -> Path:
        """Put the project into a folder of its own below ``place``, as its author left it.

        Raises:
            subprocess.CalledProcessError: if the case's ``prepare`` fails.
        """
        source = Path(shutil.copytree(self.folder / "source", place / self.project, symlinks=True))
        prepare = self.folder / "prepare"
        if prepare.exists():
            subprocess.run([prepare], cwd=source, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        return source


def load(name: str) -> Case:
    """The case of that name.

    Raises:
        ValueError: if its ``case.yaml`` is not one.
    """
    return corpus.load(Case, CASES / name)


def load_all(chosen: Sequence[str] = ()) -> list[Case]:
    """The chosen cases, or all, by name.

    Raises:
        LookupError: if a chosen one is not there.
    """
    return corpus.load_all(Case, CASES, chosen)

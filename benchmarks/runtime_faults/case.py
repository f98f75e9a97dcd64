"""A case of the corpus: what goes wrong at run time, and how it should end."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import psutil
from pydantic import BaseModel, ConfigDict

from benchmarks import corpus
from tools.mishaps import Category

HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"
Kind = Literal["recoverable", "hopeless", "healthy"]
Blame = Literal["user", "backend", "environment"]


class Solution(BaseModel):
    """One way to a right result; used by the test of the corpus, never shown to an agent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    set: dict[str, Any] = {}
    """Other values of ProximA's parameters."""
    variables: dict[str, str] = {}
    """Of the environment."""
    time_limit: float | None = None
    times: int = 1
    """How often it is run."""
    wait: float = 0
    """Seconds before it is run again."""


class Case(BaseModel):
    """``case.yaml`` in the case's folder; what an agent never sees."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    """The folder's name."""
    kind: Kind
    fault: str
    """The truth in one sentence."""
    category: list[Category] = []
    """A diagnosis is right if it names one of them."""
    blame: list[Blame] = []
    """Whose fault it can be called."""
    backend: Literal["svsim", "pysv"] = "svsim"
    qubits: int = 3
    circuit: Literal["ghz", "uniform"] = "ghz"
    """Outcomes 0...0 and 1...1 half each, or all outcomes alike."""
    shots: int = 2000
    seconds: int = 10
    """How long the backend takes, where it takes its time."""
    time_limit: float = 120.0
    """That the job is given."""
    threads: bool = False
    """Whether the backend takes ``parallelization``."""
    output_file: str = ""
    """Where the backend writes its counts, if it is not standard output."""
    spool: Literal["", "small", "readonly"] = ""
    """What the backend's folder ``spool`` is: a file system of 256 KiB, or one that may not be written."""
    preload: bool = False
    """Whether every process of the trial loads the case's ``preload.c`` first."""
    ready: str = ""
    """A file of the backend's folder that the case's ``meanwhile`` writes once it is ready."""
    group_mib: int = 0
    """Memory of the control group that the backend enters."""
    needs: list[str] = []
    """Programs; without one of them the case is skipped."""
    memory_gib: float = 0
    """Free memory that it takes."""
    hangs: bool = False
    """Whether it has no end of its own."""
    leaves: bool = False
    """Whether it leaves a process behind."""
    shows: list[str] = []
    """Patterns that stand in what `rigil run` says of it."""
    solution: Solution | None = None

    @property
    def folder(self) -> Path:
        """Where the case lies."""
        return CASES / self.name

    @property
    def probabilities(self) -> Mapping[str, float]:
        """Of the outcomes, by what the circuit is."""
        if self.circuit == "ghz":
            return {bit * self.qubits: 0.5 for bit in "01"}
        return {format(bits, f"0{self.qubits}b"): 0.5**self.qubits for bits in range(2**self.qubits)}

    def missing(self) -> str | None:
        """Why the case cannot be tried on this machine, or None where it can."""
        absent = [program for program in self.needs if shutil.which(program) is None]
        if absent:
            return f"not on this machine: {', '.join(absent)}"
        if psutil.virtual_memory().available < self.memory_gib * 2**30:
            return f"it takes {self.memory_gib:g} GiB of free memory"
        return None


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

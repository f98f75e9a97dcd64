"""Where one case is tried: its backend, registered, and a circuit, in a folder that tells nothing of the fault."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks import examples
from benchmarks.runtime_faults import backend
from benchmarks.runtime_faults.case import Case, Solution
from benchmarks.runtime_faults.keeping import Kept, control_groups, keep, may_mount, modes_hold, mounted, plainly
from tools.proxima import ensure_home

CIRCUIT = "circuit.qasm"
SEED = 7
HANGS_S = 5.0
"""The time limit under which something that hangs is run without an agent."""
AGAIN = '"$@" || { sleep "$0"; exec "$@"; }'


class Place:
    """A case laid out in ``folder``.

    Args:
        case: what is tried.
        folder: an empty folder.
        objects: where `backend.build` built svsim.
        seconds: how long the backend takes; what the case says where not given.
        budget: of the settings' section ``budget``, for whoever tries it.
    """

    def __init__(
        self,
        case: Case,
        folder: Path,
        objects: Path,
        *,
        seconds: int | None = None,
        budget: dict[str, float] | None = None,
    ):
        self.case = case
        self.folder = folder.resolve()
        self.backend = self.folder / "backend"
        backend.make(case, self.backend, objects, seconds or case.seconds)
        self.spool = self.backend / "spool"
        self.spool.mkdir()
        if case.spool and not may_mount():
            plainly(self.spool, case.spool)
        home = self.folder / "proxima"
        ensure_home(home)
        dialect, further, accepts = backend.dialect(case, self.backend)
        examples.enter(home, case.backend, dialect, further=further, accepts=accepts, max_qubits=24)
        (self.folder / CIRCUIT).write_text(_openqasm(case))
        with (self.folder / "settings.yaml").open("w") as file:
            YAML(typ="safe").dump({"budget": budget or {}, "watch": {"intervene": "stop"}}, file)
        self.beside = self.folder / "beside"
        if (case.folder / "meanwhile").exists():
            shutil.copy2(case.folder / "meanwhile", self.beside)
        self.environment = {
            "PYTHONPATH": str(examples.ROOT),
            "RIGIL_STATE": str(self.folder / "state"),
            "RIGIL_SETTINGS": str(self.folder / "settings.yaml"),
            "PROXIMA_HOME": str(home),
        }
        if case.preload:
            self.environment["LD_PRELOAD"] = str(self.backend / "preload.so")

    def rigil(self, command: str, *arguments: str) -> list[str]:
        """A command line of Rigil on the case's circuit and backend."""
        asked = ["--backend", self.case.backend, "--shots", str(self.case.shots), "--seed", str(SEED), "--json"]
        return [sys.executable, "-m", "cli.main", command, CIRCUIT, *asked, *arguments]

    def run(self, solution: Solution | None = None) -> Kept:
        """`rigil run` without an agent, as it is or in the way of a solution."""
        way = solution or Solution()
        limit = way.time_limit or (HANGS_S if self.case.hangs and not solution else self.case.time_limit)
        sets = {"timeout": f"{limit:g}", **way.set}
        words = [word for name, value in sets.items() for word in ("--set", f"{name}={value}")]
        argv = self.rigil("run", "--wait", *words)
        if way.times > 1:
            argv = ["/bin/sh", "-c", AGAIN, f"{way.wait:g}", *argv]
        return self.keep(argv, way.times * (limit + 30) + way.wait, **way.variables)

    def keep(self, argv: Sequence[str], limit_s: float, **variables: str) -> Kept:
        """Run a command where the fault is, and let nothing of it outlive this call."""
        return keep(
            mounted(argv, self.spool, self.case.spool) if self.case.spool and may_mount() else argv,
            self.folder,
            env={**os.environ, **self.environment, **variables},
            limit_s=limit_s,
            meanwhile=[str(self.beside), str(self.backend)] if self.beside.exists() else [],
            awaited=[self.backend / self.case.ready] if self.case.ready else [],
            group_bytes=self.case.group_mib << 20,
        )


def skipped(case: Case) -> str | None:
    """Why a case cannot be tried on this machine, or None where it can."""
    if case.spool == "readonly" and not may_mount() and not modes_hold():
        return "nothing can be mounted here, and no folder's mode keeps this user from writing"
    if case.group_mib and control_groups() is None:
        return "no control group with a memory limit can be made here"
    return case.missing()


def _openqasm(case: Case) -> str:
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{case.qubits}];", f"creg c[{case.qubits}];", "h q[0];"]
    gate = "cx q[{before}],q[{qubit}];" if case.circuit == "ghz" else "h q[{qubit}];"
    lines += [gate.format(before=qubit - 1, qubit=qubit) for qubit in range(1, case.qubits)]
    return "\n".join([*lines, "measure q -> c;", ""])

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.machine import Machine, Said
from tools.runs import Run
from tools.sandbox import protection

walled = pytest.mark.skipif(protection().name == "none", reason=f"no sandbox here: {protection().why}")


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python as a run makes one for its workspace."""
    folder = tmp_path_factory.mktemp("interpreter") / "python"
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", str(folder)], check=True)
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """A machine on which nothing was done."""
    return Machine(tmp_path)


@pytest.fixture
def machine(bare: Machine, interpreter: Path) -> Machine:
    """A machine whose workspace has its Python."""
    bare.with_python(interpreter)
    return bare


@pytest.fixture(scope="session")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, Said, Run]:
    """A machine on which `rigil up` has run once: what it said, and its run."""
    machine = Machine(tmp_path_factory.mktemp("brought-up"))
    said = machine.rigil(*machine.up())
    return machine, said, machine.newest()

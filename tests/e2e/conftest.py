from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.machine import Machine, Said
from tools.runs import Run
from tools.sandbox import protection

walled = pytest.mark.skipif(protection().name == "none", reason=f"no sandbox here: {protection().why}")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture(scope="session")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, Said, Run]:
    """A machine on which `rigil up` has run once: what it said, and its run."""
    machine = Machine(tmp_path_factory.mktemp("brought-up"))
    said = machine.rigil(*machine.up())
    return machine, said, machine.newest()

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import bare, interpreter, machine  # noqa: F401
from tests.e2e.machine import Machine


@pytest.fixture
def until_built(machine: Machine) -> Machine:  # noqa: F811
    """A machine on which the build works at the first try."""
    machine.with_header()
    return machine


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"

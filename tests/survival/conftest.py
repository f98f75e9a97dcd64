from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import bare, interpreter, machine  # noqa: F401


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from configs.settings import load_settings
from tests.hostile.outside import SECRET, Outside
from tools.shell import Shell


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    """What lies around the workspace, with the home as ours and a key in the environment."""
    place = Outside(tmp_path, sys.executable)
    monkeypatch.setenv("HOME", str(place.home))
    monkeypatch.setenv("SOME_API_KEY", SECRET)
    yield place
    place.close()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "workspace", tmp_path / "logs", load_settings())

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.session import close_sessions

FEW = "verify:\n  random_circuits: 2\n"
"""So that a test that registers a backend does not take ten seconds."""


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """State, settings and cache of this test alone."""
    for name, folder in (
        ("RIGIL_STATE", "state"),
        ("RIGIL_SETTINGS", "settings.yaml"),
        ("RIGIL_CACHE", "cache"),
    ):
        monkeypatch.setenv(name, str(tmp_path / folder))
    (tmp_path / "settings.yaml").write_text(FEW)
    monkeypatch.delenv("RIGIL_MODEL", raising=False)
    monkeypatch.delenv("PROXIMA_HOME", raising=False)
    yield
    close_sessions()

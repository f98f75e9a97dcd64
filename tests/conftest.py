"""Every test has folders of its own and finds no key, address or setting of the person who runs the tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.catalogue import providers

FOLDERS = {"RIGIL_STATE": "state", "RIGIL_CACHE": "cache", "RIGIL_SETTINGS": "settings.yaml", "PROXIMA_HOME": "proxima"}
FOREIGN = ("RIGIL_", "LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {name for provider in providers().values() for name in (*provider.keys, provider.address_variable)}
    for name in os.environ:
        if name in named or name.startswith(FOREIGN) or name.endswith(("_API_KEY", "_TOKEN")):
            monkeypatch.delenv(name)
    for name, folder in FOLDERS.items():
        monkeypatch.setenv(name, str(tmp_path / folder))

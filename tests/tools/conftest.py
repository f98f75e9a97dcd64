from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from configs.settings import Settings, load_settings
from tools.sandbox import protection
from tools.shell import Shell

PATH = {"PATH": "/usr/bin:/bin"}
walled = pytest.mark.skipif(protection().name == "none", reason=f"no sandbox here: {protection().why}")


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(condition: Callable[[], object], seconds: float = 20) -> bool:
    """Wait for something that another process does; False if it did not happen."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RIGIL_SETTINGS", str(tmp_path / "no-such-settings.yaml"))
    monkeypatch.delenv("RIGIL_MODEL", raising=False)
    return load_settings()


@pytest.fixture
def shell(tmp_path: Path, settings: Settings) -> Shell:
    return Shell(tmp_path / "workspace", tmp_path / "logs", settings)

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from configs.settings import load_settings
from models.ask import Asker
from models.budget import Budget
from models.catalogue import providers
from models.providers import make_chat_model
from models.transcript import Transcript
from tests.models.chat_server import ChatServer


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, address, proxy or settings of the person who runs the tests."""
    named = {name for provider in providers().values() for name in (*provider.keys, provider.address_variable)}
    proxies = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"}
    for name in {*filter(None, named), *proxies, "RIGIL_MODEL", "HF_ENDPOINT"}:
        monkeypatch.delenv(name, raising=False)
    for name in ("RIGIL_STATE", "RIGIL_CACHE", "RIGIL_SETTINGS"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture
def server() -> Iterator[ChatServer]:
    server = ChatServer()
    yield server
    server.close()


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    folder = tmp_path / "prompts"
    folder.mkdir()
    return folder


class AskerMaker:
    """Makes an ``Asker`` for a model; waits between tries are noted instead of slept."""

    def __init__(self, tmp_path: Path, prompts: Path):
        self.prompts = prompts
        self.transcript = Transcript(tmp_path / "run")
        self.waits: list[float] = []

    def __call__(
        self,
        model: str,
        *,
        started: float | None = None,
        on_wait: Callable[[float], None] | None = None,
        **overrides: Any,
    ) -> Asker:
        settings = load_settings(model=model, **overrides)
        budget = Budget(settings.budget, self.transcript, time.time() if started is None else started)
        return Asker(
            lambda: make_chat_model(model, settings),
            settings,
            self.transcript,
            budget,
            "small",
            prompts=self.prompts,
            sleep=on_wait or self.waits.append,
        )


@pytest.fixture
def make_asker(tmp_path: Path, prompts: Path) -> AskerMaker:
    return AskerMaker(tmp_path, prompts)

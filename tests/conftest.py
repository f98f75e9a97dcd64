"""Every test has folders of its own and finds no key, address or setting of the person who runs the tests."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.catalogue import providers
from tests.slurm import MISSING, Slurm

FOLDERS = {"RIGIL_STATE": "state", "RIGIL_CACHE": "cache", "RIGIL_SETTINGS": "settings.yaml", "PROXIMA_HOME": "proxima"}
ATTACK = "attacks tried"
FOREIGN = ("RIGIL_", "LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_")


def pytest_configure() -> None:
    """A shell that starts the tests behind it has SIGINT ignored, and so would every process that they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the tests counted by ``record_property``, a line each; an attack is stopped where its test passes."""
    counted = Counter[str]()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if report.when == "call":
                for name, number in report.user_properties:
                    counted[name] += number
                if outcome == "passed" and ATTACK in dict(report.user_properties):
                    counted["attacks stopped"] += 1
    for name, number in sorted(counted.items()):
        terminalreporter.write_line(f"{name}: {number}")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {name for provider in providers().values() for name in (*provider.keys, provider.address_variable)}
    for name in os.environ:
        if name in named or name.startswith(FOREIGN) or name.endswith(("_API_KEY", "_TOKEN")):
            monkeypatch.delenv(name)
    for name, folder in FOLDERS.items():
        monkeypatch.setenv(name, str(tmp_path / folder))


@pytest.fixture(scope="module")
def one_slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """A Slurm that the tests of a module share; it starts with the first that wants it."""
    if MISSING:
        pytest.skip(f"no Slurm here: {', '.join(MISSING)} is not installed (slurm-wlm and munge)")
    slurm = Slurm(tmp_path_factory.mktemp("slurm"))
    slurm.start()
    yield slurm
    slurm.stop()


@pytest.fixture
def slurm(one_slurm: Slurm, monkeypatch: pytest.MonkeyPatch) -> Slurm:
    """The Slurm that the programs of this test find."""
    for name, value in one_slurm.environment.items():
        monkeypatch.setenv(name, value)
    return one_slurm

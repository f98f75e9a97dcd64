"""A home with backends whose health is known, and the command line on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from configs.settings import load_settings
from nodes.operate.possible import circuit
from tests.tools.tiny_home import home_with, module, program
from tools.health import Outcome
from tools.parts import parts_of
from tools.recipe import Recipe
from tools.standing import Finding, recorded

OLD = "2020-01-01T00:00:00+00:00"


def workspace(tmp_path: Path) -> Path:
    return tmp_path / "state" / "workspaces" / "wavelet"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two backends that were found healthy long ago, and one that a person entered."""
    folders = {"wavelet": workspace(tmp_path), "toy": tmp_path / "state" / "workspaces" / "toy"}
    for folder in folders.values():
        folder.mkdir(parents=True)
    dialects = {"wavelet": program(folders["wavelet"]), "toy": module(folders["toy"])}
    home = home_with(tmp_path / "home", dialects)
    started = str(folders["wavelet"] / "wavelet")
    checks = {
        "wavelet": [
            {"what": "program", "kind": "file", "path": started, "expected": "an executable file"},
            {"what": "answer", "kind": "command", "command": f"{started} --help", "expected": "runs circuits"},
            circuit(),
        ],
        "toy": [circuit()],
    }
    settings = load_settings().health
    for name, folder in folders.items():
        facts = {"checks": checks[name], "workspace": str(folder), "source": str(tmp_path)}
        outcomes = (Outcome("circuit", True, "it agrees", 0.2, "circuit"),)
        recorded(home, Finding(name, "healthy", "", OLD, outcomes), settings, **facts)
    registry = json.loads((home / "backends.json").read_text())
    recipe = Recipe.load(tmp_path / "state", "wavelet")
    recipe.put("parts", {"source_sha256": None, "files": parts_of([Path(started)])}, "for a test")
    registry["backends"]["wavelet"]["recipe"] = str(recipe.path)
    registry["backends"]["mine"] = {"module": "mine", "class": "Mine", "note": "by hand"}
    (home / "backends.json").write_text(json.dumps(registry, indent=4))
    return home


@pytest.fixture
def call(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--proxima-home", str(home)])

    return call

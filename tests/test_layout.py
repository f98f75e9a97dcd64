"""Where things lie, what may import what, and what a command may load."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from graph.checkpoints import make

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cli", "configs", "graph", "models", "nodes", "tools")
HEAVY = {
    "langgraph",
    "langchain_core",
    "langchain_openai",
    "openai",
    "qiskit",
    "numpy",
    "scipy",
    "matplotlib",
    "rich",
    "xllamacpp",
}


def modules() -> list[str]:
    found = list(PACKAGES)
    for name in PACKAGES:
        found += [module.name for module in pkgutil.walk_packages([str(ROOT / name)], f"{name}.")]
    return found


def in_a_new_process(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_the_one_of_the_checkout(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    assert Path(spec.origin).resolve() == ROOT / name / "__init__.py"


def test_the_distribution_holds_every_package_and_nothing_else() -> None:
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert there == {*PACKAGES, "tests"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["packages"]["find"]["include"] == [f"{name}*" for name in PACKAGES]
    assert project["project"]["scripts"] == {"rigil": "cli.main:main"}


def test_files_are_short_and_named_for_what_they_hold() -> None:
    lengths = {path: len(path.read_text().splitlines()) for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    assert len(lengths) > 50
    assert {path.name: length for path, length in lengths.items() if length > 300} == {}
    assert [path.name for path in lengths if re.fullmatch(r"(utils?|helpers?|common)\.py", path.name)] == []


def test_studio_is_given_the_graph_and_the_checkpoints() -> None:
    config = json.loads((ROOT / "langgraph.json").read_text())
    assert config["graphs"] == {"rigil": "graph.app:graph"}
    module, _, name = config["graphs"]["rigil"].partition(":")
    graph = getattr(importlib.import_module(module), name)
    assert graph.checkpointer is None
    path, _, factory = config["checkpointer"]["path"].partition(":")
    assert (ROOT / path).resolve() == Path(make.__wrapped__.__code__.co_filename).resolve()  # type: ignore[attr-defined]
    assert factory == make.__name__


FORBIDDEN = {
    "tools/recipe.py": "import models.errors",
    "models/errors.py": "import tools.runs",
    "configs/settings.py": "import tools.runs",
    "tools/runs.py": "import nodes.session",
    "nodes/step.py": "import graph.routing",
    "nodes/session.py": "import cli.main",
    "graph/routing.py": "import cli.main",
    "graph/state.py": "import nodes.session",
}


def test_imports_that_go_the_wrong_way_are_found(tmp_path: Path) -> None:
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)

    def lint() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )

    right = lint()
    assert right.returncode == 0, right.stdout + right.stderr
    for file, line in FORBIDDEN.items():
        path = tmp_path / file
        path.write_text(f"{path.read_text()}\n{line}\n")
    wrong = lint()
    assert wrong.returncode == 1, wrong.stdout + wrong.stderr
    shown = wrong.stdout.replace("\n", " ")
    for file, line in FORBIDDEN.items():
        importer = file.removesuffix(".py").replace("/", ".")
        assert f"{importer} -> {line.removeprefix('import ')}" in shown


def test_no_import_prints_or_writes_anything(tmp_path: Path) -> None:
    program = f"import importlib\nfor name in {modules()!r}: importlib.import_module(name)"
    done = in_a_new_process(program, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [["--help"], ["up", "--help"], ["runs"], ["show"], ["backends"], ["models", "list"]], ids=" ".join
)
def test_a_command_that_only_looks_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    program = (
        "import sys\n"
        f"sys.argv = ['rigil', *{arguments!r}]\n"
        "from cli.main import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code in (0, 1, None), end.code\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})\n"
    )
    done = in_a_new_process(program, tmp_path)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split()[1:])
    assert "typer" in loaded
    assert loaded & HEAVY == set()
    assert arguments != ["--help"] or "pydantic" not in loaded

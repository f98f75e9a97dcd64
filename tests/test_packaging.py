"""The wheel: built, installed where only its dependencies are, and used from another folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from configs import PROMPTS, TEMPLATES
from tests.test_layout import PACKAGES, ROOT


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command that has to succeed, without the checkout on its path; returns what it printed."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "RIGIL_STATE": str(folder / "state")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    for name in PACKAGES:  # a build leaves its own folders beside the sources
        shutil.copytree(ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, folder / "source")
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        folder,
        folder / "source",
    ]
    run(command, folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel, which sees this one's packages as its dependencies."""
    folder = tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], folder)
    python = folder / "venv" / "bin" / "python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], folder)
    site = Path(run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).strip())
    # Lines of a .pth file come after the environment's own packages; those of an editable install do not count there.
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "dependencies.pth").write_text("".join(f"{path}\n" for path in paths))
    return folder


def test_the_wheel_holds_the_packages_with_their_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert wheel.name.startswith("rigil-")
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == set(PACKAGES)
    data = [*PROMPTS.glob("*.md"), *TEMPLATES.iterdir(), *(ROOT / "configs").glob("*.yaml")]
    wanted = {str(path.relative_to(ROOT)) for path in data if path.is_file()}
    assert len(wanted) > 20
    assert wanted <= names
    code = {str(path.relative_to(ROOT)) for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert code <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_installed_command_runs_in_another_folder(installed: Path) -> None:
    rigil = installed / "venv" / "bin" / "rigil"
    assert "Brings up quantum simulators" in run([rigil, "--help"], installed)
    told = run([rigil, "doctor"], installed)
    assert f"state       {installed / 'state'}" in told
    assert "sandbox     " in told
    assert "embedded:" in run([rigil, "models", "list"], installed)
    assert "diagnose" in run([rigil, "graph"], installed)
    assert not (installed / "state").exists()


def test_the_installed_packages_find_their_prompts_and_templates(installed: Path) -> None:
    program = (
        "import configs\n"
        "from nodes.survey.answers import Description\n"
        "from models.prompts import load_prompt\n"
        "from tools.wrapper import home_file\n"
        "print(configs.__file__)\n"
        "load_prompt(configs.PROMPTS, 'describe').render(Description, {'readme': 'r', 'files': 'f'})\n"
        "print('BaseBackendAdapter' in home_file('proxima_base.py.jinja'))\n"
    )
    where, found = run([installed / "venv" / "bin" / "python", "-c", program], installed).splitlines()
    assert Path(where).is_relative_to(installed / "venv")
    assert found == "True"

"""A small machine: its package manager, a stranger's simulator on it, a scripted model, and the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from ruamel.yaml import YAML
from typer.testing import CliRunner

from cli.main import app
from graph.routing import STEPS
from graph.runner import UNSETTLED
from tools.filesystem import snapshot
from tools.recipe import Recipe
from tools.runs import Run, Runs

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NAME = "tinysim"
PACKAGE = "libqrand-dev"
COMMAND = f"pkgadd {PACKAGE}"
EVERY = [f"{phase}.{name}" for phase, names in STEPS.items() for name in names]
SETTLED = [name for name in EVERY if name not in UNSETTLED]
"""The steps that a whole run settles, in order."""


class Said(NamedTuple):
    """What a command of ours came to."""

    code: int
    out: str
    """Standard output; with ``here`` the errors too."""
    err: str = ""


class Machine:
    """Everything lies below ``folder``.

    Below /tmp a sandboxed command sees the workspace, and what lies beside the programs on PATH: so the index of
    packages and the headers stand in ``lib`` and ``include`` beside the package manager's ``bin``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.home = folder / "proxima"
        self.site = folder / "site"
        """What is imported first where a command of ours starts."""
        self.source = shutil.copytree(HERE / "tinysim", folder / NAME)
        shutil.copytree(HERE / "machine", folder / "machine")
        (folder / "machine" / "include").mkdir()
        self.environment = {
            "PATH": f"{folder / 'machine' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "CPATH": str(folder / "machine" / "include"),
            "RIGIL_STATE": str(self.state),
            "RIGIL_CACHE": str(folder / "cache"),
            "RIGIL_SETTINGS": str(folder / "settings.yaml"),
            "PROXIMA_HOME": str(self.home),
        }
        self.settings()
        self.model = self.answers()

    def answers(self, **changed: Any) -> str:
        """Write the model's script, with some of its answers replaced."""
        script = YAML(typ="safe").load(HERE / "answers.yaml") | changed
        path = self.folder / "answers.yaml"
        with path.open("w") as file:
            YAML(typ="safe").dump(script, file)
        return f"scripted:{path}"

    def until_tested(self, **changed: Any) -> str:
        """A script whose model goes away once the backend is built, so that a run ends there."""
        self.settings("model_call: {tries: 1}")
        return self.answers(list_tests=[{"raise": "refused"}], **changed)

    def settings(self, text: str = "") -> None:
        """Write the person's settings, by which little time goes into the speed and into random circuits."""
        quick = "benchmark: {seconds: 10, repeats: 1}\nverify: {random_circuits: 2}\n"
        (self.folder / "settings.yaml").write_text(f"{quick}{text}\n")

    def with_header(self) -> None:
        """Let the missing header be there."""
        package = self.folder / "machine" / "lib" / "packages" / PACKAGE
        shutil.copytree(package, self.folder / "machine" / "include", dirs_exist_ok=True)

    def with_python(self, made: Path) -> None:
        """Let the workspace have its Python already, which saves seconds."""
        home = self.state / "workspaces" / NAME / "python"
        shutil.copytree(made, home, symlinks=True, copy_function=os.link)
        Recipe.load(self.state, NAME).put("python_files", sorted(snapshot(home)), "as the interpreter made them")

    def without_sandbox(self) -> None:
        """Let there be every program but bubblewrap, and a kernel without Landlock."""
        self.site.mkdir()
        (self.site / "sitecustomize.py").write_text("import tools.landlock\ntools.landlock.version = lambda: 0\n")
        programs = self.folder / "programs"
        programs.mkdir()
        for folder in os.environ["PATH"].split(os.pathsep):
            for path in Path(folder).glob("*"):
                place = programs / path.name
                if path.name != "bwrap" and os.access(path, os.X_OK) and path.is_file() and not place.exists():
                    place.symlink_to(path)
        self.environment["PATH"] = f"{self.folder / 'machine' / 'bin'}{os.pathsep}{programs}"

    def up(self, approve: str = "all") -> list[str]:
        """The arguments that bring tinysim up."""
        return ["up", str(self.source), "--model", self.model, "--approve", approve]

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Begin one of our commands in another folder, its output in ``output.txt``."""
        with (self.folder / "output.txt").open("a") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "cli.main", *arguments],
                cwd=self.folder,
                env={**os.environ, **self.environment, "PYTHONPATH": f"{ROOT}{os.pathsep}{self.site}"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                **options,
            )

    def rigil(self, *arguments: str) -> Said:
        """Run one of our commands in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment, "PYTHONPATH": f"{ROOT}{os.pathsep}{self.site}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def here(self, *arguments: str) -> Said:
        """Run one of our commands in this process, which is quicker."""
        found = CliRunner().invoke(app, arguments, env=self.environment)
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return Said(found.exit_code, found.output)

    def installed(self) -> list[str]:
        """The packages that were installed, in order, each time."""
        path = self.folder / "machine" / "installed.txt"
        return path.read_text().split() if path.exists() else []

    def newest(self) -> Run:
        """The newest run."""
        run = Runs(self.state).latest(unfinished=False)
        assert run is not None
        return run

    def recipe(self) -> dict[str, Any]:
        """The recipe's values, without the times that differ from run to run."""
        return {name: piece.value for name, piece in Recipe.load(self.state, NAME).pieces.items()}

    def settled(self) -> list[str]:
        """The steps that the newest run's journal says were settled, in order."""
        return [line["step"] for line in self.newest().journal() if line.get("settled")]

    def processes(self) -> list[list[str]]:
        """What still runs and has to do with this machine, by its command line or its environment."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                words = process.cmdline()
                if str(self.folder) in " ".join([*words, *process.environ().values()]):
                    found.append(words)
            except psutil.Error:
                continue
        return found


def until(condition: Callable[[], object], seconds: float = 60) -> bool:
    """Wait for something that another process does; False if it did not happen."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True

"""The backend of a case: one of the examples, with what the case adds to it, in a folder of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

from benchmarks import examples
from benchmarks.runtime_faults.case import HERE, Case

HOOK = HERE / "backend"
WRAPPED = ("main", "_ZN5svsim3runERKNS_7CircuitEmdm")
"""Of svsim; the second is ``svsim::run``."""
SINGLE = {"transform": "map", "mapping": {"single": "complex64", "double": "complex128"}}


def build(folder: Path) -> str | None:
    """Build svsim once for all the cases; says why that is not possible, or None."""
    return examples.built(folder, "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O1")


def make(case: Case, folder: Path, objects: Path, seconds: int) -> None:
    """Make the case's backend.

    Args:
        case: what is made.
        folder: a new folder for it.
        objects: where `build` built svsim.
        seconds: how long it takes, where it takes its time.

    Raises:
        subprocess.CalledProcessError: if something does not compile.
    """
    folder.mkdir()
    if case.backend == "pysv":
        package = shutil.copytree(examples.EXAMPLES / "pysv" / "src", folder / "src") / "pysv"
        with (package / "simulator.py").open("a") as file:
            file.write((case.folder / "part.py").read_text())
        return
    for name in ("bin", "libexec"):
        (folder / name).mkdir()
    launch = case.folder / "launch"
    target = folder / ("libexec" if launch.exists() else "bin") / "svsim"
    if launch.exists():
        shutil.copy2(launch, folder / "bin" / "svsim")
    line = _link(case, folder, target, objects, seconds)
    _run(line, folder)
    if (case.folder / "prepare").exists():
        _run([str(case.folder / "prepare")], folder, LINK=shlex.join(line))
    if case.preload:
        _run(["cc", "-shared", "-fPIC", "-o", "preload.so", str(case.folder / "preload.c")], folder)


def dialect(case: Case, folder: Path) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """(how the case's backend is spoken to, how it takes more of ProximA's parameters, its further options)."""
    if case.backend == "pysv":
        found = examples.module(folder / "src")
        line = "s = Simulator()"
        found["inserts"] = {"precision": {"line": line, "at": len(line) - 1, "text": "dtype=⟨value⟩"}}
        return found, {"precision": {**SINGLE, "backend_param": "dtype", "default": "double"}}, []
    found = examples.program(folder / "bin" / "svsim")
    if case.output_file:
        found["output_file"] = case.output_file
    if not case.threads:
        return found, {}, []
    found["options"] = {"parallelization": "--threads ⟨value⟩"}
    return (
        found,
        {"parallelization": {"backend_param": "--threads", "transform": "direct", "default": 8}},
        ["--threads"],
    )


def _link(case: Case, folder: Path, target: Path, objects: Path, seconds: int) -> list[str]:
    part = case.folder / "part.cpp"
    (folder / "src").mkdir()
    # An assertion names its file, which may not tell the fault.
    shutil.copy2(part if part.exists() else HOOK / "nothing.cpp", folder / "src" / "blocks.cpp")
    sources = [HOOK / "hook.cpp", Path("src", "blocks.cpp")]
    compiler = os.environ.get("CXX") or "c++"
    macros = [f'-DPLACE="{folder}"', f"-DSECONDS={seconds}"]
    linked = [next(objects.glob("CMakeFiles/svsim.dir/src/main.cpp.o")), objects / "libsvsim_core.a"]
    wrapped = [f"-Wl,--wrap={name}" for name in WRAPPED]
    options = ["-std=c++17", "-O1", "-pthread", f"-I{HOOK}", *macros, *wrapped]
    return [compiler, *options, "-o", str(target), *map(str, sources), *map(str, linked)]


def _run(command: list[str], folder: Path, **variables: str) -> None:
    environment = {**os.environ, **variables}
    subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )

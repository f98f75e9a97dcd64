"""Many runs in one process: what they leave behind stays bounded, and what a person may want stays."""

from __future__ import annotations

import ctypes
import gc
import os
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from graph.runner import PARTIAL
from tests.e2e.machine import Machine
from tools.control_group import HIERARCHIES
from tools.retention import clean
from tools.runs import Run, Runs

KEPT = 4


def finished(runs: Runs, name: str, status: str = "verified") -> Run:
    run = runs.create(f"/src/{name}", name, "rules")
    run.record("say", "something")
    run.update(status=status)
    return run


def test_the_oldest_finished_runs_go_and_those_that_can_go_on_stay(state: Path) -> None:
    runs = Runs(state)
    lonely = finished(runs, "b")
    waiting = finished(runs, "a", "waiting")
    stopped = finished(runs, "a", "stopped")
    held, *old = [finished(runs, "a") for _ in range(4)]
    newest = [finished(runs, "a") for _ in range(2)]
    workspace = newest[0].workspace
    workspace.mkdir(parents=True)
    note = old[0].folder / "logs" / "note.txt"
    note.write_text("mine")
    later = old[0].folder.joinpath("run.json").stat().st_mtime + 3600
    os.utime(note, (later, later))
    for path in old[1].folder.rglob("*"):
        os.utime(path, (0, 0))  # a run of long ago
    forgotten: list[str] = []

    with held.alone():
        removed = clean(runs, 2, forgotten.append)

    assert removed == forgotten == [run.id for run in old]
    assert {run.id for run in runs.list()} == {run.id for run in (lonely, waiting, stopped, held, *newest)}
    assert note.read_text() == "mine"
    assert [path for path in old[0].folder.rglob("*") if path.is_file() and path.name not in (".lock",)] == [note]
    assert not old[1].folder.exists()
    assert workspace.exists()
    assert clean(runs, 0, forgotten.append) == [held.id, newest[0].id]


@pytest.mark.parametrize(("number", "phase"), [(10, "survey"), pytest.param(200, "verify", marks=pytest.mark.whole)])
def test_memory_handles_disk_and_checkpoints_stay_bounded(number: int, phase: str, bare: Machine) -> None:
    bare.settings(f"keep: {{runs: {KEPT}}}")
    bare.with_header()
    process = psutil.Process()

    def opened() -> list[str]:
        """What is open but for files of the installed packages: a cache of fonts is bounded by matplotlib itself."""
        files = []
        for path in Path("/proc/self/fd").iterdir():
            with suppress(FileNotFoundError):  # the one by which the folder is read
                files.append(str(path.readlink()))
        return [name for name in files if not name.startswith(sys.prefix)]

    def measured() -> dict[str, int]:
        gc.collect()
        with suppress(AttributeError):  # another C library than GNU's
            ctypes.CDLL(None).malloc_trim(0)  # what is free and was not given back is not kept by us
        with closing(sqlite3.connect(bare.state / "checkpoints.sqlite")) as connection:
            threads = connection.execute("SELECT COUNT(DISTINCT thread_id) FROM checkpoints").fetchone()[0]
            used = connection.execute("SELECT page_count FROM pragma_page_count").fetchone()[0]
        return {
            "files": len(opened()),
            "threads of the process": process.num_threads(),
            "children": len(process.children(recursive=True)),
            "memory in MiB": process.memory_info().rss >> 20,
            "runs": len(list((bare.state / "runs").iterdir())),
            "threads": threads,
            "pages": used,
            "disk in KiB": sum(path.lstat().st_size for path in bare.state.rglob("*") if path.is_file()) >> 10,
        }

    def up() -> None:
        said = bare.here(*bare.up(), "--until", phase)
        assert said.code == PARTIAL, said

    for _ in range(KEPT + 1):
        up()
    before = measured()
    for _ in range(number - KEPT - 1):
        up()
    after = measured()

    assert after["runs"] == after["threads"] == KEPT, after
    assert after["files"] <= before["files"] + 2, (before, after)
    assert after["threads of the process"] <= before["threads of the process"] + 2, (before, after)
    assert after["children"] == before["children"]
    assert after["memory in MiB"] <= before["memory in MiB"] + 40, (before, after)
    assert after["pages"] <= before["pages"] * 2 and after["disk in KiB"] <= before["disk in KiB"] * 2, (before, after)


def test_the_command_says_what_it_removed_and_gives_the_room_back(bare: Machine) -> None:
    assert bare.here("runs", "clean").out == "There is nothing to remove.\n"
    for _ in range(3):
        assert bare.here(*bare.up(), "--until", "survey").code == PARTIAL
    file = bare.state / "checkpoints.sqlite"
    before = file.stat().st_size
    *gone, _ = sorted(path.name for path in (bare.state / "runs").iterdir())
    said = bare.here("runs", "clean", "--keep", "1")
    assert (said.code, said.out) == (0, "2 removed, 1 left.\n")
    assert file.stat().st_size < before
    # Nothing of theirs is left, be it a file or what stands in one; the workspace and the recipe are the backend's.
    left = [path for path in bare.state.rglob("*") if path.is_file() and not path.is_symlink()]
    assert left and not [path for path in left for run in gone if run in str(path) or run.encode() in path.read_bytes()]
    assert bare.newest().workspace.is_dir() and bare.recipe()
    assert bare.processes() == []
    mine = [hierarchy.glob(f"rigil-{os.getpid()}-*") for hierarchy in HIERARCHIES]
    assert not [group for groups in mine for group in groups]
    assert len(bare.here("runs").out.splitlines()) == 1
    assert bare.here("runs", "clean").out == "0 removed, 1 left.\n"

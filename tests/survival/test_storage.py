"""The state folder is damaged, full, closed or in use: it is said, nothing is lost, and the run goes on later."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from graph.runner import PARTIAL, USAGE
from tests.e2e.conftest import walled
from tests.e2e.machine import Machine, until

SURVEYED = ("--until", "survey")


def checkpoints(machine: Machine) -> Path:
    return machine.state / "checkpoints.sqlite"


@pytest.mark.parametrize("damage", ["no database", "torn"])
def test_damaged_checkpoints_are_kept_aside_and_the_run_begins_anew(damage: str, bare: Machine) -> None:
    assert bare.here(*bare.up(), *SURVEYED).code == PARTIAL
    file = checkpoints(bare)
    whole = file.read_bytes()
    damaged = b"no database at all" * 100 if damage == "no database" else whole[:4096] + b"\xff" * 8192 + whole[12288:]
    file.write_bytes(damaged)

    said = bare.here("resume", bare.newest().id)

    assert said.code == PARTIAL, said
    (aside,) = bare.state.glob("checkpoints.sqlite.damaged-*")
    assert aside.read_bytes() == damaged
    assert str(aside) in " ".join(line["text"] for line in bare.newest().journal())
    assert "was damaged and is kept as" in " ".join(said.out.split())
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_second_process_is_told_who_holds_the_run(bare: Machine) -> None:
    assert bare.here(*bare.up(), *SURVEYED).code == PARTIAL
    run = bare.newest()
    before = (run.folder / "journal.jsonl").read_bytes()
    with run.lock():
        said = bare.rigil("resume", run.id)
    assert said.code == USAGE
    assert f"The run {run.id} is held by process" in said.err and "Wait for it, or stop it." in said.err
    assert (run.folder / "journal.jsonl").read_bytes() == before


def test_checkpoints_that_another_program_holds_are_waited_for_and_then_it_is_said(
    bare: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bare.here(*bare.up(), *SURVEYED).code == PARTIAL
    program = "import graph.checkpoints as c; c.WAIT_MS = 200\nfrom cli.main import main\nmain()"
    with closing(sqlite3.connect(checkpoints(bare))) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        done = run(bare, [sys.executable, "-c", program, *bare.up(), *SURVEYED])
    assert done.returncode == USAGE, done
    assert "database is locked" in done.stderr and "Traceback" not in done.stderr
    assert list(bare.state.glob("*.damaged-*")) == []
    assert bare.here("resume").code == PARTIAL


def run(machine: Machine, command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    import os

    from tests.e2e.machine import ROOT

    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command,
        cwd=machine.folder,
        env={**os.environ, **machine.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        **options,
    )


@pytest.mark.parametrize("most", [0, 30_000, 60_000])
def test_a_full_disk_is_said_and_with_room_again_the_run_goes_on(most: int, bare: Machine) -> None:
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    done = run(bare, [sys.executable, "-m", "cli.main", *bare.up(), *SURVEYED], preexec_fn=full)

    assert done.returncode == USAGE, done
    assert done.stderr.startswith("rigil: ") and "Traceback" not in done.stderr
    assert until(lambda: bare.processes() == [])
    there = list((bare.state / "runs").glob("*/run.json"))
    again = bare.here("resume") if there else bare.here(*bare.up(), *SURVEYED)
    assert again.code == PARTIAL, again


def test_a_state_folder_that_cannot_be_written_is_said(bare: Machine) -> None:
    (bare.folder / "file").write_text("in the way")
    for state in ("/sys/rigil", str(bare.folder / "file" / "state")):
        bare.environment["RIGIL_STATE"] = state
        for command in ([*bare.up(), *SURVEYED], ["resume"]):
            said = bare.rigil(*command)
            assert said.code == USAGE, said
            assert said.err.startswith("rigil: ") and said.err.count("\n") == 1, said.err


@walled
def test_a_state_folder_that_became_read_only_is_said_and_what_only_reads_still_works(bare: Machine) -> None:
    assert bare.here(*bare.up(), *SURVEYED).code == PARTIAL
    before = {path: path.read_bytes() for path in bare.state.rglob("*") if path.is_file()}
    walls = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(bare.state), str(bare.state)]
    for command in (bare.up(), ["resume", bare.newest().id]):
        done = run(bare, [*walls, sys.executable, "-m", "cli.main", *command])
        assert done.returncode == USAGE, done
        assert done.stderr.startswith("rigil: ") and "Traceback" not in done.stderr, done.stderr
        assert "Read-only" in done.stderr or "cannot be" in done.stderr
    for command in (["runs"], ["show", bare.newest().id]):
        done = run(bare, [*walls, sys.executable, "-m", "cli.main", *command])
        assert (done.returncode, done.stderr) == (0, ""), done
    assert before == {path: path.read_bytes() for path in bare.state.rglob("*") if path.is_file()}
    assert bare.here(*bare.up(), *SURVEYED).code == PARTIAL

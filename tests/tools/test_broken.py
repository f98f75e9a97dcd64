"""Broken copies are really broken, whatever way they are made, and the backend stays as it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nodes.operate.possible import circuit
from tests.tools import shared_library
from tests.tools.conftest import walled
from tools import broken, loaded
from tools.broken import Fault, faults, made
from tools.filesystem import snapshot
from tools.health import Setting, execute_circuit, perform
from tools.parts import changes, parts_of
from tools.sandbox import Protection
from tools.shell import Shell

compiled = pytest.mark.skipif(shared_library.COMPILER is None, reason="no C compiler here")


@pytest.fixture
def setting(shell: Shell) -> Setting:
    return Setting(shared_library.dialect(shell.workspace), shell, 0.0001, 0.05)


@pytest.fixture(params=[pytest.param("bubblewrap", marks=walled), "none"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(broken, "protection", lambda: Protection(request.param, "for a test"))
    return str(request.param)


@compiled
def test_every_fault_breaks_the_copy_and_nothing_else(setting: Setting, way: str) -> None:
    workspace = setting.shell.workspace
    program, library = workspace / "bin" / "twin", workspace / "lib" / "libbell.so"
    before = {name: state for name, state in snapshot(workspace, hashes=True).items() if not name.startswith("tmp/")}
    assert perform(circuit(), setting).healthy

    said = {}
    for fault in faults(program, [], [library]):
        with made(fault, setting) as copy:
            outcome = perform(circuit(), copy)
        assert not outcome.healthy and not outcome.answered, fault
        said[fault.what] = outcome.sentence

    assert list(said) == [
        "the program is gone",
        "the program is an empty file",
        "the program may not be executed",
        "the program is damaged",
        "the library libbell.so is gone",
    ]
    assert "libbell.so" in said["the library libbell.so is gone"]
    assert perform(circuit(), setting).healthy
    after = {name: state for name, state in snapshot(workspace, hashes=True).items() if not name.startswith("tmp/")}
    assert after == before


@compiled
@walled
def test_what_a_program_loads_is_seen_before_it_runs_and_while_it_does(setting: Setting) -> None:
    library = setting.shell.workspace / "lib" / "libbell.so"
    program = setting.shell.workspace / "bin" / "twin"

    assert library in loaded.by_loader(str(program), setting.runner(), setting.folder, 10)
    waiting = "import sys, time; print(open('/proc/self/maps').read()); time.sleep(0.3)"
    seen = loaded.mapped_while(
        lambda started: setting.shell.run(["python3", "-c", waiting], name="maps", on_start=started)
    )
    mapped, _ = loaded.said(next(setting.shell.logs.glob("*-maps.log")).read_text())
    assert mapped and set(mapped) <= set(seen)


@compiled
def test_a_library_that_is_only_linked_to_is_missed_under_its_link(setting: Setting, way: str) -> None:
    library = setting.shell.workspace / "lib" / "libbell.so"
    real = library.rename(library.with_name("libbell.so.1.2"))
    library.symlink_to(real.name)
    assert perform(circuit(), setting).healthy

    with made(Fault("library", real, "gone"), setting) as copy:
        assert not perform(circuit(), copy).healthy


@compiled
def test_a_file_check_sees_the_copy_too(setting: Setting, way: str) -> None:
    program = setting.shell.workspace / "bin" / "twin"
    check = {"what": "program", "kind": "file", "path": str(program), "expected": "an executable file"}
    assert perform(check, setting).healthy

    for harm in ("gone", "empty", "not executable"):
        with made(Fault("program", program, harm), setting) as copy:
            assert not perform(check, copy).healthy, harm
    with made(Fault("program", program, "damaged"), setting) as copy:
        assert perform(check, copy).healthy  # it looks at the file, not into it


@compiled
def test_it_can_be_told_what_became_of_the_files(setting: Setting) -> None:
    program = setting.shell.workspace / "bin" / "twin"
    library, other = setting.shell.workspace / "lib" / "libbell.so", setting.shell.workspace / "bell.c"
    parts = parts_of([program, library, other, Path("/no/such/file")])
    assert len(parts) == 3 and changes(parts) == []

    program.chmod(0o644)
    library.unlink()
    other.write_text("")

    assert [(change.path.name, change.what) for change in changes(parts)] == [
        ("twin", "not executable"),
        ("libbell.so", "gone"),
        ("bell.c", "empty"),
    ]


@walled
def test_a_file_may_be_missed_in_the_sandbox_alone(shell: Shell) -> None:
    from tools.sandbox import Permit

    for name in ("one", "two"):
        (shell.workspace / "data" / name).parent.mkdir(exist_ok=True)
        (shell.workspace / "data" / name).write_text(name)
    permit = Permit(shell.workspace, instead=((shell.workspace / "data" / "one", None),))

    finished = shell.run("ls data; echo new >> data/two", name="ls", permit=permit)

    assert finished.log.read_text().split() == ["two"]
    assert (shell.workspace / "data" / "one").read_text() == "one"
    assert (
        subprocess.run(["cat", shell.workspace / "data" / "two"], capture_output=True, check=True).stdout == b"twonew\n"
    )


@walled
def test_a_program_may_be_missed_where_the_workspace_may_only_be_read(shell: Shell) -> None:
    from tools.sandbox import Permit

    (shell.workspace / "program").write_text("")
    permit = Permit(shell.workspace, read_only=True, instead=((shell.workspace / "program", None),))

    finished = shell.run("ls; touch tmp/new && echo written; touch new home/new", name="ls", permit=permit)

    said = finished.log.read_text()
    assert "program" not in said.split() and "home" in said.split() and "written" in said
    assert finished.exit_status == 1 and not (shell.workspace / "home" / "new").exists()


@compiled
def test_the_circuit_of_a_check_can_be_watched(setting: Setting) -> None:
    pids: list[int] = []
    assert execute_circuit(circuit(), setting, on_start=pids.append) == {"00": 520, "11": 480}
    assert len(pids) == 1

"""Attacks on the version control of the tree that is built, and on what a run records."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from configs.settings import load_settings
from tests.tools.conftest import walled
from tools.sandbox import Permit
from tools.shell import Shell

IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@b")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "workspace", tmp_path / "logs", load_settings())


@walled
@pytest.mark.parametrize(
    "attack",
    [
        "echo evil > src/.git/hooks/post-checkout",
        "mv src/.git away; mkdir -p src/.git/hooks; echo evil > src/.git/hooks/post-checkout",
        "rm -rf src/.git; mkdir -p src/.git/hooks; echo evil > src/.git/hooks/post-checkout",
        "echo '[core] hooksPath = /tmp' > src/.git/config",
        "ln -s src/.git link; echo evil > link/hooks/post-checkout",
    ],
)
def test_a_hook_in_the_trees_own_git(attack: str, shell: Shell) -> None:
    git = shell.workspace / "src" / ".git"
    (git / "hooks").mkdir(parents=True)
    (git / "config").write_text("[core]")
    shell.run(attack, name="hook")
    assert sorted(path.name for path in git.rglob("*")) == ["config", "hooks"]
    assert (git / "config").read_text() == "[core]"


@walled
def test_a_git_file_is_not_pointed_elsewhere(shell: Shell) -> None:
    git = shell.workspace / "src" / ".git"
    git.parent.mkdir()
    git.write_text("gitdir: ../real")
    shell.run("echo 'gitdir: /tmp/evil' > src/.git; rm -f src/.git", name="file")
    assert git.read_text() == "gitdir: ../real"


@walled
def test_history_is_read_and_written_where_the_person_said_so(shell: Shell) -> None:
    tree = shell.workspace / "src"
    tree.mkdir()
    (tree / "a").write_text("a")
    for command in (["init", "-q"], ["add", "a"], [*IDENTITY, "commit", "-qm", "first"], ["tag", "v1"]):
        subprocess.run(["git", *command], cwd=tree, check=True)
    described = shell.run("git describe --tags --dirty; git submodule status", name="describe", cwd=tree)
    assert described.ok and described.log.read_text() == "v1\n"
    assert not shell.run("git tag v2", name="tag", cwd=tree).ok
    permit = Permit(shell.workspace, history=True)
    assert permit.tier == 2
    assert shell.run("git tag v2", name="tag", cwd=tree, permit=permit).ok
    assert (tree / ".git" / "refs" / "tags" / "v2").exists()


@walled
def test_the_records_of_runs_are_out_of_reach_wherever_they_lie(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.sandbox.HIDDEN", ())
    record = tmp_path / "state" / "runs" / "1" / "run.json"
    record.parent.mkdir(parents=True)
    record.write_text("PLANTED")
    read = f"cat {record}"
    monkeypatch.setenv("RIGIL_STATE", str(tmp_path / "elsewhere"))
    assert shell.run(read, name="read").log.read_text() == "PLANTED"
    monkeypatch.setenv("RIGIL_STATE", str(tmp_path / "state"))
    assert "PLANTED" not in shell.run(read, name="read").log.read_text()

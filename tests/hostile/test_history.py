"""Attacks on the version control of the tree that is built, and on what a run records."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.tools.conftest import walled
from tools import sandbox
from tools.confined import confinement
from tools.sandbox import Permit, Protection
from tools.shell import Shell

KINDS = (".git", ".hg")

IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@b")


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


PLANTS = {
    "makes one": "mkdir -p tree/.git/hooks; echo evil > tree/.git/hooks/post-checkout",
    "has one made": "git init -q tree; git -C tree config core.fsmonitor ./evil",
    "links to one": "mkdir -p evil/hooks; ln -s ../evil tree/.git",
    "points to one": "echo 'gitdir: ../evil' > tree/.git",
    "makes another kind": "mkdir tree/.hg; printf '[hooks]\\nupdate = ./evil\\n' > tree/.hg/hgrc",
    "makes it hard to remove": "mkdir -p tree/.git/hooks; chmod 555 tree/.git tree",
    "makes one above": "mkdir -p .git/hooks; echo evil > .git/hooks/post-checkout",
    "makes one beside": "mkdir -p other/.git/hooks; echo evil > other/.git/hooks/post-checkout",
    "leaves one behind": "setsid sh -c 'sleep 0.3; mkdir -p tree/.git/hooks' >/dev/null 2>&1 &",
    "moves the old one": "mv src gone; mkdir -p src/.git/hooks; echo evil > src/.git/hooks/post-checkout",
    "moves the old one away": "mv src/.git src/was; mkdir -p src/.git/hooks; echo evil > src/.git/hooks/post-checkout",
}


@walled
@pytest.mark.parametrize("walls", ["here", "landlock"])
@pytest.mark.parametrize("attack", PLANTS.values(), ids=PLANTS)
def test_no_history_is_planted_where_there_was_none(
    attack: str, walls: str, shell: Shell, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    if walls == "landlock":
        if not confinement()[0]:
            pytest.skip(f"no Landlock here: {confinement()[1]}")
        monkeypatch.setattr(sandbox, "_walls", lambda: ((), Protection("landlock", "for a test")))
    record_property("attacks tried", 1)
    (shell.workspace / "tree").mkdir()
    mine = shell.workspace / "src" / ".git" / "config"
    mine.parent.mkdir(parents=True)
    mine.write_text("[core]")
    shell.run(attack, name="plant")
    time.sleep(0.5 if "sleep" in attack else 0)
    left = [path for path in (shell.workspace, *shell.workspace.glob("*")) for name in KINDS if (path / name).exists()]
    # What Landlock lets it move away does not come back, but nothing stands in its place.
    assert [path.name for path in left] in ([["src"]] if walls == "here" else [["src"], []])
    assert not [path for path in left if (path / ".git" / "hooks").exists()]


@walled
def test_what_a_command_may_make_stays_and_what_is_not_there_is_not_seen(shell: Shell) -> None:
    (shell.workspace / "tree").mkdir()
    seen = shell.run("test -e tree/.git || echo absent", name="look")
    assert seen.log.read_text() == "absent\n"
    permit = Permit(shell.workspace, network=True, history=True)
    assert shell.run("git init -q tree", name="init", permit=permit).ok
    assert (shell.workspace / "tree" / ".git" / "HEAD").exists()
    told = shell.run("git init -q other", name="init")
    assert "other/.git was put away" in told.log.read_text()


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

"""Attacks that nothing stops yet; one that is stopped one day makes its test fail until it is moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.settings import load_settings
from tests.tools.conftest import walled
from tools.shell import Shell

MANY = "for i in $(seq 300); do sleep 3 & done; jobs -p | wc -l"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "workspace", tmp_path / "logs", load_settings())


@walled
@pytest.mark.xfail(strict=True, reason="a command may write in the .git of the tree that it builds")
def test_a_hook_in_the_trees_own_git(shell: Shell) -> None:
    hooks = shell.workspace / "src" / ".git" / "hooks"
    hooks.mkdir(parents=True)
    shell.run("echo evil > src/.git/hooks/post-checkout", name="hook")
    assert list(hooks.iterdir()) == []


@walled
@pytest.mark.xfail(strict=True, reason="no setting limits how many processes a command has")
def test_more_processes_than_a_build_needs(shell: Shell) -> None:
    finished = shell.run(["bash", "-c", MANY], name="forks")
    assert "300\n" not in finished.log.read_text()


@walled
@pytest.mark.xfail(strict=True, reason="no setting limits how large a file may be")
def test_a_file_larger_than_the_disk(shell: Shell) -> None:
    shell.run("truncate -s 4T huge", name="huge")
    huge = shell.workspace / "huge"
    large = huge.exists() and huge.stat().st_size > 1 << 40
    huge.unlink(missing_ok=True)
    assert not large

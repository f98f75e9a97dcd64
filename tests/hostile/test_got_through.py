"""Attacks that nothing stops yet; one that is stopped one day makes its test fail until it is moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.settings import load_settings
from tests.tools.conftest import walled
from tools.shell import Shell


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

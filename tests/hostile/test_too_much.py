"""Attacks that take more of the machine than a command is given, and what they leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.settings import load_settings
from tests.tools.conftest import walled
from tools.shell import Shell

MANY = "for i in $(seq 300); do sleep 30 & done; jobs -p | wc -l; wait"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "workspace", tmp_path / "logs", load_settings(limits={"processes": 100}))


@walled
def test_more_processes_than_a_build_needs(shell: Shell) -> None:
    finished = shell.run(["bash", "-c", MANY], name="forks", timeout_s=60)
    assert "of 100 that it may have" in finished.in_words


@walled
def test_a_file_larger_than_the_disk(shell: Shell) -> None:
    assert not shell.run("truncate -s 4T huge", name="huge").ok
    huge = shell.workspace / "huge"
    large = huge.exists() and huge.stat().st_size > 1 << 40
    huge.unlink(missing_ok=True)
    assert not large

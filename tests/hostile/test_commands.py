"""Every command that attacks, as a model that obeys would have it run, and what it did outside."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.attacks import COMMANDS
from tests.hostile.outside import Outside
from tests.tools.conftest import until, walled
from tools.overlay import PACKAGES
from tools.sandbox import Permit
from tools.shell import Shell


@walled
@pytest.mark.parametrize("attack", COMMANDS.values(), ids=COMMANDS)
def test_nothing_outside_is_touched(attack: str, outside: Outside, shell: Shell, record_property: Any) -> None:
    record_property("attacks tried", 1)
    finished = shell.run(attack.format(**outside.names), name="attack", timeout_s=12)
    assert finished.started
    until(lambda: not outside.left(), seconds=5)  # those that were killed take a moment to go
    assert outside.harm() == []


LOADED = """#include <stdio.h>
__attribute__((constructor)) static void load(void) {
  FILE *outside = fopen("%s", "a"), *inside = fopen("%s", "a");
  if (outside) fputs("loaded\\n", outside), fclose(outside);
  if (inside) fputs("loaded\\n", inside), fclose(inside);
}
"""


def loaded(outside: Outside, shell: Shell) -> tuple[dict[str, str], Path]:
    """A variable that loads code into whatever is started with it, and what that writes in the workspace."""
    code, mark = shell.workspace / "evil.c", shell.workspace / "mark"
    code.write_text(LOADED % (outside.near / "kept", mark))
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shell.workspace / "evil.so", code], check=True)
    return {"LD_PRELOAD": str(shell.workspace / "evil.so")}, mark


@walled
@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler here")
@pytest.mark.parametrize("packages", [False, True])
def test_a_variable_loads_nothing_into_what_puts_up_the_walls(
    packages: bool, outside: Outside, shell: Shell, record_property: Any
) -> None:
    record_property("attacks tried", 1)
    (shell.workspace / PACKAGES / "one" / "usr" / "share").mkdir(parents=True)
    variables, mark = loaded(outside, shell)
    permit = Permit(shell.workspace, packages=packages)
    for command in ("true", ["true"]):
        assert shell.run(command, name="attack", permit=permit, variables=variables).ok
    assert "loaded" in mark.read_text()
    assert outside.harm() == []


@pytest.mark.parametrize(
    ("attack", "harm"),
    [
        ("reads a key", "the secret was read"),
        ("writes to a neighbour", "near/kept changed"),
        ("removes a neighbour", "near/kept is gone"),
        ("changes its time", "near/kept changed"),
        ("forges the record", "run.json changed"),
        ("calls out", "tcp was called"),
        ("calls an agent", "unix was called"),
        ("calls out by shell", "tcp was called"),
        ("writes through a link", "near/kept changed"),
        ("writes up the tree", "near/kept changed"),
        ("swaps while it is checked", "near/kept changed"),
        ("links a key hard", "near/kept changed"),
        ("reads up the tree", "the secret was read"),
        ("packs the home", "the secret was read"),
        ("decodes what it runs", "the secret was read"),
        ("looks safe when quoted", "the secret was read"),
        ("builds with code that attacks", "the secret was read"),
        ("attacks when make reads", "near/kept is gone"),
        ("attacks when it is imported", "the secret was read"),
    ],
)
def test_without_walls_the_same_attack_is_seen(attack: str, harm: str, outside: Outside, shell: Shell) -> None:
    permit = Permit(shell.workspace, machine=True)
    shell.run(COMMANDS[attack].format(**outside.names), name="attack", permit=permit, timeout_s=12)
    assert any(sentence.endswith(harm) for sentence in outside.harm())


def test_a_process_that_is_left_is_seen(outside: Outside, shell: Shell) -> None:
    with subprocess.Popen(["sleep", "7321"], cwd=shell.workspace) as process:
        assert until(lambda: f"process {process.pid} is left" in outside.harm())
        process.kill()

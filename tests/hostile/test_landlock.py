"""The attacks by commands where bubblewrap is refused and Landlock is the wall; what it does not hold is named."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from tests.hostile.attacks import COMMANDS
from tests.hostile.outside import SECRET, Outside
from tests.hostile.test_commands import loaded
from tests.tools.conftest import until
from tools import sandbox
from tools.confined import confinement
from tools.sandbox import Permit, Protection
from tools.shell import Shell

pytestmark = pytest.mark.skipif(not confinement()[0], reason=f"no Landlock here: {confinement()[1]}")

QUICK = ("reads a key", "reads through a parent's root", "links a key hard", "writes through a link", "mounts over it")
QUICK += ("makes a device", "calls out", "calls an agent", "calls an abstract socket", "kills whom it sees")
QUICK += ("forks twice and forgets its cookie", "renames a neighbour", "reads up the tree")
GAPS = ("changes its mode", "changes its time")


@pytest.fixture(autouse=True)
def walls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_walls", lambda: ((), Protection("landlock", "for a test")))


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(attack, id=name, marks=[] if name in QUICK else [pytest.mark.whole])
        for name, attack in COMMANDS.items()
        if name not in GAPS
    ],
)
def test_nothing_outside_is_touched(attack: str, outside: Outside, shell: Shell) -> None:
    finished = shell.run(attack.format(**outside.names), name="attack", timeout_s=12)
    assert finished.started
    until(lambda: not outside.left(), seconds=5)
    assert outside.harm() == []


@pytest.mark.parametrize("attack", GAPS)
def test_what_is_not_held_is_said(attack: str, outside: Outside, shell: Shell) -> None:
    shell.run(COMMANDS[attack].format(**outside.names), name="attack", timeout_s=12)
    assert outside.harm() != []
    assert "modes, owners and times of your files elsewhere" in confinement()[1]


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler here")
def test_a_variable_loads_nothing_into_what_puts_up_the_walls(outside: Outside, shell: Shell) -> None:
    variables, mark = loaded(outside, shell)
    assert shell.run("true", name="attack", variables=variables).ok
    assert "loaded" in mark.read_text()
    assert outside.harm() == []


def test_a_build_works_and_its_end_is_known(shell: Shell) -> None:
    (shell.workspace / "Makefile").write_text("all:\n\tsleep 0.1 & mkdir -p out && echo built > out/a; mv out done\n")
    assert shell.run("make && cat done/a", name="make").log.read_text().endswith("built\n")
    assert shell.run("exit 7", name="status").exit_status == 7
    assert shell.run([sys.executable, "-c", "import os; os.abort()"], name="crash").killed_by == 6
    assert shell.run("kill -PIPE $$; echo alive", name="pipe").killed_by == 13
    assert "no-such" in shell.run("./no-such", name="missing").log.read_text()
    capabilities = shell.run("grep CapEff /proc/self/status", name="capabilities")
    assert capabilities.log.read_text().split()[-1] == "0" * 16


def test_permits_are_honoured(shell: Shell, outside: Outside) -> None:
    kept = outside.near / "kept"
    read = Permit(shell.workspace, readable=(kept,))
    finished = shell.run(f"cat {kept}; echo x > {kept}", name="read", permit=read)
    assert finished.log.read_text().startswith(SECRET) and not finished.ok
    shell.run("echo x > file; echo y > tmp/file", name="only", permit=Permit(shell.workspace, read_only=True))
    assert not (shell.workspace / "file").exists() and (shell.workspace / "tmp" / "file").exists()
    call = COMMANDS["calls out"].format(**outside.names)
    assert shell.run(call, name="call", permit=Permit(shell.workspace, network=True)).ok
    agent = COMMANDS["calls an agent"].format(**outside.names)
    assert not shell.run(agent, name="agent", permit=Permit(shell.workspace, network=True)).ok


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could read it")
def test_root_reads_no_disk_and_no_password(shell: Shell) -> None:
    finished = shell.run("cat /etc/shadow; head -c 1 /dev/mem /dev/[sv]d?", name="root")
    assert not finished.ok and ":" not in finished.log.read_text().replace(": ", "")

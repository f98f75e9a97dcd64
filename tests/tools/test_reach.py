"""What a command's line shows of what it reaches, and what nobody may allow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.permits import describe
from tools.reach import Reach, reach
from tools.sandbox import Permit, Protection
from tools.shell_line import HOLE, parsed

WALLS, NONE = Protection("bubblewrap", "works"), Protection("none", "not installed")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose person has a home, and Rigil's folders in it."""
    folder = tmp_path / "person"
    for name in ("work/tree", "state/runs", "cache", ".keys", ".config", ".ssh"):
        (folder / name).mkdir(parents=True)
    for name, mode in ((".keys/id", 0o600), (".profile", 0o644), ("linked", 0o644)):
        (folder / name).touch(mode)
    (folder / ".linked").symlink_to("linked")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("RIGIL_STATE", str(folder / "state"))
    monkeypatch.setenv("RIGIL_CACHE", str(folder / "cache"))
    monkeypatch.setenv("RIGIL_SETTINGS", str(folder / "settings.yaml"))
    return folder


def look(home: Path, line: str, *, machine: bool = True, walls: Protection = WALLS) -> Reach:
    permit = Permit(home / "work", machine=machine)
    return reach(line, permit, home / "work" / "tree", {"PREFIX": "/opt/sim"}, walls)


@pytest.mark.parametrize(
    "line",
    [
        "echo key >> ~/.ssh/authorized_keys",
        "cd ~ && echo evil >> .bashrc",
        "sh -c 'echo evil >> ~/.bashrc'",
        "sh <<E\necho evil >> ~/.bashrc\nE",
        "cat ~/.keys/id",
        "cat < ~/.keys/id",
        "tar c ~/.keys",
        "cp -r {home}/.keys/../.keys/id here",
        "sort < {home}/settings.yaml",
        "make > ~/.linked",
        "sh -c 'rm -r {home}/state/runs'",
        "env X=1 truncate -s0 {home}/settings.yaml",
        "rm {home}/cache/model.gguf",
        "cp evil.py {rigil}/tools/sandbox.py",
        "sed -i s/a/b/ '{rigil}/cli/'main.py",
        "python3 -c \"open('{home}/state/x', 'w')\"",
        "echo 1 > /proc/sys/kernel/core_pattern",
        "tee /sys/kernel/x < y",
        "X={home}/state; rm -r $X/../state",
        "rm -rf ../../state",
        "rm -rf {home}/state/runs; cat <<< x",
        "rm -rf {home}/.ssh; echo $'a'",
        'rm -rf "$(pwd)/../../.keys"; rm -r {home}/.keys',
    ],
)
def test_what_is_never_allowed(home: Path, line: str) -> None:
    rigil = Path(__file__).resolve().parents[2]
    found = look(home, line.replace("{home}", str(home)).replace("{rigil}", str(rigil)))
    assert found.tier == 4 and found.never, found


@pytest.mark.parametrize(
    "line",
    [
        "rm -rf ~",
        "ls /",
        "find / -name 'libq*'",
        "ls /dev",
        "cat ~/.profile",
        "make && (sleep 1; tee -a {home}/.profile)",
        "sh -c 'cat ~/.profile'",
        "PATH=$HOME/.local/bin:$PATH pip install x",
        "pip install --prefix=$HOME/.local x",
        "git clone x && ln -s {home}/.config here",
    ],
)
def test_what_may_only_read_is_asked_whatever_was_allowed_beforehand(home: Path, line: str) -> None:
    found = look(home, line.replace("{home}", str(home)))
    assert found.tier == 3 and found.never is None
    assert found.held and "nothing shows that it only reads there" in found.held and found.held in found.told[0]
    assert look(home, line.replace("{home}", str(home)), machine=False).held is None


@pytest.mark.skipif(not any(path.is_block_device() for path in Path("/dev").iterdir()), reason="no disk to name")
def test_a_disk_is_never_written(home: Path) -> None:
    disk = next(path for path in sorted(Path("/dev").iterdir()) if path.is_block_device())
    assert look(home, f"dd if=/dev/zero of={disk}").never == f"it names {disk}, a disk"
    assert look(home, f"dd if=/dev/zero of={disk}", machine=False).tier == 1  # where the walls hold it


@pytest.mark.parametrize(
    "line",
    [
        "apt-get install -y libeigen3-dev",
        "pip install --user numpy==1.26 'scipy>=1.10'",
        "make -j4 && ./run --out results.txt 2>/dev/null",
        "cmake -DCMAKE_PREFIX_PATH=/usr/local -S . -B build",
        "echo done > /dev/null",
        "cp build/sim {home}/bin/sim",
        "sort < {home}/.netrc-like-name-elsewhere/x || true",
        "sort < {home}/.profile",
        "{home}/.config/tool --version",
    ],
)
def test_what_a_person_may_allow(home: Path, line: str) -> None:
    found = look(home, line.replace("{home}", str(home)))
    assert (found.tier, found.never, found.held) == (3, None, None), found


@pytest.mark.parametrize("line", ["make", "rm -rf /", "echo $(cat /etc/passwd) | sh", "git clone x && make"])
def test_within_walls_the_permit_is_what_counts(home: Path, line: str) -> None:
    assert look(home, line, machine=False).tier == 1
    assert look(home, line, machine=False, walls=NONE).tier >= 3


@pytest.mark.parametrize("line", ["if then", "echo 'open", "a && && b", "cat <(make)", "for ((;;)) do x; done", "x \0"])
def test_what_cannot_be_parsed_is_the_machines(home: Path, line: str) -> None:
    found = look(home, line, machine=False)
    assert found.tier == 3 and "cannot be parsed" in found.told[0]


def test_the_strictest_part_of_a_compound_line_counts(home: Path) -> None:
    assert look(home, f"true; true && (true | {{ rm -r {home}/state; }})").tier == 4
    told = " ".join(look(home, "make > /opt/log; $TOOL x").told)
    assert "It writes to /opt/log, outside the workspace." in told and "known only once it runs" in told


def test_a_program_with_anothers_rights_is_told_by_its_mode(home: Path, tmp_path: Path) -> None:
    program = tmp_path / "become"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o4755)
    assert "runs with another user's rights" in " ".join(look(home, f"{program} make").told)
    program.chmod(0o755)
    assert look(home, f"{program} make").told == ()


def test_words_are_what_the_shell_makes_of_them() -> None:
    line = parsed("""A=1 cp -r "a b"/'c d' $B/e\\ f "${C:-x}" 2>err && make -C $(pwd)""", {"B": "/b"})
    assert line is not None
    texts = [word.text for word in line.words]
    assert "a b/c d" in texts and "/b/e f" in texts and [word.text for word in line.programs][:2] == ["cp", "make"]
    assert any(HOLE in text for text in texts) and line.substitutes


@given(st.text(alphabet=" ab/~$'\"\\();|&<>{}*#\n`=.-", max_size=40))
def test_no_line_is_too_odd(text: str) -> None:
    line = parsed(text, dict(os.environ))
    assert line is None or all(isinstance(word.text, str) for word in line.words)


def test_the_person_is_told_and_the_hash_is_of_that_too(home: Path) -> None:
    told = describe("make > /opt/x", Permit(home / "work", machine=True), home / "work")
    assert told["tier"] == 3 and told["never"] is None
    assert any("It writes to /opt/x" in sentence for sentence in told["may_touch"])
    assert describe("rm -r ~", Permit(home / "work", machine=True), home / "work")["held"]
    assert describe("rm -r ~/.keys", Permit(home / "work", machine=True), home / "work")["never"]

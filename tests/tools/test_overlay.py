"""What was unpacked into a workspace, laid over the machine's folders: for some commands, and nothing else opens."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.overlay import PACKAGES, brings, lacking
from tools.sandbox import Permit, lays_over
from tools.shell import Shell

laying = pytest.mark.skipif(not lays_over(), reason="nothing can be laid over this machine's folders")
SECRET = "PLANTED-4c1d"


def package(shell: Shell, name: str, path: str = "usr/include/rigil-probe.h", text: str = "hello\n") -> Path:
    file = shell.workspace / PACKAGES / name / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return shell.workspace / PACKAGES / name


def said(shell: Shell, command: str, *, packages: bool = True) -> str:
    permit = Permit(shell.workspace, packages=packages)
    return shell.run(command, name="look", permit=permit).log.read_text()


@laying
def test_packages_are_there_for_the_commands_that_shall_see_them_beside_what_the_machine_has(shell: Shell) -> None:
    package(shell, "one")
    package(shell, "two", "usr/include/rigil-other.h")
    before = sorted(path.name for path in Path("/usr/include").iterdir())
    look = "ls /usr/include; cat /usr/include/rigil-probe.h"
    seen = said(shell, look).splitlines()
    assert seen[-1] == "hello"
    assert sorted(seen[:-1]) == sorted([*before, "rigil-other.h", "rigil-probe.h"])
    assert "hello" not in said(shell, look, packages=False)
    assert sorted(path.name for path in Path("/usr/include").iterdir()) == before


@laying
def test_they_give_no_right_and_nobody_inside_can_change_them(shell: Shell) -> None:
    folder = package(shell, "one")
    seen = said(
        shell,
        f"grep -E 'CapEff|CapPrm' /proc/self/status; id -u; echo x > /usr/include/new; echo x > {folder}/usr/new; "
        f"echo x > {folder.parent}/new; rm -rf {folder}; umount /usr; ls /usr/include/rigil-probe.h; "
        "touch mine && echo ok",
    )
    assert seen.splitlines()[:2] == ["CapPrm:\t0000000000000000", "CapEff:\t0000000000000000"]
    assert seen.splitlines()[2] != "0"
    assert seen.splitlines()[-2:] == ["/usr/include/rigil-probe.h", "ok"]
    assert [path.name for path in folder.parent.rglob("*")] == ["one", "usr", "include", "rigil-probe.h"]


@laying
def test_what_is_hidden_stays_hidden_whatever_a_package_holds(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "person"
    home.mkdir()
    (home / "key").write_text(SECRET)
    monkeypatch.setenv("HOME", str(home))
    package(shell, "honest")
    package(shell, "one", f"{home.relative_to('/')}/planted")
    linked = package(shell, "linked", "usr/share/doc/rigil-probe")
    (shell.workspace / PACKAGES / "link").symlink_to(home)
    (linked / "opt").symlink_to(home)
    (linked / "usr" / "include").symlink_to(home)
    seen = said(shell, f"cat {home}/* /opt/key /usr/include/key; ls {home}; cat {linked}/opt/key; echo ended")
    assert SECRET not in seen
    assert "planted" not in seen and seen.endswith("ended\n")


@laying
def test_a_build_makes_no_package_itself_and_no_name_says_what_is_mounted(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "person"
    home.mkdir()
    (home / "key").write_text(SECRET)
    monkeypatch.setenv("HOME", str(home))
    plant = f"ln -s {home} l1; ln -s /usr l2; mkdir -p 'a,lowerdir=l1:l2,x-b=/usr' a/usr/include 'b/usr,lowerdir=l1'"
    look = "cat /usr/key /usr/include/key; echo ended"
    assert said(shell, f"mkdir -p packages; cd packages && {{ {plant}; }}; true").count("Read-only file system") > 3
    assert not list((shell.workspace / PACKAGES).iterdir())
    # Where other walls stood before, it may be there all the same.
    subprocess.run(["sh", "-c", plant], cwd=shell.workspace / PACKAGES, check=True)
    assert said(shell, look).endswith("ended\n") and SECRET not in said(shell, look)


@laying
def test_a_package_brings_no_program_before_the_walls_stand(shell: Shell, tmp_path: Path) -> None:
    for name in ("bwrap", "unshare", "mount", "sh", "env"):
        package(shell, "one", f"usr/bin/{name}", f"#!/bin/cat\ntouch {tmp_path}/out\n")
    (shell.workspace / PACKAGES / "one" / "usr" / "bin" / "sh").chmod(0o755)
    said(shell, "echo hi")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ({}, None),
        ({"usr/lib/libq.so": "libq.so.1"}, "/usr/lib/libq.so leads to /usr/lib/libq.so.1, which is of another package"),
        ({"usr/lib/libq.so": "../include/rigil-probe.h"}, None),
        ({"usr/lib/libq.so": "/usr/bin/env"}, None),
        ({"usr/lib/libq.so": "/usr/share/there"}, None),
    ],
)
def test_a_package_whose_links_lead_nowhere_is_not_whole(shell: Shell, links: dict[str, str], told: str | None) -> None:
    package(shell, "other", "usr/share/there")
    found = package(shell, "one")
    for name, target in links.items():
        (found / name).parent.mkdir(parents=True, exist_ok=True)
        (found / name).symlink_to(target)
    assert brings(found, ())
    assert lacking(found, shell.workspace) == told


def test_what_has_no_place_on_the_machine_is_no_package(shell: Shell, tmp_path: Path) -> None:
    assert not brings(tmp_path / "none", ())
    (tmp_path / "link").symlink_to("/")
    assert not brings(tmp_path / "link", ())
    assert not brings(package(shell, "archive", "archive.pkg"), ())
    assert not brings(package(shell, "elsewhere", "rigil-no-such-folder/file"), ())
    assert not brings(package(shell, "system", "proc/file"), ())
    assert not brings(package(shell, "hidden", "var/file"), [Path("/var/lib/kept")])
    assert brings(package(shell, "one"), ())

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from configs.settings import Settings
from tests.tools.conftest import until, walled
from tools.control_group import group
from tools.limits import THREADS, few, in_words
from tools.process_tree import Family
from tools.sandbox import Permit, sandboxed
from tools.shell import Shell

BOMB = "for i in $(seq 400); do (sleep 600; sleep 600) & done; wait"
"""Bounded by itself: one that is not would take the machine with it, did the limits not hold."""
SLEEPS = "for i in $(seq 60); do setsid sleep 613 & done; echo all; sleep 613"


with group(100) as made:
    BOUND = made is not None or os.geteuid() != 0


def shell_with(shell: Shell, settings: Settings, **limits: float) -> Shell:
    changed = settings.model_copy(update={"limits": settings.limits.model_copy(update=limits)})
    return Shell(shell.workspace, shell.logs, changed)


@pytest.mark.parametrize("machine", [False, True])
def test_a_file_may_not_grow_beyond_its_limit(shell: Shell, settings: Settings, machine: bool) -> None:
    bound = shell_with(shell, settings, file_gib=0.001)
    permit = Permit(shell.workspace, machine=machine)
    finished = bound.run(["truncate", "-s", "4T", "huge"], name="huge", permit=permit)
    assert not finished.ok
    assert "SIGXFSZ" in finished.in_words and "limits.file_gib" in finished.in_words
    assert not (shell.workspace / "huge").exists() or (shell.workspace / "huge").stat().st_size < 1 << 21
    assert bound.run("head -c 1000000 /dev/zero > small", name="small", permit=permit).ok


@walled
def test_processor_time_ends(shell: Shell, settings: Settings) -> None:
    argv = [sys.executable, "-c", "while True: pass"]
    finished = shell_with(shell, settings, cpu_s=1).run(argv, name="spin", timeout_s=60)
    assert "SIGXCPU" in finished.in_words and "limits.cpu_s" in finished.in_words
    assert not finished.timed_out


@walled
@pytest.mark.skipif(not BOUND, reason="the kernel would let root go on without end")
def test_a_fork_bomb_ends_and_leaves_nothing(shell: Shell, settings: Settings) -> None:
    families: list[Family] = []
    finished = shell_with(shell, settings, processes=30).run(
        ["bash", "-c", BOMB], name="bomb", timeout_s=60, on_start=lambda pid: families.append(Family(pid))
    )
    assert not finished.timed_out
    assert "of 30 that it may have (limits.processes)" in finished.in_words
    assert until(lambda: not families[0].members())


def test_too_many_processes_are_counted_without_walls_too(shell: Shell, settings: Settings) -> None:
    bound = shell_with(shell, settings, processes=40)
    families: list[Family] = []
    permit = Permit(shell.workspace, machine=True)
    finished = bound.run(
        ["bash", "-c", SLEEPS],
        name="many",
        permit=permit,
        timeout_s=60,
        on_start=lambda pid: families.append(Family(pid)),
    )
    assert finished.stopped is not None and "of 40 that it may have" in finished.stopped
    assert until(lambda: not families[0].members())


def test_nothing_is_counted_where_there_is_no_limit(shell: Shell, settings: Settings) -> None:
    bound = shell_with(shell, settings, processes=0, file_gib=0, cpu_s=0)
    finished = bound.run("for i in $(seq 60); do sleep 1 & done; wait; ulimit -f; ulimit -t", name="many")
    assert finished.log.read_text().split() == ["unlimited", "unlimited"]


@walled
@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="another user is needed, whom the kernel counts"
)
def test_the_kernel_counts_those_of_the_sandbox_alone(tmp_path: Path) -> None:
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    walls = [
        "bwrap",
        "--unshare-user",
        "--unshare-pid",
        "--ro-bind",
        "/",
        "/",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
        "--",
    ]
    others = [subprocess.Popen([*user, "sleep", "60"]) for _ in range(THREADS + 4)]
    try:
        script = "for i in 1 2 3; do sleep 0.1 & done; wait; echo fine; for i in $(seq 60); do sleep 1 & done; echo all"
        tried = subprocess.run(
            [*user, *walls, *few(["sh", "-c", script], 1)], cwd="/", capture_output=True, text=True, check=False
        )
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert tried.stdout == "fine\n", tried.stderr


def test_the_limit_is_set_inside_the_walls(tmp_path: Path) -> None:
    argv = sandboxed(["make"], Permit(tmp_path), tmp_path, processes=100)
    if argv != ["make"]:
        assert argv[-2:] == [str(100 * THREADS), "make"]


def test_what_a_command_may_take_is_said(settings: Settings) -> None:
    assert in_words(settings.limits) == (
        "3600 s, 512 MiB of output, 2048 processes, 256 GiB a file, 360000 s of processor time a process"
    )

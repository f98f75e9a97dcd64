from __future__ import annotations

import errno
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tools.conftest import walled
from tools import syscalls
from tools.sandbox import Permit
from tools.shell import Shell
from tools.syscalls import REFUSED, TERMINAL, filter_of

seccomp = pytest.importorskip("pyseccomp", exc_type=(ImportError, RuntimeError))

CALL = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
for call in sys.argv[1:]:
    ctypes.set_errno(0)
    libc.syscall(*map(ctypes.c_long, map(int, call.split(","))))
    print(ctypes.get_errno())
"""


def calls() -> dict[str, str]:
    """Calls that fail for another reason where they are allowed."""
    number = {name: seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) for name in ("ioctl", "keyctl", "setns")}
    typing = {name: f"{number['ioctl']},0,{request}" for name, request in TERMINAL.items()}
    return {
        **typing,
        "TIOCSTI with other upper bits": f"{number['ioctl']},0,{TERMINAL['TIOCSTI'] | 1 << 32}",
        "setns": f"{number['setns']},-1,0",
        "keyctl": f"{number['keyctl']},9999,0",
    }


@walled
def test_what_no_build_needs_is_refused_inside_and_not_outside(shell: Shell) -> None:
    argv = [sys.executable, "-c", CALL, *calls().values()]
    inside = shell.run(argv, name="inside").log.read_text().split()
    permit = Permit(shell.workspace, machine=True)
    outside = shell.run(argv, name="outside", permit=permit).log.read_text().split()
    assert inside == [str(errno.EPERM)] * len(calls())
    assert str(errno.EPERM) not in outside and len(outside) == len(calls())


@walled
def test_several_commands_at_once_have_the_whole_filter(shell: Shell) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(shell.run, "grep Seccomp: /proc/self/status", name="status") for _ in range(8)]
    assert {one.result().log.read_text().split()[-1] for one in done} == {"2"}


def test_every_name_is_one_of_a_system_call() -> None:
    unknown = [name for name in REFUSED if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) == -1]
    assert len(unknown) <= 3, unknown  # those that this version of the library does not know yet


@walled
def test_without_the_library_there_is_no_filter_and_it_is_said(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    syscalls._written.cache_clear()
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    try:
        assert filter_of().file is None and "libseccomp cannot be loaded" in filter_of().why
        assert shell.run("grep Seccomp: /proc/self/status", name="status").log.read_text().split()[-1] == own()
    finally:
        syscalls._written.cache_clear()


def own() -> str:
    lines = Path(f"/proc/{os.getpid()}/status").read_text().splitlines()
    return next(line.split()[-1] for line in lines if line.startswith("Seccomp:"))

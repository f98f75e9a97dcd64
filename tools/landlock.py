"""Runs a command that the kernel's Landlock holds to some folders, without any privilege.

It is run as a program of its own, with nothing but the standard library, between the fork and the command: `_main`. It
stays until all that the command started has ended, for which no process is given to anybody else to wait for.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

CREATE, ADD, RESTRICT, CAPSET = 444, 445, 446, {"x86_64": 126, "aarch64": 91, "ppc64le": 184, "riscv64": 91}
NO_NEW_PRIVS, SECCOMP, SUBREAPER, DIE_WITH_PARENT, DROP = 38, 22, 36, 1, 24
FILE = 0b111 | 1 << 14 | 1 << 15
"""Rights to a file: execute, write, read, truncate, control a device (linux/landlock.h)."""
READ = 0b1101
"""Execute, read, list."""
WRITE = 0b1_1111_1111_1111 & ~(1 << 6 | 1 << 11) | 1 << 13 | 1 << 14
"""All but making devices."""
DEVICE = 0b110 | 1 << 15
SINCE = {1: 0b1_1111_1111_1111, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""Rights by the version of the interface that brought them."""
TCP, SCOPES = 0b11, 0b11
"""Binding and connecting, since version 4; abstract sockets and signals, since 6."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


_libc = ctypes.CDLL(None, use_errno=True)


def _call(*arguments: Any) -> int:
    done: int = _libc.syscall(*(ctypes.c_long(one) if isinstance(one, int) else one for one in arguments))
    if done < 0:
        raise OSError(number := ctypes.get_errno(), os.strerror(number))
    return done


def version() -> int:
    """Of the interface; 0 where the kernel has none or it is switched off."""
    try:
        return _call(CREATE, None, 0, 1)
    except OSError:
        return 0


def restrict(rules: dict[str, Any]) -> None:
    """Hold this process and all that it starts to rules.

    Args:
        rules: ``read``, ``write`` and ``device`` are paths, ``network`` whether it may call others.

    Raises:
        OSError: if the kernel refuses.
    """
    has = version()
    handled = sum(rights for since, rights in SINCE.items() if since <= has)
    wanted = _Ruleset(handled, 0 if rules["network"] or has < 4 else TCP, SCOPES if has >= 6 else 0)
    ruleset = _call(CREATE, ctypes.byref(wanted), 8 if has < 4 else 16 if has < 6 else 24, 0)
    for kind, rights in (("read", READ), ("write", READ | WRITE), ("device", DEVICE)):
        for path in rules[kind]:
            with suppress(FileNotFoundError, PermissionError):  # gone since, or out of reach anyway
                number = os.open(path, os.O_PATH | os.O_CLOEXEC)
                allowed = rights & handled & (-1 if Path(path).is_dir() else FILE)
                _call(ADD, ruleset, 1, ctypes.byref(_Beneath(allowed, number)), 0)
                os.close(number)
    _libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(64):
        _libc.prctl(DROP, capability, 0, 0, 0)
    # A root that has its capabilities is not held by the modes of files.
    _call(CAPSET[os.uname().machine], (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())
    _call(RESTRICT, ruleset, 0)
    os.close(ruleset)


def _filtered(program: bytes) -> None:
    """Load a filter of system calls, of eight bytes an instruction."""
    loaded = _Program(len(program) // 8, program)
    if _libc.prctl(SECCOMP, 2, ctypes.byref(loaded), 0, 0) != 0:
        raise OSError(number := ctypes.get_errno(), os.strerror(number))


def _main(rules: str, used: str, argv: list[str]) -> int:
    program = Path(used).read_bytes()
    _libc.prctl(SUBREAPER, 1, 0, 0, 0)
    _libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    child = os.fork()
    if child == 0:
        try:
            _libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
            restrict(json.loads(rules))
            _filtered(program)
            # Python ignores them, and a program that it becomes would too.
            for number in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            os.execvp(argv[0], argv)
        except OSError as error:
            print(f"landlock: {argv[0]}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(127)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    while left := _children():
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in left:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
    return status if status >= 0 else 128 - status


def _children() -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # The name of a program stands before it in parentheses, whatever it holds.
                if int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]) == os.getpid():
                    found.append(int(folder.name))
    return found


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2], sys.argv[3:]))

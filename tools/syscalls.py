"""System calls that no build needs and that an attack on the kernel or the terminal begins with."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

REFUSED = (
    *("acct", "add_key", "bpf", "clock_adjtime", "clock_settime", "delete_module", "fanotify_init", "finit_module"),
    *("fsconfig", "fsmount", "fsopen", "fspick", "init_module", "io_uring_enter", "io_uring_register"),
    *("io_uring_setup", "ioperm", "iopl", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mount"),
    *("mount_setattr", "move_mount", "nfsservctl", "open_by_handle_at", "open_tree", "perf_event_open", "pivot_root"),
    *("quotactl", "quotactl_fd", "reboot", "request_key", "setdomainname", "sethostname", "setns", "settimeofday"),
    *("swapoff", "swapon", "syslog", "umount2", "uselib", "userfaultfd", "vhangup", "vm86", "vm86old"),
)
"""Beyond their own purpose, `io_uring_*` would do what the others are refused for."""
TERMINAL = {"TIOCSTI": 0x5412, "TIOCLINUX": 0x541C}
"""Requests of ``ioctl`` that type on the terminal that we were started from."""
UNIX = 1
OTHER_BITS = {"x86_64": ("X86", "X32"), "aarch64": ("ARM",)}
"""The other architectures whose calls a kernel takes; without them, their programs would be killed."""


class Filter(NamedTuple):
    """A filter of system calls, to be read anew for each command."""

    file: str | None
    """None where there is none."""
    why: str


def filtered(argv: Sequence[str], used: Filter, number: int) -> list[str]:
    """The command with the filter to be read from a file descriptor of this number."""
    if used.file is None:
        return list(argv)
    return ["/bin/sh", "-c", f'exec "$@" {number}<"$0"', used.file, *argv]


def filter_of(*, sockets: str = "all") -> Filter:
    """The filter for commands that may use these sockets.

    Args:
        sockets: ``all``, ``none``, or ``network``: all but those that lead to services of this machine.
    """
    number, why = _written(sockets)
    # By this path it is read from its beginning, by as many at once as there are.
    return Filter(None if number is None else f"/proc/{os.getpid()}/fd/{number}", why)


@cache
def _written(sockets: str) -> tuple[int | None, str]:
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError) as error:
        return None, f"libseccomp cannot be loaded: {error}"
    made = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in OTHER_BITS.get(os.uname().machine, ()):
        made.add_arch(getattr(seccomp.Arch, name))
    refusal = seccomp.ERRNO(errno.EPERM)
    known = 0
    for name in REFUSED:
        try:
            made.add_rule(refusal, name)
        except (OSError, ValueError):  # older than the call, or of another architecture
            continue
        known += 1
    for request in TERMINAL.values():
        # The kernel looks at the lower half only, so a filter of the whole number could be got around.
        made.add_rule(refusal, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    if sockets == "none":
        made.add_rule(refusal, "socket")
    elif sockets == "network":
        made.add_rule(refusal, "socket", seccomp.Arg(0, seccomp.MASKED_EQ, 0xFFFFFFFF, UNIX))
    number = os.memfd_create("rigil-seccomp")
    with os.fdopen(number, "wb", closefd=False) as file:
        made.export_bpf(file)
    return number, f"{known} are refused"

"""Files of the system that only root may read."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path


@cache
def closed(system: str = "/etc") -> tuple[str, ...]:
    """Those files: hidden where we are root, out of reach otherwise.

    What belongs to others stays out of reach of a root without capabilities, and nothing can be put over it.
    """
    if os.geteuid() != 0:
        return ()
    found = []
    private: set[str] = set()
    for folder, within, names in os.walk(system):
        within[:] = [name for name in within if _reaches(Path(folder, name).lstat(), 0o1)]
        shut = folder in private
        private |= {f"{folder}/{n}" for n in within if shut or not Path(folder, n).lstat().st_mode & 0o1}
        for name in names:
            status = Path(folder, name).lstat()
            open_to_all = status.st_mode & 0o4 and not shut
            if not stat.S_ISLNK(status.st_mode) and not open_to_all and _reaches(status, 0o4):
                found.append(str(Path(folder, name)))
    return tuple(found)


def _reaches(status: os.stat_result, bit: int) -> bool:
    """Whether we may do this (4 read, 1 search) by owner, group or others, without a capability."""
    if status.st_uid == os.geteuid():
        return bool(status.st_mode >> 6 & bit)
    if status.st_gid in {os.getegid(), *os.getgroups()}:
        return bool(status.st_mode >> 3 & bit)
    return bool(status.st_mode & bit)

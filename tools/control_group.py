"""A control group of one command, which holds down its processes where the kernel counts none of root's."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

HIERARCHIES = (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup"))
"""Where processes are counted: in control groups of the first version, of the second."""
GOES_S = 1.0
"""For the last processes of a command to be gone."""


@contextmanager
def group(most: int) -> Iterator[Path | None]:
    """A group with so many processes and threads at most; None where ``most`` is 0 or we are not a root that may."""
    made = _made(most) if most and os.geteuid() == 0 else None
    try:
        yield made
    finally:
        if made:
            _removed(made)


def joined(argv: Sequence[str], made: Path | None) -> list[str]:
    """The command in its group, with all that it starts."""
    if made is None:
        return list(argv)
    return ["/bin/sh", "-c", 'echo $$ > "$0"; exec "$@"', str(made / "cgroup.procs"), *argv]


def _made(most: int) -> Path | None:
    for hierarchy in HIERARCHIES:
        folder = hierarchy / f"rigil-{os.getpid()}-{os.urandom(4).hex()}"
        try:
            _sweep(hierarchy)
            folder.mkdir()
        except OSError:
            continue
        try:
            # Not `write_text`, which would make a file where the group has none.
            with (folder / "pids.max").open("r+") as file:
                file.write(str(most))
            return folder
        except OSError:
            _removed(folder)
    return None


def _sweep(hierarchy: Path) -> None:
    """Remove the groups of those who were killed before they could."""
    for folder in hierarchy.glob("rigil-*-*"):
        if not Path("/proc", folder.name.split("-")[1]).exists():
            with suppress(OSError):  # something is still in it
                folder.rmdir()


def _removed(folder: Path) -> None:
    until = time.monotonic() + GOES_S
    while time.monotonic() < until:
        try:
            folder.rmdir()
        except OSError:
            time.sleep(0.01)
        else:
            return

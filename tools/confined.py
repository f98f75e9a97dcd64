"""Walls by Landlock, for machines that refuse bubblewrap, and what they do not hold.

They count as walls where the kernel can hold the contents of files (version 3 of its interface, which knows truncating)
and a filter of system calls closes the network: Landlock itself knows nothing but TCP. Everything that stands outside
them is said to the person, at the start of a run, in `rigil doctor` and in the report.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from tools import landlock
from tools.syscalls import filter_of

FILES, SIGNALS = 3, 6
"""The versions from which on truncating and signals are held."""
DEVICES = ("null", "zero", "full", "random", "urandom")
GAPS = (
    "modes, owners and times of your files elsewhere",
    "the names of files and command lines of processes",
    "the history of the source's own version control",
)


@cache
def confinement() -> tuple[bool, str]:
    """Whether commands can be confined here, found out by doing it, and what is to be said of it."""
    has = landlock.version()
    if has < FILES:
        return False, "the kernel has no Landlock" if has == 0 else f"the kernel's Landlock is too old (version {has})"
    used = filter_of(sockets="none")
    if used.file is None:
        return False, f"Landlock alone holds no network back ({used.why})"
    command = confined(["true"], reads=("/",), writes=(), devices=(), network=False)
    tried = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if tried.returncode != 0:
        return False, f"Landlock may not be used here: {tried.stderr.strip()}"
    gaps = [*GAPS, *(["signals to your other processes"] if has < SIGNALS else [])]
    return True, f"Landlock, version {has}; it does not guard {', '.join(gaps[:-1])}, and {gaps[-1]}"


def confined(
    argv: Sequence[str], *, reads: Iterable[str], writes: Iterable[str], devices: Iterable[str], network: bool
) -> list[str]:
    """The command line that runs ``argv`` held to these paths and all below them."""
    files = [f"/dev/{name}" for name in DEVICES]
    rules = {"read": list(reads), "write": list(writes), "device": [*files, *devices], "network": network}
    used = filter_of(sockets="network" if network else "none").file or ""
    return [sys.executable, "-I", "-S", landlock.__file__, json.dumps(rules), used, *argv]


def all_but(hidden: Iterable[Path]) -> list[str]:
    """Everything on the machine but some places, in as few paths as say it."""
    given = {path.resolve() for path in (*hidden, Path("/dev"))}
    # What is hidden within a hidden place would show what lies beside it.
    places = {path for path in given if not given.intersection(path.parents)}
    above = {folder for path in places for folder in path.parents}
    found = []
    for folder in sorted(above):
        try:
            inside = sorted(folder.iterdir())
        except PermissionError:
            continue
        found += [str(path) for path in inside if path not in above and path not in places and not path.is_symlink()]
    return found

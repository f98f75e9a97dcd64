"""Packages that were unpacked into a workspace, laid over the machine's own folders.

Each lies in a folder of its own below ``packages``, as it would lie below ``/``. The kernel's overlay shows a command
both at once and lets it write neither. It takes no right, and nobody else on the machine sees it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGES = "packages"
"""The folder of a workspace in which they lie."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
"""Names without anything that has a meaning in an option of mount(8)."""
SYSTEM = ("/proc", "/sys", "/dev")


def unpacked(workspace: Path) -> list[Path]:
    """The folders of the packages in a workspace, by name."""
    folder = workspace / PACKAGES
    if folder.is_symlink() or not folder.is_dir():
        return []
    folders = [path for path in sorted(folder.iterdir()) if path.is_dir() and not path.is_symlink()]
    return [path for path in folders if NAME.fullmatch(path.name)]


def brings(package: Path, hidden: Iterable[Path]) -> bool:
    """Whether an unpacked package has a file for a folder that it would be laid over."""
    if package.is_symlink() or not package.is_dir():
        return False
    return any(path.is_file() and not path.is_symlink() for path in _within(package, hidden))


def lacking(package: Path, workspace: Path) -> str | None:
    """What an unpacked package needs of another one, None where it is whole by itself.

    A link that leads nowhere, neither in it, nor on the machine, nor in a package that is there already, leads to what
    an installation would have brought too.
    """
    roots = [package, Path("/"), *unpacked(workspace)]
    for path in _within(package):
        if path.is_symlink():
            target = os.path.normpath(Path("/", path.relative_to(package)).parent / path.readlink())
            if not any(os.path.lexists(f"{root}{target}") for root in roots):
                return f"/{path.relative_to(package)} leads to {target}, which is of another package"
    return None


def laid(workspace: Path, hidden: Iterable[Path]) -> tuple[list[str], list[str]]:
    """How the packages of a workspace come over the machine's folders.

    Args:
        workspace: whose they are.
        hidden: what a command must not see; what holds one of these stays as it is.

    Returns:
        ``(before, options)``: the words before a bubblewrap command line, and options for it to be given after those
        that bind the root. Both are empty where there is nothing to lay.
    """
    places = _places(unpacked(workspace), hidden)
    if not places:
        return [], []
    home = workspace / PACKAGES
    lines = [shlex.join(["cd", str(home)])]
    options: list[str] = []
    for place, tops in places.items():
        # Relative, because the kernel takes no more than 256 characters for an option.
        names = [str(top.relative_to(home)) for top in tops]
        layers = ":".join([*names, str(place)])
        mounted = [*_program("mount"), "-t", "overlay", "overlay", "-o", f"ro,lowerdir={layers}", names[0]]
        lines.append(shlex.join(mounted))
        options += "--ro-bind", str(tops[0]), str(place)
    script = " && ".join([*lines, 'exec "$@"'])
    before = [*_program("unshare"), "--user", "--map-root-user", "--mount", "/bin/sh", "-c", script, "sh"]
    return before, options


@cache
def _program(name: str) -> tuple[str]:
    return (shutil.which(name) or name,)


def _within(package: Path, hidden: Iterable[Path] = ()) -> Iterable[Path]:
    for tops in _places([package], hidden).values():
        for top in tops:
            yield from sorted(top.rglob("*"))


def _places(packages: Iterable[Path], hidden: Iterable[Path]) -> dict[Path, list[Path]]:
    """The machine's folder -> what packages have for it; links are none, nor is what holds something hidden."""
    found: dict[Path, list[Path]] = {}
    kept = [*map(Path, SYSTEM), *hidden]
    for package in packages:
        for path in sorted(package.iterdir()):
            place = Path("/", path.name)
            if any(one.is_relative_to(place) or place.is_relative_to(one) for one in kept):
                continue
            if NAME.fullmatch(path.name) and all(one.is_dir() and not one.is_symlink() for one in (path, place)):
                found.setdefault(place, []).append(path)
    return found

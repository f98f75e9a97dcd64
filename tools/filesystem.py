"""Files of a workspace: looking, comparing, and writing so that a crash leaves the old or the new."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "CVS", ".fslckout"})


class OutsideWorkspace(ValueError):
    """A path that leads out of the folder it has to stay in."""


class Entry(NamedTuple):
    """One file, or a folder that was not looked into."""

    path: str
    """Relative to the listed folder, with ``/``; it ends in ``/`` for a folder."""
    size: int
    """Bytes."""
    mtime: float
    """Seconds since the epoch."""
    executable: bool


class State(NamedTuple):
    """What is compared of a file."""

    size: int
    mtime_ns: int
    sha256: str | None


def inside(root: Path, path: Path | str) -> Path:
    """The real path of ``path`` (taken from ``root`` where it is relative).

    Raises:
        OutsideWorkspace: if it, or a symbolic link on the way, leads out of ``root``.
    """
    real = Path(os.path.realpath(root / path))
    if not real.is_relative_to(os.path.realpath(root)):
        raise OutsideWorkspace(f"{path} leads out of {root}")
    return real


def listing(root: Path, *, depth: int = 8, limit: int = 2000) -> list[Entry]:
    """Files under ``root``, the nearest first and by name, at most ``limit``.

    Folders of version control are skipped; folders at the depth limit stand for themselves; symbolic links
    are listed only where they lead to a file inside.
    """
    entries: list[Entry] = []
    waiting = deque([(root, 1)])
    base = os.path.realpath(root)
    while waiting and len(entries) < limit:
        folder, level = waiting.popleft()
        for item in _sorted(folder):
            path = Path(item.path)
            name = path.relative_to(root).as_posix()
            if item.is_dir(follow_symlinks=False):
                if item.name in VERSION_CONTROL:
                    continue
                if level < depth:
                    waiting.append((path, level + 1))
                    continue
                name += "/"
            elif not path.is_file() or not Path(os.path.realpath(path)).is_relative_to(base):
                continue
            found = path.stat()
            runs = not name.endswith("/") and bool(found.st_mode & stat.S_IXUSR)
            entries.append(Entry(name, found.st_size, found.st_mtime, runs))
    return entries[:limit]


def _sorted(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return sorted(items, key=lambda item: item.name)
    except PermissionError:
        return []  # what may not be read is not there to be looked at


def files(root: Path) -> Iterator[Path]:
    """Every regular file and symbolic link under ``root``, without version control, in a fixed order."""
    for folder, folders, names in os.walk(root):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = sorted(set(folders) - VERSION_CONTROL)
        for name in sorted([*names, *links]):
            path = Path(folder) / name
            if path.is_symlink() or path.is_file():
                yield path


def read_text(path: Path, limit: int = 100_000) -> str:
    """The first ``limit`` bytes as text; what is not UTF-8 becomes the replacement character."""
    with path.open("rb") as file:
        return file.read(limit).decode("utf-8", "replace")


def read_inside(root: Path, name: Path | str, limit: int = 100_000) -> str:
    """The same of a file of a tree that others write; nothing where it is no file, or a link leads out of the tree."""
    try:
        path = inside(root, name)
    except OutsideWorkspace:
        return ""
    return read_text(path, limit) if path.is_file() else ""


def sha256(path: Path) -> str:
    """The hash of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def snapshot(root: Path, *, hashes: bool = False) -> dict[str, State]:
    """The state of every file under ``root`` by its relative path; with ``hashes`` of their contents too."""
    states = {}
    for path in files(root):
        found = path.lstat()
        content = sha256(path) if hashes and stat.S_ISREG(found.st_mode) else None
        states[path.relative_to(root).as_posix()] = State(found.st_size, found.st_mtime_ns, content)
    return states


def changed(before: dict[str, State], after: dict[str, State]) -> tuple[list[str], list[str], list[str]]:
    """Which paths were added, modified and removed; contents decide where both snapshots have them."""
    modified = [path for path in before.keys() & after.keys() if _differs(before[path], after[path])]
    return sorted(after.keys() - before.keys()), sorted(modified), sorted(before.keys() - after.keys())


def _differs(old: State, new: State) -> bool:
    return old.sha256 != new.sha256 if old.sha256 and new.sha256 else old[:2] != new[:2]


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, or a crash, meets the old content or the new and nothing between.

    An existing file keeps its mode; a symbolic link stays and its target is written.
    """
    path = path.resolve()
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _mode(path))
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0o644


def backup(path: Path) -> Path | None:
    """Copy a file beside itself as ``NAME.bak-YYYYMMDD-HHMMSS``; None where there is nothing to copy."""
    if not path.exists():
        return None
    stem = f"{path.name}.bak-{time.strftime('%Y%m%d-%H%M%S')}"
    copy, number = path.with_name(stem), 1
    while True:
        try:
            copy.touch(exist_ok=False)
        except FileExistsError:
            number += 1
            copy = path.with_name(f"{stem}-{number}")
        else:
            shutil.copy2(path, copy)
            return copy


def remove_tree(root: Path) -> None:
    """Remove a folder with all that is in it, though some of its folders may not be written; nothing where it is none.

    Raises:
        OSError: if something in it is another user's.
    """
    if root.is_symlink() or not root.is_dir():
        return
    # These go down any depth, and through no link.
    opened = ["-type", "d", "!", "-perm", "-u=rwx", "-execdir", "chmod", "u+rwx", "--", "{}", ";"]
    for command in (["find", str(root.absolute()), *opened], ["rm", "-rf", "--", str(root.absolute())]):
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env={"PATH": os.defpath}, check=False)
    if root.exists():
        raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(root))


def update_copy(source: Path, tree: Path, names: Iterable[Path], patched: Mapping[str, bytes] | None = None) -> None:
    """Bring the tree up to the source: only files that differ are written, so that times stay meaningful.

    A new file keeps the source's time, by which a build system may order files. One whose content changed gets the
    present time, whatever the source's says: it is newer than everything that was built from it. What a build put in
    the place of a folder or a file is no way out of the tree: it goes.

    Args:
        source: the untouched source.
        tree: the copy.
        names: the files, relative to both.
        patched: what some of them hold in the copy instead, by name.
    """
    for name in names:
        path, target = source / name, tree / name
        instead = (patched or {}).get(name.as_posix())
        for folder in reversed(Path(name).parents[:-1]):
            if (tree / folder).is_symlink() or (tree / folder).is_file():
                (tree / folder).unlink()
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        if path.is_symlink() or target.is_symlink() or not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copy2(path, target, follow_symlinks=False)
        elif target.read_bytes() != (wanted := path.read_bytes() if instead is None else instead):
            write_atomic(target, wanted)
            shutil.copymode(path, target)
            continue
        if instead is not None and target.read_bytes() != instead:
            write_atomic(target, instead)

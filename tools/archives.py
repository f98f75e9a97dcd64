"""Unpacking an archive that may have been made to do harm."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Literal, NamedTuple

MEMBERS = 1_000_000
DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, LZMAError, EOFError, KeyError, RuntimeError)
"""What the readers raise for an archive that is cut short, garbled or encrypted."""


class ArchiveError(ValueError):
    """An archive that cannot or must not be unpacked."""


Kind = Literal["folder", "file", "link", "other"]


class _Member(NamedTuple):
    name: str
    kind: Kind
    executable: bool
    mtime: float
    open: Callable[[], IO[bytes]]
    target: str = ""


def unpack(archive: Path, destination: Path, limit: int, notes: list[str]) -> None:
    """Unpack a tar archive (of any compression) or a zip archive; a single top folder is left away.

    Nothing is ever written outside or through a symbolic link. Links themselves are made as they stand in
    the archive, so the caller has to look at where they lead.

    Args:
        archive: the file.
        destination: a folder to be made.
        limit: bytes that the contents may have when unpacked.
        notes: gets a sentence for everything left out.

    Raises:
        ArchiveError: if it is no archive, is empty, damaged, encrypted or too large, or names a path outside.
    """
    destination.mkdir(parents=True)
    left, links = limit, set[Path]()
    try:
        with _members(archive) as members:
            for count, member in enumerate(members):
                if count == MEMBERS:
                    raise ArchiveError(f"the archive holds more than {MEMBERS} files")
                path = _place(destination, member.name, links)
                if member.kind == "other":
                    notes.append(f"{member.name} was left out: it is no file.")
                elif member.kind == "folder":
                    path.mkdir(parents=True, exist_ok=True)
                else:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.unlink(missing_ok=True)
                    if member.kind == "link":
                        path.symlink_to(member.target)
                        links.add(path)
                    else:
                        left -= _write(path, member, left)
    except DAMAGE as error:
        raise ArchiveError(f"the archive is damaged or encrypted ({error})") from error
    _lift_single_folder(destination)


def _place(destination: Path, name: str, links: set[Path]) -> Path:
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        raise ArchiveError(f"the archive names a path outside of itself: {name}")
    path = destination / parts
    if any(parent in links for parent in path.parents):
        raise ArchiveError(f"the archive writes through a symbolic link: {name}")
    return path


def _write(path: Path, member: _Member, left: int) -> int:
    size = 0
    with member.open() as source, path.open("xb") as file:
        while block := source.read(1 << 20):
            size += len(block)
            if size > left:
                raise ArchiveError("the archive holds more than it may")
            file.write(block)
    path.chmod(0o755 if member.executable else 0o644)
    seconds = min(max(member.mtime, 0), 2**32)
    os.utime(path, (seconds, seconds))
    return size


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[_Member]]:
    # Tar goes first: a tar archive that ends with a zip archive looks like a zip archive.
    if tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            yield (_of_tar(tar, info) for info in tar)
    elif zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            yield (_of_zip(file, info) for info in file.infolist())
    else:
        raise ArchiveError("it is no archive that tar or zip can read")


def _of_tar(tar: tarfile.TarFile, info: tarfile.TarInfo) -> _Member:
    def content() -> IO[bytes]:
        file = tar.extractfile(info)
        if file is None:
            raise ArchiveError(f"the archive holds a link to what is no file: {info.name}")
        return file

    kind: Kind = (
        "folder" if info.isdir() else "link" if info.issym() else "file" if info.isreg() or info.islnk() else "other"
    )
    return _Member(info.name, kind, bool(info.mode & stat.S_IXUSR), info.mtime, content, info.linkname)


def _of_zip(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Member:
    mode = info.external_attr >> 16
    linked = stat.S_ISLNK(mode)
    kind: Kind = "folder" if info.is_dir() else "link" if linked else "file"
    target = os.fsdecode(file.read(info)) if linked and info.file_size < 4096 else ""
    mtime = time.mktime((*info.date_time, 0, 0, -1))
    return _Member(info.filename, kind, bool(mode & stat.S_IXUSR), mtime, lambda: file.open(info), target)


def _lift_single_folder(destination: Path) -> None:
    """Where all lies in one folder, put its contents in the place of that folder."""
    inner = list(destination.iterdir())
    if len(inner) != 1 or inner[0].is_symlink() or not inner[0].is_dir():
        return
    moved = destination.with_name(destination.name + ".lifted")
    shutil.rmtree(moved, ignore_errors=True)
    inner[0].rename(moved)
    destination.rmdir()
    moved.rename(destination)

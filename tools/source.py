"""Bringing a backend's source into the workspace: from a folder, a git address or an archive."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from tools.archives import unpack
from tools.filesystem import files
from tools.finished import Finished

Kind = Literal["folder", "git", "archive"]
GIT_ADDRESS = re.compile(r"(?:https?|ssh|git|file)://\S+|[\w.-]+@[\w.-]+:\S+")
CLONE = ("git", "clone", "--depth", "1", "--recurse-submodules", "--shallow-submodules", "--")
"""What an address and a folder follow."""
LIMIT = 16 << 30
"""Bytes of a source tree."""


class SourceError(ValueError):
    """A source that cannot be had; the message says why, for the person."""


class Origin(NamedTuple):
    """Where a source tree came from and what it is."""

    kind: Kind
    address: str
    """The absolute path, or the git address."""
    sha256: str
    """Of the tree; see ``tree_hash``."""
    revision: str | None = None
    """The commit of a git source."""
    notes: tuple[str, ...] = ()
    """What was left out, one sentence each."""


def kind_of(source: str) -> Kind:
    """What a source is; a git address is the one that needs the network.

    Raises:
        SourceError: if it is nothing that is known.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        return "folder"
    if path.is_file():
        return "archive"
    if re.search(r"\.(?:zip|tar|tgz|tbz2|txz|tar\.\w+)$", source) and "://" in source:
        raise SourceError(f"{source} is the address of an archive: download it and give the file.")
    if GIT_ADDRESS.fullmatch(source):
        return "git"
    raise SourceError(f"There is no folder or file {source}, and it is no git address.")


def unreachable(source: str) -> str | None:
    """Why a source cannot be had by a command that reaches hosts by HTTP and HTTPS alone, or None."""
    if kind_of(source) != "git" or re.match("https?:|file:", source):
        return None
    return (
        f"{source} is not reached by HTTP or HTTPS, and ssh and other protocols do not work in the sandbox: "
        "give its https address, or clone it yourself and give the folder."
    )


def fetch_source(
    source: str,
    destination: Path,
    clone: Callable[[list[str]], Finished] | None = None,
    limit: int = LIMIT,
) -> Origin:
    """Bring a source tree to ``destination``, which appears only when it is complete.

    Symbolic links that lead outside are left out, and so are sockets and devices; ``Origin.notes`` says so.

    Args:
        source: a folder, a git address (``https://...``, ``git@host:path``) or an archive (tar, zip).
        destination: a folder that does not exist yet; what a crash left of an earlier try is removed.
        clone: runs a command that needs the network, for a git address; asking the person is its affair.
        limit: bytes that the tree may have.

    Raises:
        SourceError: if the source cannot be had.
        FileExistsError: if the destination exists.
    """
    kind = kind_of(source)
    if destination.exists():
        raise FileExistsError(f"{destination} exists")
    staging = staging_of(destination)
    shutil.rmtree(staging, ignore_errors=True)
    staging.parent.mkdir(parents=True, exist_ok=True)
    notes: list[str] = []
    if kind == "git":
        _clone(source, staging, clone)
    else:
        source = str(Path(source).expanduser().resolve())
        try:
            if kind == "folder":
                _copy(Path(source), staging, destination, limit, notes)
            else:
                unpack(Path(source), staging, limit, notes)
        except shutil.Error as error:
            path, _, why = error.args[0][0]
            raise SourceError(f"{path} cannot be copied: {why}") from error
        except (OSError, ValueError) as error:
            raise SourceError(f"{source} cannot be used: {error}") from error
    drop_outward_links(staging, notes)
    if not any(staging.iterdir()):
        raise SourceError(f"{source} holds no files.")
    revision = _revision(staging) if kind == "git" else None
    origin = Origin(kind, source, tree_hash(staging), revision, tuple(notes))
    staging.rename(destination)
    return origin


def staging_of(destination: Path) -> Path:
    """Where a source tree is made before it is complete."""
    return destination.with_name(f".{destination.name}.partial")


def tree_hash(root: Path) -> str:
    """SHA-256 over the paths, contents, execute bits and link targets of a tree, without version control."""
    total = hashlib.sha256()
    for path in sorted(files(root)):
        if path.is_symlink():
            kind, content = b"link", hashlib.sha256(os.fsencode(path.readlink())).digest()
        else:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
            kind = b"program" if path.stat().st_mode & stat.S_IXUSR else b"file"
        total.update(b"%s\0%s\0%s" % (os.fsencode(path.relative_to(root)), kind, content))
    return total.hexdigest()


def drop_outward_links(root: Path, notes: list[str]) -> None:
    """Remove symbolic links that lead out of a tree, in themselves or through others."""
    real = root.resolve()
    paths = (Path(folder, name) for folder, folders, names in os.walk(root) for name in [*folders, *names])
    links = [path for path in paths if path.is_symlink()]
    outward = [
        path for path in links if path.readlink().is_absolute() or not Path(os.path.realpath(path)).is_relative_to(real)
    ]
    for path in outward:
        notes.append(f"{path.relative_to(root)} was left out: it links to {path.readlink()}, outside.")
        path.unlink()


def _copy(source: Path, staging: Path, destination: Path, limit: int, notes: list[str]) -> None:
    """Copy a tree with its times, since build tools compare them."""
    left = limit
    excluded = {staging.resolve(), destination.resolve()}

    def refused(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if odd(Path(folder, name))}

    def odd(path: Path) -> bool:
        if path in excluded:
            return True
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode):
            return False
        notes.append(f"{path.relative_to(source)} was left out: it is no file.")
        return True

    def copy(path: str, to: str) -> str:
        nonlocal left
        left -= os.lstat(path).st_size
        if left < 0:
            raise ValueError(f"it is larger than {limit} bytes")
        return str(shutil.copy2(path, to, follow_symlinks=False))

    shutil.copytree(source, staging, symlinks=True, ignore=refused, copy_function=copy)
    for path in [staging, *(Path(folder, name) for folder, names, _ in os.walk(staging) for name in names)]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | stat.S_IRWXU)
    _rebase_links(source, staging)


def _rebase_links(source: Path, copied: Path) -> None:
    """Make absolute links within the original lead within the copy."""
    for path in files(copied):
        if path.is_symlink() and (target := path.readlink()).is_absolute() and target.is_relative_to(source):
            path.unlink()
            inner = copied / target.relative_to(source)
            path.symlink_to(os.path.relpath(inner, path.parent))


def _clone(address: str, staging: Path, clone: Callable[[list[str]], Finished] | None) -> None:
    if clone is None:
        raise SourceError(f"{address} is a git address, and the network may not be used.")
    finished = clone([*CLONE, address, str(staging)])
    if not finished.ok:
        raise SourceError(f"{address} cannot be cloned. {finished.in_words} See {finished.log}.")


def _revision(tree: Path) -> str | None:
    git = tree / ".git"
    head = (git / "HEAD").read_text().strip()
    reference = head.removeprefix("ref: ")
    if reference == head:
        return head
    if (git / reference).is_file():
        return (git / reference).read_text().strip()
    packed = (git / "packed-refs").read_text().splitlines() if (git / "packed-refs").is_file() else []
    return next((line.split()[0] for line in packed if line.endswith(f" {reference}")), None)

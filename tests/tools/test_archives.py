from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.archives import ArchiveError, unpack

Entry = tuple[str, bytes | str | None]
"""A name with its content, the target of a link, or None for a folder."""


def tar_of(path: Path, *entries: Entry, compression: Any = "gz", **more: object) -> Path:
    with tarfile.open(path, "w:" + compression) as tar:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.mtime = 1_000_000_000
            if content is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
            else:
                info.size = len(content)
            for key, value in more.items():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)
    return path


def zip_of(path: Path, *entries: Entry) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            info = zipfile.ZipInfo(name if content is not None else name + "/", (2001, 9, 9, 1, 46, 40))
            if isinstance(content, str):
                info.external_attr = 0o120777 << 16
                content = content.encode()
            else:
                info.external_attr = 0o100755 << 16
            file.writestr(info, content or b"", zipfile.ZIP_DEFLATED)
    return path


Maker = Callable[..., Path]
both = pytest.mark.parametrize("make", [tar_of, zip_of])
LIMIT = 1 << 20


def unpacked(archive: Path, limit: int = LIMIT) -> tuple[Path, list[str]]:
    notes: list[str] = []
    out = archive.parent / "out"
    unpack(archive, out, limit, notes)
    return out, notes


@both
def test_a_single_top_folder_is_left_away(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", ("sim-1.0", None), ("sim-1.0/README", b"read"), ("sim-1.0/src/a.c", b"int"))
    out, notes = unpacked(archive)
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*")) == ["README", "src", "src/a.c"]
    assert (out / "README").read_bytes() == b"read"
    assert notes == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "out"]


@both
def test_a_top_folder_may_hold_one_of_its_own_name(tmp_path: Path, make: Maker) -> None:
    out, _ = unpacked(make(tmp_path / "a", ("sim/sim/sim", b"x")))
    assert (out / "sim" / "sim").read_bytes() == b"x"


@both
def test_several_top_entries_stay(tmp_path: Path, make: Maker) -> None:
    out, _ = unpacked(make(tmp_path / "a", ("./src/a", b"x"), ("README", b"y")))
    assert sorted(path.name for path in out.iterdir()) == ["README", "src"]


@both
def test_times_and_execute_bits_are_kept(tmp_path: Path, make: Maker) -> None:
    more = {"mode": 0o6777} if make is tar_of else {}
    out, _ = unpacked(make(tmp_path / "a", ("d/configure", b"#!"), **more))
    found = (out / "configure").stat()
    assert found.st_mode & 0o7777 == 0o755
    assert abs(found.st_mtime - 1_000_000_000) < 24 * 3600


@pytest.mark.parametrize("compression", ["", "gz", "bz2", "xz"])
def test_every_compression_of_tar(tmp_path: Path, compression: str) -> None:
    out, _ = unpacked(tar_of(tmp_path / "a", ("d/f", b"x"), compression=compression))
    assert (out / "f").read_bytes() == b"x"


@both
@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/tmp/evil-absolute", "a/.."])
def test_names_that_lead_outside_are_refused(tmp_path: Path, make: Maker, name: str) -> None:
    with pytest.raises(ArchiveError, match="outside of itself"):
        unpacked(make(tmp_path / "a", (name, b"evil")))
    assert not (tmp_path / "evil").exists()
    assert not Path("/tmp/evil-absolute").exists()


@both
def test_nothing_is_written_through_a_link(tmp_path: Path, make: Maker) -> None:
    (tmp_path / "target").mkdir()
    archive = make(tmp_path / "a", ("link", str(tmp_path / "target")), ("link/evil", b"evil"))
    with pytest.raises(ArchiveError, match="through a symbolic link"):
        unpacked(archive)
    assert list((tmp_path / "target").iterdir()) == []


def test_a_file_in_the_place_of_a_link_replaces_the_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("kept")
    out, _ = unpacked(tar_of(tmp_path / "a", ("f", str(tmp_path / "target")), ("f", b"new"), ("g", b"")))
    assert (tmp_path / "target").read_text() == "kept"
    assert (out / "f").read_bytes() == b"new"
    assert not (out / "f").is_symlink()


@both
def test_links_inside_are_kept(tmp_path: Path, make: Maker) -> None:
    out, _ = unpacked(make(tmp_path / "a", ("d/f", b"x"), ("d/link", "f")))
    assert (out / "link").readlink() == Path("f")


def test_hard_links_are_copies_and_devices_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo("d/f")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
        for name, kind in (
            ("d/hard", tarfile.LNKTYPE),
            ("d/device", tarfile.CHRTYPE),
            ("d/pipe", tarfile.FIFOTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "d/f"
            tar.addfile(info)
    out, notes = unpacked(path)
    assert (out / "hard").read_bytes() == b"x"
    assert sorted(file.name for file in out.iterdir()) == ["f", "hard"]
    assert notes == ["d/device was left out: it is no file.", "d/pipe was left out: it is no file."]


def test_a_hard_link_to_the_outside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo("hard")
        info.type, info.linkname = tarfile.LNKTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(ArchiveError, match="damaged"):
        unpacked(path)


@both
def test_a_bomb_is_stopped_by_what_it_unpacks_to(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", ("d/zeros", b"\0" * (2 * LIMIT)))
    assert archive.stat().st_size < LIMIT // 10
    with pytest.raises(ArchiveError, match="more than it may"):
        unpacked(archive)
    assert (tmp_path / "out" / "d" / "zeros").stat().st_size <= LIMIT


@both
def test_a_cut_archive_is_said_to_be_damaged(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", ("d/f", bytes(range(256)) * 400), ("d/g", b"x"))
    data = archive.read_bytes()
    archive.write_bytes(data[: len(data) // 2] if make is tar_of else data[:40] + b"\xff" * 40 + data[80:])
    with pytest.raises(ArchiveError, match="damaged"):
        unpacked(archive)


@pytest.mark.parametrize("content", [b"", b"#include <stdio.h>\n", bytes(range(256)) * 9])
def test_what_is_no_archive_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ArchiveError, match="no archive"):
        unpacked(tmp_path / "a")


def test_an_encrypted_archive_is_said(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a", ("d/f", b"x"))
    data = bytearray(archive.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    with pytest.raises(ArchiveError, match="encrypted"):
        unpacked(archive)

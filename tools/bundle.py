"""One archive of a run to attach to an issue: what it did, what its commands printed, where it ran; all redacted."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.redact import Redactor
from tools.runs import Run

WHOLE = 1 << 20
"""Bytes of a file that is taken as it is; of a longer one its two ends."""
END = 1 << 18
SAME_TIME = 0
"""The time of every member, so that the same run gives the same archive."""
AT_TOP = ("*.json", "*.jsonl", "junit.xml", "report.*")
LINES = (".jsonl", ".samples")
BESIDE = ("*.log", "*.out", "*.samples", "*.end.json")


def bundle(run: Run, file: Path, texts: Mapping[str, str], redactor: Redactor) -> list[str]:
    """Write the archive, beside and renamed; returns the names of what is in it.

    Args:
        run: of which it is.
        file: ``.tar.gz``.
        texts: more members, by name.
        redactor: goes over everything.

    Raises:
        OSError: if it cannot be written.
    """
    names = []
    beside = file.with_name(file.name + ".new")
    with (
        beside.open("wb") as raw,
        gzip.GzipFile("", "wb", mtime=SAME_TIME, fileobj=raw) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for name, text in sorted({**dict(_files(run)), **texts}.items()):
            mended = redactor.json_lines(text) if name.endswith(LINES) else redactor.text(text)
            data = mended.encode("utf-8", "replace")
            member = tarfile.TarInfo(f"rigil-{run.id}/{redactor.text(name)}")
            member.size, member.mtime, member.mode = len(data), SAME_TIME, 0o644
            archive.addfile(member, io.BytesIO(data))
            names.append(name)
    beside.replace(file)
    return names


def _files(run: Run) -> Iterator[tuple[str, str]]:
    """Name in the archive -> text of the run's own files."""
    for pattern in AT_TOP:
        for path in run.folder.glob(pattern):
            if path.is_file():
                yield path.name, _text(path)
    for pattern in BESIDE:
        for path in run.logs.glob(pattern):
            if path.is_file():
                yield f"logs/{path.name}", _text(path)
    recipe = run.state / "recipes" / f"{run.name}.json"
    if recipe.is_file():
        yield "recipe.json", _text(recipe)


def _text(path: Path) -> str:
    """A file's text; of a long one its ends, cut at whole lines."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= WHOLE:
            return file.read().decode("utf-8", "replace")
        head = file.read(END)
        file.seek(size - END)
        tail = file.read()
    head, tail = head[: head.rfind(b"\n") + 1], tail[tail.find(b"\n") + 1 :]
    left = size - len(head) - len(tail)
    return (head + f"... {left} bytes left out ...\n".encode() + tail).decode("utf-8", "replace")

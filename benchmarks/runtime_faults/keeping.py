"""Starts the keeper, and the walls that a case needs around what it keeps."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.runtime_faults.case import HERE

MEMORY = 8 << 30
"""Bytes that a trial may have, whatever goes wrong in it."""
OVERTIME_S = 60.0
MOUNT = 'mount -t tmpfs -o "$0" spool "$1" && shift && exec "$@"'
SPOOLS = {"small": "size=256k", "readonly": "ro,size=256k"}
CONTROL_GROUPS = (
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
    (Path("/sys/fs/cgroup"), "memory.max"),
)


class Kept(NamedTuple):
    """How a command ended that was kept."""

    status: int | None
    """Exit status, negative for a signal; None where it did not end by itself."""
    stopped: str | None
    seconds: float
    left: list[str]
    """Command lines of what it left running, and was ended then."""
    stdout: str
    stderr: str


def keep(
    argv: Sequence[str],
    folder: Path,
    *,
    env: Mapping[str, str],
    limit_s: float,
    meanwhile: Sequence[str] = (),
    awaited: Sequence[Path] = (),
    group_bytes: int = 0,
) -> Kept:
    """Run a command to its end and let nothing of it outlive this call, or this process.

    Args:
        argv: the command.
        folder: where it runs, and where what it prints is kept.
        env: its whole environment.
        limit_s: wall seconds after which it is stopped.
        meanwhile: a program that runs beside it.
        awaited: files that this one writes before the command begins.
        group_bytes: memory of a control group whose folder is named in ``folder / "backend" / "group"``.
    """
    files = {name: folder / f"kept-{name}" for name in ("job", "report", "stdout", "stderr", "said")}
    group: dict[str, Any] | None = None
    if group_bytes:
        parent = control_groups()
        assert parent is not None
        group = {"folder": str(parent / f"job-{secrets.token_hex(6)}"), "bytes": group_bytes}
        (folder / "backend" / "group").write_text(f"{group['folder']}\n")
    job = {
        "argv": list(argv),
        "cwd": str(folder),
        "env": dict(env),
        "limit_s": limit_s,
        "memory": MEMORY,
        "meanwhile": list(meanwhile),
        "await": [str(path) for path in awaited],
        "group": group,
        **{name: str(files[name]) for name in ("report", "stdout", "stderr")},
    }
    files["job"].write_text(json.dumps(job))
    files["report"].unlink(missing_ok=True)
    with files["said"].open("wb") as said:
        keeper = subprocess.Popen(
            [sys.executable, "-P", str(HERE / "keeper.py"), str(files["job"])],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        assert keeper.stdin
        try:
            keeper.wait(limit_s + OVERTIME_S)
        finally:
            keeper.stdin.close()
            keeper.wait()
    if keeper.returncode:
        raise RuntimeError(f"The keeper failed: {files['said'].read_text()}")
    report = json.loads(files["report"].read_text())
    return Kept(**report, **{name: files[name].read_text(errors="replace") for name in ("stdout", "stderr")})


def mounted(argv: Sequence[str], spool: Path, kind: str) -> list[str]:
    """The command in a mount namespace of its own, in which ``spool`` is a file system of that kind."""
    return [*_unshare(), "/bin/sh", "-c", MOUNT, SPOOLS[kind], str(spool), *argv]


def may_mount() -> bool:
    """Whether a command can have a mount namespace of its own here."""
    return bool(_unshare())


def plainly(spool: Path, kind: str) -> None:
    """Make a folder of that kind where nothing can be mounted: the device that is always full, or the folder's mode."""
    if kind == "small":
        (spool / "state").symlink_to("/dev/full")
    else:
        spool.chmod(0o555)


@cache
def modes_hold() -> bool:
    """Whether the mode of a folder keeps this user from writing to it."""
    with tempfile.TemporaryDirectory() as folder:
        plainly(Path(folder), "readonly")
        return not os.access(folder, os.W_OK)


@cache
def control_groups() -> Path | None:
    """Where a control group with a memory limit can be made; None where that may not be done."""
    for parent, limit in CONTROL_GROUPS:
        group = parent / f"job-{secrets.token_hex(6)}"
        try:
            group.mkdir()
        except OSError:
            continue
        able = os.access(group / limit, os.W_OK)
        group.rmdir()
        if able:
            return parent
    return None


@cache
def _unshare() -> tuple[str, ...]:
    """What gives a command a mount namespace of its own, found out by doing it; empty where nothing does."""
    for own in ((), ("--user", "--map-root-user")):
        command = ("unshare", *own, "--mount")
        tried = [*command, "/bin/sh", "-c", "mount -t tmpfs none /mnt"]
        try:
            if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
                return command
        except FileNotFoundError:
            return ()
    return ()

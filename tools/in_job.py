"""What a scheduler starts: runs the command of a job, once. Needs nothing but Python and the job's folder.

Where its Python has psutil, it samples what the command uses; without, the job runs all the same.

Run as a script: ``python -I in_job.py FOLDER``, where ``FOLDER/job.json`` holds ``command`` and ``cwd``.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

JOB, CLAIM, ENDED = "job.json", "claim.json", "ended.json"
SAMPLES = "samples.jsonl"
NOT_STARTED = 127


def now() -> str:
    """The time as it is kept in a job's files."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def claim(folder: Path, **facts: Any) -> bool:
    """Take the job for oneself; False where somebody else has it. Only who has the claim may run it.

    A hard link is made or not made, with all its content, also on a network file system.
    """
    beside = folder / f".{uuid.uuid4().hex}"
    beside.write_text(json.dumps({**facts, "pid": os.getpid(), "host": socket.gethostname(), "at": now()}))
    try:
        os.link(beside, folder / CLAIM)
    except FileExistsError:
        return False
    finally:
        beside.unlink()
    return True


def run(folder: Path, facts: Mapping[str, Any]) -> int:
    """Run the job's command, its output in the job's folder; returns its exit status, negative for a signal."""
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        try:
            process = subprocess.Popen(
                facts["command"], cwd=facts["cwd"], stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        except OSError as error:
            err.write(f"{error}\n".encode(errors="replace"))
            return NOT_STARTED
        with process, _sampled(folder, process.pid):
            try:
                return process.wait()
            except BaseException:
                process.kill()
                raise


def _sampled(folder: Path, pid: int) -> AbstractContextManager[object]:
    """Samples of a process in the job's folder, as long as the context; none where they cannot be had."""
    try:
        from tools.samples import Sampler

        sampler = Sampler(folder / SAMPLES, folder=folder)
        sampler.started(pid)
    except Exception:  # whatever is missing here, the job does not need it
        return nullcontext()
    return sampler


def main() -> None:
    """Run the job of the folder that the first argument names."""
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    folder = Path(sys.argv[1])
    facts = json.loads((folder / JOB).read_text())
    if not claim(folder, by="job"):
        return
    status = run(folder, facts)
    beside = folder / f".{uuid.uuid4().hex}"
    beside.write_text(json.dumps({"exit_status": status, "at": now()}))
    beside.replace(folder / ENDED)


if __name__ == "__main__":
    main()

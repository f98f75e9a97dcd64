"""Submits a job and is killed by SIGKILL at a point of it.

Run as ``python -m tests.tools.submitter POINT SCHEDULER KEY COMMAND``.

The points: ``folder`` (the key is there, nothing else), ``written`` (what is to be run is written down), ``submitted``
(the scheduler has the job, its id is not written down) and ``end`` (it is not killed).
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from configs.settings import load_settings, state_folder
from tools.in_job import JOB
from tools.job import SUBMITTED, Job
from tools.jobs import Jobs

BEFORE = {"folder": JOB, "submitted": SUBMITTED}
AFTER = {"written": JOB}


def main() -> None:
    point, through, key, *command = sys.argv[1:]
    write = Job.write

    def killed(self: Job, name: str, **facts: Any) -> None:
        if BEFORE.get(point) == name:
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, name, **facts)
        if AFTER.get(point) == name:
            os.kill(os.getpid(), signal.SIGKILL)

    Job.write = killed  # type: ignore[method-assign]
    jobs = Jobs(state_folder(), load_settings())
    job = jobs.begin(key)
    new = jobs.submit(job, through=through, command=command, cwd=Path.cwd(), backend="b", circuit="c")
    print("submitted" if new else "was submitted before")


if __name__ == "__main__":
    main()

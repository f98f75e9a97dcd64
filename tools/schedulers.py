"""The port through which jobs are run, and the scheduler that needs nothing but this machine.

``local`` does not go through psij: a job that psij starts belongs to the terminal of whoever started it, loses its
exit status with them, and is not wholly stopped when it is cancelled.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from tools import in_job
from tools.job import Job, JobError
from tools.process_tree import COOKIE, alive, stop_tree

if TYPE_CHECKING:
    from configs.settings import Settings

LOCAL = "local"
Phase = Literal["queued", "running", "gone", "unknown"]


class Unsure(JobError):
    """The scheduler cannot be asked, or cannot tell whether it has the job."""


class Scheduler(Protocol):
    """What runs jobs."""

    def known(self) -> list[str] | None:
        """The ids of what it has now, by which something new can be told later; None where it cannot list them."""

    def submit(self, job: Job) -> str:
        """Have the job run; returns the scheduler's own id.

        Raises:
            JobError: if it does not take the job.
        """

    def find(self, job: Job, taken: Collection[str]) -> str | None:
        """The id of a job whose submission was not written down; None where it was never submitted.

        Args:
            job: nobody is submitting it now.
            taken: ids that are known to be those of other jobs.

        Raises:
            Unsure: if that cannot be told.
        """

    def phases(self, jobs: Sequence[Job]) -> dict[str, Phase]:
        """Job id -> where it is, of jobs that are not over.

        Raises:
            Unsure: if it cannot be asked.
        """

    def cancel(self, job: Job) -> None:
        """Stop the job, or see to it that it does not begin; nothing where it is gone.

        Raises:
            JobError: if that cannot be done.
        """


def runner(job: Job) -> list[str]:
    """The command that a scheduler starts for a job."""
    return [sys.executable, "-I", str(Path(in_job.__file__).resolve()), str(job.folder)]


class Local:
    """Processes of this machine, in a session of their own, so that the end of the terminal does not end them."""

    def known(self) -> list[str]:
        """Nothing: a process is known by the variable that it carries."""
        return []

    def submit(self, job: Job) -> str:
        """Start the job's process."""
        with (job.folder / "runner.log").open("ab") as log:
            process = subprocess.Popen(
                runner(job),
                env={**os.environ, COOKIE: job.facts["token"]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        # It outlives this process, which is not to complain that it does.
        process.returncode = 0
        return str(process.pid)

    def find(self, job: Job, taken: Collection[str]) -> str | None:  # noqa: ARG002
        """The process id, from the job's claim or its variable."""
        claimed = job.claimed
        if claimed and claimed["by"] == "job":
            return str(claimed["pid"])
        self._here(job)
        return next((str(pid) for pid in alive({job.facts["token"]})), None)

    def phases(self, jobs: Sequence[Job]) -> dict[str, Phase]:
        """Look for the processes that carry the jobs' variables."""
        here = {job.id: job.facts["token"] for job in jobs if job.facts["host"] == socket.gethostname()}
        living = set(alive(here.values()).values())
        return {
            job.id: "unknown" if job.id not in here else "running" if here[job.id] in living else "gone" for job in jobs
        }

    def cancel(self, job: Job) -> None:
        """Stop the whole process tree, also what detached itself from it."""
        self._here(job)
        token = job.facts["token"]
        claimed = job.claimed or {}
        # A process id may have been given to another since; the variable cannot.
        pid = claimed.get("pid") if claimed.get("pid") in alive({token}) else None
        stop_tree(pid, token)

    def _here(self, job: Job) -> None:
        if (host := job.facts["host"]) != socket.gethostname():
            raise Unsure(f"Job {job.id} was started on {host}; ask there.")


def scheduler(name: str, settings: Settings) -> Scheduler:
    """The scheduler of that name: ``local``, or one that psij knows.

    Raises:
        JobError: if there is none.
    """
    if name == LOCAL:
        return Local()
    from tools.batch import Batch

    return Batch(name, settings.jobs)

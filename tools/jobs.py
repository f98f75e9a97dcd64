"""The store of jobs: submitting one exactly once, finding out how it stands, stopping it.

A job's key is its folder's name. It is written before the submission, and whoever runs the job or stops it before it
began has to take its claim first, so that a job runs once at most, whatever was killed in between.
"""

from __future__ import annotations

import builtins
import re
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from configs.settings import Settings
from tools.in_job import CLAIM, JOB, claim
from tools.job import CANCELLED, FINAL, SUBMITTED, Job, JobError, Standing
from tools.schedulers import Phase, Unsure, scheduler

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
LOCK = ".lock"


class Busy(JobError):
    """Another process is submitting or cancelling the job."""


class Jobs:
    """All jobs under a state folder."""

    def __init__(self, state: Path, settings: Settings) -> None:
        self.folder = state / "jobs"
        self.settings = settings

    def begin(self, key: str | None) -> Job:
        """The job of that key, new where there is none; a new key where none is given.

        Raises:
            JobError: if the key would not do as a folder's name.
        """
        if key is not None and not NAME.fullmatch(key):
            raise JobError(f"{key!r} will not do as a job's key: use letters, digits, '.', '_' and '-'.")
        self.folder.mkdir(parents=True, exist_ok=True)
        if key:
            (self.folder / key).mkdir(exist_ok=True)
            return Job(self.folder / key)
        while True:
            new = self.folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
            try:
                new.mkdir()
            except FileExistsError:
                continue
            return Job(new)

    def submit(self, job: Job, *, through: str, command: Sequence[str], cwd: Path, **shown: Any) -> bool:
        """Submit a job that was not submitted yet; False where it was, also by a process that was killed since.

        Args:
            job: from `begin`.
            through: the scheduler's name.
            command: what it runs.
            cwd: where.
            shown: what tells it from others, plain JSON.

        Raises:
            JobError: if the scheduler does not take it, or the key stands for something else.
            Unsure: if it cannot be told whether it was submitted.
        """
        with self._held(job, wait=True):
            known = job.facts
            if known and (known["command"], known["cwd"]) != (list(command), str(cwd)):
                raise JobError(
                    f"Job {job.id} is another one: {known['circuit']} on {known['backend']}. Choose a new key."
                )
            if known and self._was_submitted(job):
                return False
            port = scheduler(through, self.settings)
            job.write(
                JOB,
                scheduler=through,
                command=list(command),
                cwd=str(cwd),
                host=socket.gethostname(),
                token=secrets.token_hex(8),
                before=port.known(),
                **shown,
            )
            try:
                native = port.submit(job)
            except JobError:
                # Should the scheduler have it all the same, there is nothing that it could run.
                if not job.claimed:
                    (job.folder / JOB).unlink()
                raise
            job.write(SUBMITTED, native=native)
            return True

    def standings(self, jobs: Sequence[Job]) -> dict[str, Standing]:
        """Job id -> how it stands; a scheduler is asked once for all of its jobs."""
        found: dict[str, Standing] = {}
        waiting: dict[str, list[Job]] = {}
        for job in jobs:
            standing = job.over or self._unsubmitted(job)
            if standing:
                found[job.id] = standing
            else:
                waiting.setdefault(job.facts["scheduler"], []).append(job)
        for name, several in waiting.items():
            try:
                phases = scheduler(name, self.settings).phases(several)
            except JobError as error:
                found |= {job.id: Standing("unknown", _since(job), str(error)) for job in several}
            else:
                found |= {job.id: self._placed(job, phases[job.id]) for job in several}
        return found

    def standing(self, job: Job) -> Standing:
        """How one job stands."""
        return self.standings([job])[job.id]

    def cancel(self, job: Job) -> Standing:
        """Stop a job, with all that it started, or see to it that it never begins; returns how it stood before.

        Raises:
            JobError: if its scheduler cannot stop it.
        """
        before = self.standing(job)
        if before.word in FINAL:
            return before
        never = claim(job.folder, by="cancel")
        if not never:
            job.write(CANCELLED)
        if not never or job.native:
            scheduler(job.facts["scheduler"], self.settings).cancel(job)
        return before

    def open(self, job_id: str) -> Job:
        """The job of that id, or of the only id that begins or ends so.

        Raises:
            JobError: if none or several do.
        """
        ids = [job.id for job in self.list()]
        found = [job_id] if job_id in ids else [i for i in ids if i.startswith(job_id) or i.endswith(job_id)]
        if len(found) != 1 or not job_id:
            several = f"{len(found)} jobs are called" if found else "There is no job"
            raise JobError(f"{several} {job_id!r}; `rigil jobs` lists them.")
        return Job(self.folder / found[0])

    def list(self) -> builtins.list[Job]:
        """All jobs, the oldest first."""
        jobs = [Job(path.parent) for path in self.folder.glob(f"*/{JOB}")]
        return sorted(jobs, key=lambda job: (str(job.facts["at"]), job.id))

    def _was_submitted(self, job: Job) -> bool:
        """Whether a job was submitted; what a killed process did not write down is found out and written down now."""
        if job.native is not None or job.over:
            return True
        taken = {other.native or "" for other in self.list() if other.id != job.id}
        native = scheduler(job.facts["scheduler"], self.settings).find(job, taken)
        if native is not None:
            job.write(SUBMITTED, native=native)
        return native is not None

    def _unsubmitted(self, job: Job) -> Standing | None:
        """Why a job is not with its scheduler; None where it is."""
        if job.native is not None:
            return None
        at = str(job.facts["at"])
        try:
            with self._held(job, wait=False):
                if self._was_submitted(job):
                    return None
        except Busy:
            return Standing("submitting", at)
        except Unsure as error:
            return Standing("unsure", at, str(error))
        return Standing("not submitted", at, "its scheduler never had it; the same command with --key submits it")

    def _placed(self, job: Job, phase: Phase) -> Standing:
        if phase == "unknown":
            return Standing("unknown", _since(job), f"it was started on {job.facts['host']}; ask there")
        claimed = job.claimed
        if phase != "gone":
            return Standing("running" if claimed else "queued", _since(job))
        # It may have ended since its files were read.
        if over := job.over:
            return over
        if cancelled := job.read(CANCELLED):
            return Standing("cancelled", cancelled["at"])
        what = "it was stopped from outside" if claimed else "it never began"
        return Standing("lost", _since(job), f"its scheduler has it no more: {what}")

    @contextmanager
    def _held(self, job: Job, *, wait: bool) -> Iterator[None]:
        from filelock import FileLock, Timeout

        lock = FileLock(job.folder / LOCK)
        try:
            lock.acquire(timeout=-1 if wait else 0)
        except Timeout as error:
            raise Busy(f"Another process is at job {job.id}.") from error
        try:
            yield
        finally:
            lock.release()


def _since(job: Job) -> str:
    found = job.read(CLAIM) or job.read(SUBMITTED) or job.facts
    return str(found["at"])

"""Batch schedulers through psij: Slurm, and what else it has an executor for."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.job import Job, JobError
from tools.schedulers import Phase, Unsure, runner

if TYPE_CHECKING:
    from configs.settings import Jobs as JobSettings

FILES = "scheduler"
"""The folder in a job's folder where psij keeps its files; ``NATIVE_ID.out`` is there once the job has begun."""
ASK_S = 60.0


class Batch:
    """A scheduler that takes batch scripts.

    psij writes the scripts and knows the commands and their output. How a job ended is not asked of the scheduler,
    which forgets it after a while: the job writes that down itself.
    """

    def __init__(self, name: str, settings: JobSettings) -> None:
        import psij

        known = sorted(psij.JobExecutor.get_executor_names())
        if name not in known:
            raise JobError(f"There is no scheduler {name!r}; there are: {', '.join(known)}.")
        self.name = name
        self.settings = settings

    def known(self) -> list[str] | None:
        """The ids of the person's jobs."""
        executor = self._executor()
        try:
            command = executor.get_list_command()
        except OSError:  # some name the person by their terminal, which there need not be
            return None
        return list(executor.parse_list_output(self._asked(command)))

    def submit(self, job: Job) -> str:
        """Hand the job over."""
        import psij

        program, *arguments = runner(job)
        log = job.folder / "runner.log"
        given = psij.Job(
            psij.JobSpec(
                executable=program,
                arguments=arguments,
                directory=job.folder,
                stdout_path=log,
                stderr_path=log,
                attributes=psij.JobAttributes(
                    duration=timedelta(minutes=self.settings.minutes),
                    queue_name=self.settings.queue or None,
                    account=self.settings.account or None,
                ),
            )
        )
        # Where psij's templates look for it; that of the specification is not read.
        given.__dict__["name"] = f"rigil-{job.id}"
        try:
            self._executor(job.folder).submit(given)
        except (psij.SubmitException, OSError, AttributeError) as error:
            raise JobError(f"{self.name} did not take the job: {_first_line(error)}") from error
        return str(given.native_id)

    def find(self, job: Job, taken: Collection[str]) -> str | None:
        """The id from psij's files where the job has begun; else whether the scheduler has anything new."""
        if begun := next((job.folder / FILES / self.name).glob("*.out"), None):
            return begun.stem
        before, now = job.facts["before"], self.known()
        new = None if before is None or now is None else sorted(set(now) - set(before) - set(taken))
        if new == []:
            return None
        which = f"{self.name} has {', '.join(new)}, which" if new else f"Something that waits at {self.name}"
        raise Unsure(
            f"{which} may be job {job.id}. It runs once at most; `rigil cancel {job.id}` makes sure that it does not."
        )

    def phases(self, jobs: Sequence[Job]) -> dict[str, Phase]:
        """Ask once for all of them; what the scheduler does not have any more is gone."""
        import psij

        ids = {job.id: job.native for job in jobs}
        executor = self._executor()
        command = executor.get_status_command([native for native in ids.values() if native])
        try:
            stated = executor.parse_status_output(0, self._asked(command))
        except (AssertionError, KeyError, RuntimeError, ValueError) as error:
            raise Unsure(f"What {self.name} says of its jobs was not understood: {_first_line(error)}") from error

        def phase(native: str | None) -> Phase:
            if native not in stated or stated[native].state.final:
                return "gone"
            return "running" if stated[native].state == psij.JobState.ACTIVE else "queued"

        return {job: phase(native) for job, native in ids.items()}

    def cancel(self, job: Job) -> None:
        """Have the scheduler stop the job and all that it started."""
        import psij

        native = job.native or self.find(job, ())
        if native is None:
            return
        given, executor = psij.Job(), self._executor(job.folder)
        executor.attach(given, native)
        try:
            executor.cancel(given)
        except (psij.SubmitException, OSError) as error:
            raise JobError(f"{self.name} did not cancel job {job.id}: {_first_line(error)}") from error

    def _executor(self, folder: Path | None = None) -> Any:
        import psij
        from psij.executors.batch.batch_scheduler_executor import BatchSchedulerExecutor, BatchSchedulerExecutorConfig

        config = BatchSchedulerExecutorConfig(keep_files=True, initial_queue_polling_delay=3600)
        if folder:
            config.work_directory = folder / FILES
        try:
            executor = psij.JobExecutor.get_instance(self.name, config=config)
        except Exception as error:  # psij raises what importing an executor's own libraries does
            raise JobError(f"The scheduler {self.name!r} cannot be used here: {_first_line(error)}") from error
        if not isinstance(executor, BatchSchedulerExecutor):
            raise JobError(f"{self.name} does not take batch scripts: its jobs end with the process that submits them.")
        return executor

    def _asked(self, command: Sequence[str]) -> str:
        try:
            finished = subprocess.run(command, capture_output=True, text=True, timeout=ASK_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unsure(f"{self.name} cannot be asked: {_first_line(error)}") from error
        if finished.returncode:
            said = finished.stderr.strip() or finished.stdout.strip() or f"exit status {finished.returncode}"
            raise Unsure(f"{self.name} cannot be asked: {said.splitlines()[0]}")
        return finished.stdout


def _first_line(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{error.filename} is not there."
    with suppress(IndexError):
        return str(error).strip().splitlines()[0]
    return type(error).__name__

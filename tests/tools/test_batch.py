"""Jobs of a real Slurm, submitted by processes that are really killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from configs.settings import load_settings, state_folder
from tests.slurm import Slurm
from tests.tools.test_jobs import ROOT, over, submitter, until
from tools.job import Job, JobError
from tools.jobs import Jobs


@pytest.fixture
def jobs(slurm: Slurm) -> Iterator[Jobs]:
    yield Jobs(state_folder(), load_settings())
    slurm.says("scancel", "--me")
    until(lambda: not slurm.says("squeue", "-h", "--me"))


def submit(jobs: Jobs, *command: str, key: str | None = None) -> Job:
    job = jobs.begin(key)
    assert jobs.submit(job, through="slurm", command=command, cwd=ROOT, backend="b", circuit="c")
    return job


def names(slurm: Slurm) -> list[str]:
    return sorted(slurm.says("squeue", "-h", "--me", "-o", "%j").split())


def test_a_job_runs_and_its_result_comes_back(jobs: Jobs) -> None:
    good = submit(jobs, "sh", "-c", "echo message >&2; echo result; pwd")
    bad = submit(jobs, "sh", "-c", "exit 7")

    assert over(jobs, good) == "done"
    assert good.output("stdout").splitlines() == ["result", str(ROOT)]
    assert good.output("stderr") == "message\n"
    assert over(jobs, bad) == "failed"
    assert jobs.standing(bad).why == "exit status 7"


def test_a_second_job_queues_and_can_be_cancelled_there(jobs: Jobs, slurm: Slurm, tmp_path: Path) -> None:
    first = submit(jobs, "sleep", "1000")
    until(lambda: first.claimed)
    second = submit(jobs, "touch", str(tmp_path / "ran"))

    assert [standing.word for standing in jobs.standings([first, second]).values()] == ["running", "queued"]
    assert names(slurm) == [f"rigil-{job.id}" for job in sorted([first, second], key=lambda job: job.id)]

    assert jobs.cancel(second).word == "queued"
    until(lambda: names(slurm) == [f"rigil-{first.id}"])
    assert jobs.standing(second).word == "cancelled"
    assert not (tmp_path / "ran").exists()


def test_a_running_job_is_stopped_with_what_it_started(jobs: Jobs, slurm: Slurm, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    job = submit(
        jobs, "sh", "-c", f"sh -c 'sleep 1000 & echo $! >> {pids}; sleep 1000' & echo $! >> {pids}; sleep 1000"
    )
    until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    tree = [psutil.Process(int(pid)) for pid in pids.read_text().split()]

    assert jobs.cancel(job).word == "running"

    until(lambda: not [process for process in tree if process.is_running()])
    until(lambda: jobs.standing(job).word == "cancelled")
    assert names(slurm) == []


def test_a_job_that_slurm_stopped_is_not_called_done_or_running(jobs: Jobs, slurm: Slurm) -> None:
    job = submit(jobs, "sleep", "1000")
    until(lambda: job.claimed)
    slurm.says("scancel", job.native or "")
    # Slurm's signal reaches the command before what runs it, or with it.
    until(lambda: jobs.standing(job).word in ("lost", "failed"))


def test_killed_before_submitting_the_same_key_submits_it(jobs: Jobs, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    command = ("sh", "-c", f"echo once >> {ran}")
    assert submitter("written", "k", *command, through="slurm").returncode == -signal.SIGKILL
    job = jobs.open("k")
    assert jobs.standing(job).word == "not submitted"

    assert submitter("end", "k", *command, through="slurm").stdout == "submitted\n"

    assert over(jobs, job) == "done"
    assert ran.read_text() == "once\n"


def test_killed_after_submitting_a_job_that_runs_is_found_again(jobs: Jobs, tmp_path: Path) -> None:
    go, ran = tmp_path / "go", tmp_path / "ran"
    command = ("sh", "-c", f"until [ -e {go} ]; do sleep 0.1; done; echo once >> {ran}")
    assert submitter("submitted", "k", *command, through="slurm").returncode == -signal.SIGKILL
    job = jobs.open("k")
    until(lambda: job.claimed)
    assert job.native is None

    assert jobs.standing(job).word == "running"
    assert submitter("end", "k", *command, through="slurm").stdout == "was submitted before\n"

    assert job.native
    go.touch()
    assert over(jobs, job) == "done"
    assert ran.read_text() == "once\n"


def test_killed_after_submitting_a_job_that_queues_is_not_submitted_again(
    jobs: Jobs, slurm: Slurm, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    command = ("sh", "-c", f"echo once >> {ran}")
    first = submit(jobs, "sleep", "1000")
    until(lambda: first.claimed)
    assert submitter("submitted", "k", *command, through="slurm").returncode == -signal.SIGKILL
    job = jobs.open("k")

    assert jobs.standing(job).word == "unsure"
    assert "which may be job k" in jobs.standing(job).why
    refused = submitter("end", "k", *command, through="slurm")
    assert refused.returncode == 1 and "which may be job k" in refused.stderr
    assert len(names(slurm)) == 2

    jobs.cancel(first)
    assert over(jobs, job) == "done"
    assert ran.read_text() == "once\n"


def test_cancelled_while_unsure_a_job_never_runs(jobs: Jobs, slurm: Slurm, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    first = submit(jobs, "sleep", "1000")
    until(lambda: first.claimed)
    assert submitter("submitted", "k", "touch", str(ran), through="slurm").returncode == -signal.SIGKILL
    job = jobs.open("k")

    assert jobs.cancel(job).word == "unsure"
    jobs.cancel(first)

    until(lambda: not names(slurm))
    assert jobs.standing(job).word == "cancelled"
    assert not ran.exists()


def test_a_slurm_that_does_not_answer_is_told(jobs: Jobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    job = submit(jobs, "sleep", "1000")
    until(lambda: job.claimed)
    settings = tmp_path / "elsewhere.conf"
    settings.write_text("ClusterName=x\nSlurmctldHost=none(127.0.0.1)\nSlurmctldPort=1\nMessageTimeout=1\n")
    with monkeypatch.context() as other:
        other.setenv("SLURM_CONF", str(settings))
        assert jobs.standing(job).word == "unknown"
        with pytest.raises(JobError, match="slurm cannot be asked"):
            jobs.submit(jobs.begin(None), through="slurm", command=["true"], cwd=ROOT, backend="b", circuit="c")
    assert jobs.standing(job).word == "running"


def test_what_the_settings_say_reaches_slurm(slurm: Slurm) -> None:
    settings = load_settings(jobs={"minutes": 7, "queue": "nowhere"})
    jobs = Jobs(state_folder(), settings)
    with pytest.raises(JobError, match="invalid partition"):
        submit(jobs, "true", key="k")
    assert jobs.list() == []
    jobs = Jobs(state_folder(), load_settings(jobs={"minutes": 7}))
    job = submit(jobs, "true", key="k")
    assert "TimeLimit=00:07:00" in slurm.says("scontrol", "show", "job", job.native or "")
    assert over(jobs, job) == "done"

"""Jobs as processes of this machine, submitted by processes that are really killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from configs.settings import load_settings, state_folder
from tools.in_job import JOB, SAMPLES, claim
from tools.job import Job, JobError
from tools.jobs import Jobs
from tools.process_tree import COOKIE

ROOT = Path(__file__).parents[2]
WAIT_S = 60.0
POINTS = ("folder", "written", "submitted")


@pytest.fixture
def jobs() -> Jobs:
    return Jobs(state_folder(), load_settings())


def until(seen: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not seen():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def submitter(point: str, key: str, *command: str, through: str = "local") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.tools.submitter", point, through, key, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def submit(jobs: Jobs, *command: str, key: str | None = None) -> Job:
    job = jobs.begin(key)
    assert jobs.submit(job, through="local", command=command, cwd=ROOT, backend="b", circuit="c")
    return job


def over(jobs: Jobs, job: Job) -> str:
    until(lambda: job.over)
    return jobs.standing(job).word


def test_a_job_outlives_who_submitted_it_and_leaves_its_output(jobs: Jobs, tmp_path: Path) -> None:
    go = tmp_path / "go"
    script = f"echo begun >&2; while [ ! -e {go} ]; do sleep 0.05; done; echo result; exit 3"
    assert submitter("end", "a", "sh", "-c", script).stdout == "submitted\n"
    job = jobs.open("a")
    until(lambda: job.last_line)

    assert jobs.standing(job).word == "running"
    assert job.last_line == "begun"

    go.touch()
    assert over(jobs, job) == "failed"
    assert (job.exit_status, job.output("stdout"), jobs.standing(job).why) == (3, "result\n", "exit status 3")


def test_the_end_of_a_terminal_does_not_reach_a_job(jobs: Jobs) -> None:
    job = submit(jobs, "sleep", "1000")
    until(lambda: job.claimed)
    assert os.getsid(int(job.native or 0)) == int(job.native or 0) != os.getsid(0)
    jobs.cancel(job)


@pytest.mark.parametrize("point", POINTS)
def test_killed_while_it_submits_nothing_runs_twice(point: str, jobs: Jobs, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    command = ("sh", "-c", f"echo once >> {ran}")

    assert submitter(point, "k", *command).returncode == -signal.SIGKILL
    again = [submitter("end", "k", *command).stdout for _ in range(2)]

    job = jobs.open("k")
    assert over(jobs, job) == "done"
    was = "was submitted before\n"
    assert again == [was if point == "submitted" else "submitted\n", was]
    assert ran.read_text() == "once\n"


@pytest.mark.parametrize("point", POINTS)
def test_after_a_kill_the_next_look_finds_out_what_happened(point: str, jobs: Jobs, tmp_path: Path) -> None:
    go = tmp_path / "go"
    assert submitter(point, "k", "sh", "-c", f"until [ -e {go} ]; do sleep 0.05; done").returncode == -signal.SIGKILL

    if point == "folder":
        assert jobs.list() == []
        return
    (job,) = jobs.list()
    if point == "written":
        assert jobs.standing(job).word == "not submitted"
        assert jobs.cancel(job).word == "not submitted"
        assert submitter("end", "k", "sh", "-c", f"until [ -e {go} ]; do sleep 0.05; done").stdout.startswith("was")
        assert jobs.standing(job).word == "cancelled"
        return
    until(lambda: job.claimed)
    assert job.native is None
    assert jobs.standing(job).word == "running"
    assert job.native == str((job.claimed or {})["pid"])
    go.touch()
    assert over(jobs, job) == "done"


def test_two_that_submit_the_same_key_at_once_run_it_once(jobs: Jobs, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    command = [sys.executable, "-m", "tests.tools.submitter", "end", "local", "k", "sh", "-c", f"echo once >> {ran}"]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(process.communicate()[0] for process in both)

    assert over(jobs, jobs.open("k")) == "done"
    assert said == ["submitted\n", "was submitted before\n"]
    assert ran.read_text() == "once\n"


def test_a_key_that_stands_for_another_job_is_refused(jobs: Jobs) -> None:
    submit(jobs, "true", key="k")
    with pytest.raises(JobError, match=r"Job k is another one: c on b\. Choose a new key\."):
        submit(jobs, "false", key="k")
    with pytest.raises(JobError, match="will not do as a job's key"):
        jobs.begin("../k")


def test_cancelled_before_it_began_a_job_never_runs(jobs: Jobs, tmp_path: Path) -> None:
    job = jobs.begin("k")
    assert claim(job.folder, by="cancel")
    assert not claim(job.folder, by="job")
    assert jobs.submit(
        job, through="local", command=["touch", str(tmp_path / "ran")], cwd=ROOT, backend="b", circuit="c"
    )
    process = psutil.Process(int(job.native or 0))
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
    assert jobs.standing(job).word == "cancelled"
    assert not (tmp_path / "ran").exists()


def test_cancelling_stops_the_whole_tree(jobs: Jobs, tmp_path: Path) -> None:
    """A child, a grandchild, one in a session of its own, and one that was handed over to init."""
    pids = tmp_path / "pids"
    script = f"""
        sh -c 'sleep 1000 & echo $! >> {pids}; sleep 1000' & echo $! >> {pids}
        setsid sleep 1000 & echo $! >> {pids}
        sh -c 'setsid sh -c "trap \\"\\" TERM; echo \\$\\$ >> {pids}; sleep 1000; sleep 1000" &'
        sleep 1000
    """
    job = submit(jobs, "sh", "-c", script)
    until(lambda: pids.exists() and len(pids.read_text().split()) == 4)
    tree = [psutil.Process(int(pid)) for pid in pids.read_text().split()]
    tree.append(psutil.Process(int(job.native or 0)))
    assert all(process.is_running() for process in tree)
    assert any(process.ppid() not in {other.pid for other in tree} for process in tree[:4])

    assert jobs.cancel(job).word == "running"

    assert not [process for process in tree if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    token = job.facts["token"]
    for process in psutil.process_iter():
        try:
            assert process.environ().get(COOKIE) != token or process.status() == psutil.STATUS_ZOMBIE
        except psutil.Error:
            continue
    assert jobs.standing(job).word == "cancelled"
    assert jobs.cancel(job).word == "cancelled"


def test_a_job_that_was_killed_from_outside_is_lost_and_not_running(jobs: Jobs) -> None:
    job = submit(jobs, "sleep", "1000")
    until(lambda: job.claimed)
    runner = psutil.Process(int(job.native or 0))
    until(runner.children)
    # The runner first: it would still say how its command ended.
    for process in (runner, *runner.children()):
        process.kill()
    until(lambda: jobs.standing(job).word == "lost")
    assert "stopped from outside" in jobs.standing(job).why


def test_a_job_of_another_machine_is_neither_judged_nor_stopped_here(jobs: Jobs) -> None:
    job = submit(jobs, "sleep", "1000")
    until(lambda: job.claimed)
    here = job.facts
    job.write("job.json", **{**here, "host": "elsewhere"})

    assert jobs.standing(job) == ("unknown", jobs.standing(job).since, "it was started on elsewhere; ask there")
    with pytest.raises(JobError, match="elsewhere"):
        jobs.cancel(job)

    assert psutil.pid_exists(int(job.native or 0))
    job.write("job.json", **here)
    jobs.cancel(job)


def test_a_command_that_cannot_start_says_so(jobs: Jobs) -> None:
    job = submit(jobs, "/no/such/program")
    assert over(jobs, job) == "failed"
    assert "/no/such/program" in job.output("stderr")


def test_an_unknown_scheduler_and_an_unknown_job(jobs: Jobs) -> None:
    with pytest.raises(JobError, match=r"no scheduler 'nope'; there are: .*slurm"):
        jobs.submit(jobs.begin(None), through="nope", command=["true"], cwd=ROOT, backend="b", circuit="c")
    with pytest.raises(JobError, match=r"lsf did not take the job: bsub is not there\."):
        jobs.submit(jobs.begin(None), through="lsf", command=["true"], cwd=ROOT, backend="b", circuit="c")
    assert jobs.list() == []
    with pytest.raises(JobError, match="There is no job 'x'"):
        jobs.open("x")


def test_a_job_whose_python_has_no_psutil_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / JOB).write_text(json.dumps({"command": ["sh", "-c", "echo ran; sleep 1"], "cwd": str(tmp_path)}))
    without = f"import sys; sys.modules['psutil'] = None; sys.argv[1:] = [{str(tmp_path)!r}]"
    program = f"{without}; from tools.in_job import main; main()"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert Job(tmp_path).exit_status == 0 and Job(tmp_path).output("stdout") == "ran\n"
    assert not (tmp_path / SAMPLES).exists()

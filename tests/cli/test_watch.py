"""`rigil watch` from a process of its own, on jobs and on commands of a run."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from cli.watch import BARS, WIDTH, sparkline, watch
from configs.settings import load_settings, state_folder
from nodes.session import Session
from nodes.watch import Watch
from tests.nodes.tiny_backend import begin
from tests.tools.test_jobs import ROOT, until
from tools.in_job import SAMPLES
from tools.job import Job
from tools.jobs import Jobs
from tools.samples import read_samples

BUSY = "import time\nprint('layer 3 of 9', flush=True)\nend = time.time() + 600\nwhile time.time() < end: pass"
WAITS = "import time; print('waiting for the lock', flush=True); time.sleep(600)"


def rigil(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )


def submitted(program: str) -> tuple[Jobs, Job]:
    """A job whose samples have begun."""
    jobs = Jobs(state_folder(), load_settings())
    job = jobs.begin("a-job")
    command = [sys.executable, "-c", program]
    assert jobs.submit(job, through="local", command=command, cwd=ROOT, backend="wavelet", circuit="bell.qasm")
    until(lambda: len(read_samples(job.folder / SAMPLES)) > 2 and job.last_line)
    return jobs, job


def test_a_job_is_sampled_and_shown_from_another_process() -> None:
    jobs, job = submitted(BUSY)
    until(lambda: read_samples(job.folder / SAMPLES)[-1].cpu > 0.1)
    shown = rigil("watch", "a-job")
    assert shown.returncode == 0, shown.stderr
    title, cpu, memory, moved, status, *rest = shown.stdout.splitlines()
    assert title.startswith("job a-job, bell.qasm on wavelet: running since ")
    assert cpu.split()[0] == "cpu" and " cores of " in cpu and BARS[-1] in cpu
    assert memory.split()[0] == "memory" and "MiB" in memory
    assert moved.split()[0] == "I/O"
    assert "1 processes, 1 threads" in status
    assert [line.strip() for line in rest[-2:]] == ["output", "layer 3 of 9"]
    assert "sign" not in shown.stdout

    jobs.cancel(job)
    over = rigil("watch", "a-job")
    assert over.stdout.startswith("job a-job, bell.qasm on wavelet: cancelled since")
    assert "layer 3 of 9" in over.stdout


def test_at_a_terminal_it_ends_when_the_job_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.watch.LOOK_S", 0.05)
    jobs, job = submitted(BUSY)
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=120, height=40)
    codes: list[int] = []
    watching = threading.Thread(target=lambda: codes.append(watch("a-job", console)))
    watching.start()
    until(lambda: "running since" in output.getvalue())
    assert watching.is_alive()
    jobs.cancel(job)
    watching.join(60)
    assert codes == [0]
    assert "cancelled since" in output.getvalue().rpartition("\x1b[?1049l")[2]


def test_the_sign_of_a_job_that_waits_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(os.environ["RIGIL_SETTINGS"]).write_text("watch: {still_s: 2}\n")
    jobs, job = submitted(WAITS)
    until(lambda: "it no longer moves" in rigil("watch").stdout)
    jobs.cancel(job)


def test_a_run_shows_its_newest_command_and_what_the_model_thinks(tmp_path: Path) -> None:
    answer = {"health": "healthy", "rests_on": "layer 3 of 9"}
    session, _ = begin(tmp_path, process_health=answer)
    quick = session.settings.watch.model_copy(update={"seconds_remote": 1.0})
    session.settings = session.settings.model_copy(update={"watch": quick})

    def go(session: Session) -> None:
        with suppress(KeyboardInterrupt), Watch(session, "computes", phase="tests") as watch:
            session.command([sys.executable, "-c", BUSY], name="suite", **watch.watching())

    session.command("echo earlier", name="build")
    with session.run.lock():
        working = threading.Thread(target=go, args=(session,))
        working.start()
        until(lambda: "model   healthy" in rigil("watch", session.run.id).stdout)
        shown = rigil("watch").stdout
        session.shell.cancel.set()
        working.join(60)
    assert shown.startswith(f"run {session.run.id} of wavelet: running, 002-suite")
    assert "because of “layer 3 of 9”" in shown and "    layer 3 of 9" in shown
    assert "it was cut off" in rigil("watch").stdout  # its status says running, but nobody is at it


def test_what_is_not_there_is_said() -> None:
    nothing = rigil("watch")
    assert (nothing.returncode, nothing.stderr.count("\n")) == (1, 1)
    assert "`rigil up` begins a run" in nothing.stderr
    unknown = rigil("watch", "x")
    assert "There is no one job or run 'x'; `rigil jobs` and `rigil runs` list them." in unknown.stderr
    assert unknown.returncode == 1


def test_bars_are_of_the_newest_values() -> None:
    assert sparkline([0, 1, 2, 4]).strip() == BARS[0] + BARS[2] + BARS[4] + BARS[7]
    assert len(sparkline(range(100))) == len(sparkline([])) == WIDTH
    assert sparkline([0.0, 0.0]).strip() == BARS[0] * 2

"""`rigil run` as a job, and the commands that work on it from another process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from configs.settings import state_folder
from tests.slow_backend import BELL, NAME, make_home, times_run
from tests.slurm import Slurm
from tests.tools.test_jobs import ROOT, until

COMMAND = [sys.executable, "-m", "cli.main"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home that the processes of this test find; the circuits lie in the folder that they run in."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    for name, text in {"bell": BELL, "forever": BELL + "// forever\n", "refused": BELL + "// refused\n"}.items():
        (tmp_path / f"{name}.qasm").write_text(text)
    make_home(tmp_path / "proxima")
    return tmp_path / "proxima"


def rigil(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)


def run(circuit: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return rigil("run", f"{circuit}.qasm", "--backend", NAME, *arguments)


def listed() -> list[list[str]]:
    return [line.split() for line in rigil("jobs").stdout.splitlines()]


def advised(home: Path, **advice: Any) -> None:
    make_home(home, advice=advice)


SPEED = {"start_up_s": 0.5, "slope": 1.0, "intercept": 4.0}
"""A gate on 2 qubits takes 64 s."""


def test_a_detached_job_and_its_result(home: Path) -> None:
    submitted = run("bell", "--detach", "--shots", "40", "--seed", "7")
    job = submitted.stdout.strip()
    assert (submitted.returncode, len(job.split())) == (0, 1)
    assert f"submitted as job {job}" in submitted.stderr

    until(lambda: rigil("result", job).returncode != 2)
    told = rigil("result", job)
    assert (told.returncode, told.stdout) == (0, "00  39\n11  1\n40 shots on slow in 0.250 s\n")
    found = json.loads(rigil("result", job, "--json").stdout)
    assert (found["counts"], found["seed"], found["circuit"]) == ({"00": 39, "11": 1}, 7, "bell.qasm")
    assert [line[:4] for line in listed()] == [[job, NAME, "bell.qasm", "done"]]
    assert times_run(home) == 1


def test_a_job_that_goes_on_is_shown_and_stopped_from_elsewhere(home: Path) -> None:
    job = run("forever", "--detach").stdout.strip()
    until(lambda: len(listed()) == 2)
    assert listed()[0][:4] == [job, NAME, "forever.qasm", "running"]
    assert listed()[1] == ["layer", "3", "of", "1000"]
    early = rigil("result", job)
    assert (early.returncode, early.stdout) == (2, "")
    assert f"Job {job} is running since" in early.stderr
    claim = json.loads((state_folder() / "jobs" / job / "claim.json").read_text())
    runner = psutil.Process(claim["pid"])
    until(lambda: [process.name() for process in runner.children(recursive=True)].count("sleep") == 2)
    tree = [runner, *runner.children(recursive=True)]

    assert rigil("cancel", job).stdout == f"cancelled {job}, which was running\n"

    assert not [process for process in tree if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert listed()[0][3] == "cancelled"
    assert rigil("result", job).returncode == 4
    again = rigil("cancel", job)
    assert (again.returncode, "there is nothing to cancel" in again.stderr) == (1, True)


def test_a_job_that_fails_hands_on_what_was_said_and_its_exit_code(home: Path) -> None:
    waited = run("refused", "--wait", "--key", "bad")
    told = rigil("result", "bad")
    assert waited.returncode == told.returncode == 1
    assert "this one is refused" in waited.stderr and "this one is refused" in told.stderr
    assert listed()[0][3] == "failed"


def test_the_same_key_runs_once(home: Path) -> None:
    both = [run("bell", "--wait", "--key", "mine", "--json") for _ in range(2)]
    assert [json.loads(one.stdout)["counts"] for one in both] == [{"00": 1023, "11": 1}] * 2
    assert times_run(home) == 1
    other = run("forever", "--detach", "--key", "mine")
    assert (other.returncode, other.stdout) == (1, "")
    assert "Job mine is another one: bell.qasm on slow. Choose a new key." in other.stderr
    assert run("bell", "--detach", "--key", "mine", "--json").stdout == '{"job": "mine"}\n'


def test_interrupted_while_it_waits_the_job_goes_on(home: Path) -> None:
    waiting = subprocess.Popen(
        [*COMMAND, "run", "forever.qasm", "--backend", NAME, "--wait", "--key", "k"], stderr=subprocess.PIPE, text=True
    )
    assert waiting.stderr
    assert waiting.stderr.readline() == "layer 3 of 1000\n"
    os.kill(waiting.pid, signal.SIGINT)
    assert "job k goes on; `rigil cancel k` stops it" in waiting.communicate()[1]
    assert listed()[0][3] == "running"
    assert rigil("cancel", "k").returncode == 0


def test_a_job_that_dies_while_it_is_waited_for_is_lost(home: Path) -> None:
    waiting = subprocess.Popen(
        [*COMMAND, "run", "forever.qasm", "--backend", NAME, "--wait", "--key", "k"], stderr=subprocess.PIPE, text=True
    )
    assert waiting.stderr
    assert waiting.stderr.readline() == "layer 3 of 1000\n"
    runner = psutil.Process(json.loads((state_folder() / "jobs" / "k" / "claim.json").read_text())["pid"])
    until(lambda: [process.name() for process in runner.children(recursive=True)].count("sleep") == 2)
    # The runner first: it would still say how its command ended.
    for process in (runner, *runner.children(recursive=True)):
        process.kill()
    assert "Job k is lost" in waiting.communicate()[1]
    assert waiting.returncode == 1


def test_without_a_speed_it_waits_here(home: Path) -> None:
    advised(home, wait_s=1, speed=None)
    assert run("bell").stdout.startswith("00  1023")
    assert rigil("jobs").stdout.startswith("There is no job")


def test_what_takes_longer_than_advised_becomes_a_job(home: Path) -> None:
    advised(home, wait_s=60, speed=SPEED)
    long = run("bell")
    job = long.stdout.strip()
    assert f"submitted as job {job} (about 4 minutes are expected; waiting is advised up to 60 s)" in long.stderr
    until(lambda: rigil("result", job).returncode == 0)


def test_what_is_shorter_than_advised_is_waited_for(home: Path) -> None:
    advised(home, wait_s=3600, speed=SPEED)
    assert run("bell").stdout.startswith("00  1023")
    assert rigil("jobs").stdout.startswith("There is no job")


def test_the_person_overrides_the_advice(home: Path) -> None:
    advised(home, wait_s=60, speed=SPEED)
    assert run("bell", "--wait").stdout.startswith("00  1023")
    advised(home, wait_s=3600, speed=SPEED)
    assert len(run("bell", "--detach").stdout.split()) == 1


def test_what_cannot_be_run_is_not_submitted(home: Path) -> None:
    for arguments in (("nothing.qasm", "--backend", NAME), ("bell.qasm", "--backend", "none")):
        for how in ((), ("--detach",), ("--wait", "--key", "k")):
            refused = rigil("run", *arguments, *how)
            assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
            assert "Errno" not in refused.stderr or how == ()
            assert ("nothing.qasm" if arguments[0] == "nothing.qasm" else "No backend is called") in refused.stderr
    assert rigil("jobs").stdout.startswith("There is no job")
    assert "There is no job 'x'; `rigil jobs` lists them." in rigil("result", "x").stderr
    assert "There is no scheduler 'nope'" in run("bell", "--scheduler", "nope").stderr


def test_a_circuit_runs_through_slurm(home: Path, slurm: Slurm) -> None:
    waited = run("bell", "--wait", "--scheduler", "slurm", "--json")
    assert json.loads(waited.stdout)["counts"] == {"00": 1023, "11": 1}, waited.stderr

    job = run("forever", "--detach", "--scheduler", "slurm").stdout.strip()
    until(lambda: len(listed()) == 3)
    assert listed()[1][:4] == [job, NAME, "forever.qasm", "running"]
    assert rigil("cancel", job).returncode == 0
    until(lambda: listed()[1][3] == "cancelled")
    assert slurm.says("squeue", "-h", "--me") == ""

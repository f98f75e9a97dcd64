"""`kill -9` at seeded moments of who submits a job, again and again under the same key: it runs just once."""

from __future__ import annotations

import random
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from configs.settings import load_settings, state_folder
from tests.cli.test_jobs import COMMAND, home, rigil  # noqa: F401
from tests.slow_backend import NAME, times_run
from tests.slurm import Slurm
from tests.tools.test_jobs import until
from tools.jobs import Jobs

Property = Any


def submission(key: str, through: str) -> list[str]:
    return ["run", "bell.qasm", "--backend", NAME, "--detach", "--key", key, "--scheduler", through]


def killed(key: str, through: str, rng: random.Random, kills: int, lasts_s: float) -> int:
    """Submit with a kill somewhere in it, so often; returns how many were killed in the midst."""
    done = 0
    for _ in range(kills):
        # Half of them around the end, where it is written down and handed to the scheduler.
        moment = rng.uniform(0.8, 1.05) if rng.random() < 0.5 else rng.random()
        with subprocess.Popen([*COMMAND, *submission(key, through)], stdout=-3, stderr=-3) as process:
            time.sleep(moment * lasts_s)
            done += process.poll() is None
            process.kill()
    return done


def run_once(home: Path, through: str, seed: int, keys: int, kills: int, count: Property) -> None:  # noqa: F811
    rng = random.Random(seed)
    began = time.monotonic()
    assert rigil(*submission("undisturbed", through)).returncode == 0
    lasts_s = time.monotonic() - began
    names = [f"k{number}" for number in range(keys)]
    survived = sum(killed(key, through, rng, kills, lasts_s) for key in names)

    def submitted(key: str) -> bool:
        said = rigil(*submission(key, through))
        # What waits at a scheduler cannot be told from another's: it is refused until it has begun.
        unsure = through != "local" and f"may be job {key}. It runs once at most" in said.stderr
        assert unsure or (said.returncode, said.stdout) == (0, f"{key}\n"), said
        return not unsure

    for key in names:
        until(partial(submitted, key))
    jobs = Jobs(state_folder(), load_settings())
    until(lambda: all(job.over for job in jobs.list()))
    assert [jobs.standing(job).word for job in jobs.list()] == ["done"] * (1 + keys)
    assert times_run(home) == 1 + keys
    count("kills survived", survived)


@pytest.mark.parametrize(
    ("seed", "keys", "kills"), [(1, 1, 3), *(pytest.param(seed, 5, 3, marks=pytest.mark.whole) for seed in range(2, 6))]
)
def test_a_process_of_this_machine(home: Path, seed: int, keys: int, kills: int, record_property: Property) -> None:  # noqa: F811
    run_once(home, "local", seed, keys, kills, record_property)


@pytest.mark.whole
@pytest.mark.parametrize("seed", [10, 11])
def test_a_job_of_slurm(home: Path, slurm: Slurm, seed: int, record_property: Property) -> None:  # noqa: F811
    run_once(home, "slurm", seed, 5, 3, record_property)
    until(lambda: slurm.says("squeue", "-h", "--me") == "")  # one that is done is listed for a moment still

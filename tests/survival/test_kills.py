"""`kill -9` at seeded moments, again and again: the run ends as one that nobody disturbed, and nothing is done twice.

`tests/e2e/test_crashes.py` kills at every checkpoint; here the moment is any, also in the middle of a command, of a
write or of the interpreter's start."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from graph.runner import PARTIAL, STOPPED, VERIFIED
from tests.e2e.machine import PACKAGE, SETTLED, Machine, until
from tests.e2e.test_crashes import default_signals, home_of
from tools.proxima import backends
from tools.runs import FINISHED, Runs

MOST = 60
"""Starts of one run; a run that does not end by itself within them makes no headway."""


def results(machine: Machine) -> dict[str, Any]:
    """What a run comes to, without clocks and places."""
    recipe = machine.recipe()
    parts = {"build", "survey", "tests", "dialect", "parameters", "health"} & set(recipe)
    return {
        "recipe": {name: str(recipe[name]).replace(str(machine.folder), "FOLDER") for name in sorted(parts)},
        "pieces": sorted(set(recipe) - {"durations"}),
        "steps": list(dict.fromkeys(machine.settled())),
        "status": machine.newest().status,
        "home": home_of(machine) if machine.home.exists() else {},
        "runs": len(list((machine.state / "runs").iterdir())),
    }


def driven(machine: Machine, rng: random.Random, kills: int, lasts_s: float, *until_phase: str) -> tuple[int, int]:
    """Run to the end through kills at moments out of the time that a run takes.

    Returns:
        ``(exit_code, done)``: how it ended, and how many kills there were: less than wanted where it ended before.
    """
    done = 0
    for _ in range(MOST + kills):
        begun = list((machine.state / "runs").glob("*/run.json"))
        process = machine.start(*(["resume"] if begun else [*machine.up(), *until_phase]))
        if done < kills:
            time.sleep(rng.uniform(0.1, lasts_s))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()
                done += 1
                run = Runs(machine.state).latest(unfinished=False)
                if run and run.status in FINISHED and run.exit_code is not None:
                    return run.exit_code, done  # only its process had not ended yet
                continue
        code = process.wait()
        if done >= kills or code in (VERIFIED, PARTIAL):
            return code, done
    raise AssertionError(f"no end after {done} kills")


def begun_anew(machine: Machine) -> None:
    """A kill before run.json was written leaves an empty folder, which is no run."""
    for folder in (machine.state / "runs").iterdir():
        if not (folder / "run.json").exists():
            folder.rename(machine.folder / folder.name)


def machine_at(folder: Path, interpreter: Path) -> Machine:
    folder.mkdir()
    machine = Machine(folder)
    machine.with_python(interpreter)
    return machine


@pytest.fixture
def undisturbed(tmp_path: Path, interpreter: Path) -> Machine:
    return machine_at(tmp_path / "undisturbed", interpreter)


@pytest.fixture
def disturbed(tmp_path: Path, interpreter: Path) -> Machine:
    return machine_at(tmp_path / "disturbed", interpreter)


def compare(undisturbed: Machine, disturbed: Machine, count: Any) -> None:
    gone = until(lambda: disturbed.processes() == [], 20)
    count("processes left", 0 if gone else len(disturbed.processes()))
    begun_anew(disturbed)
    assert results(disturbed) == results(undisturbed)
    done = [line for line in disturbed.newest().journal() if line["step"] == "recovery.carry_out"]
    assert sum(PACKAGE in line["text"] for line in done) == 1  # what was installed is not installed again
    assert disturbed.installed().count(PACKAGE) in (1, 2)  # twice only where the first was killed in its midst
    assert gone, disturbed.processes()


@pytest.mark.parametrize(
    ("kills", "until_phase", "seed"),
    [(4, "build", 1), *(pytest.param(10, "", seed, marks=pytest.mark.whole) for seed in range(10))],
)
def test_a_run_that_is_killed_again_and_again_ends_as_if_it_were_not(
    kills: int, until_phase: str, seed: int, undisturbed: Machine, disturbed: Machine, record_property: Any
) -> None:
    more, ends = (["--until", until_phase], PARTIAL) if until_phase else ([], VERIFIED)
    began = time.monotonic()
    assert undisturbed.rigil(*undisturbed.up(), *more).code == ends
    lasts_s = (time.monotonic() - began) * 3 / kills
    code, done = driven(disturbed, random.Random(seed), kills, lasts_s, *more)
    assert code == ends
    compare(undisturbed, disturbed, record_property)
    if not until_phase:
        assert list(backends(disturbed.home)) == list(backends(undisturbed.home))
        assert list(dict.fromkeys(disturbed.settled())) == SETTLED
    record_property("kills survived", done)


def test_the_second_ctrl_c_does_not_wait(undisturbed: Machine) -> None:
    machine = undisturbed
    makefile = machine.source / "Makefile"
    text = makefile.read_text().replace(
        "tinysim: tinysim.c\n", "tinysim: tinysim.c\n\t@echo compiling; while [ ! -e go ]; do sleep 0.05; done\n"
    )
    makefile.write_text(text)
    machine.with_header()
    process = machine.start(*machine.up(), "--until", "build", preexec_fn=default_signals)
    logs = machine.state / "runs"
    assert until(lambda: any("compiling" in log.read_text() for log in logs.glob("*/logs/*-build-1.log")))
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == STOPPED
    (machine.newest().workspace / "tree" / "go").touch()
    assert machine.rigil("resume").code == PARTIAL
    assert until(lambda: machine.processes() == [], 20), machine.processes()

"""A run that is killed, at any step or in the middle of a command, ends as one that is not."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from graph.runner import STOPPED, UNREACHABLE, WAITING
from tests.e2e.conftest import walled
from tests.e2e.machine import COMMAND, NAME, PACKAGE, ROOT, SETTLED, Machine, Said, until
from tools.runs import Run

BROKEN = re.compile(r'"\s*\n\s*"')
"""A literal that goes on in the next line."""
UNSTEADY = ("speed", "history")
"""What is measured in the registry: the speed, which some measurements only tell, and the looks at the health."""


def plain(machine: Machine, text: str) -> str:
    """A text without what differs between two runs: the machine's folder, ids, times and measured numbers."""
    return re.sub(r"\d+(\.\d+)?(e-?\d+)?", "#", text.replace(str(machine.folder), "FOLDER"))


def report_of(machine: Machine, run: Run) -> list[str]:
    """The report's sections as words, because lines are broken where long folder names end; without the speed."""
    sections = plain(machine, run.report.read_text().replace(run.id, "RUN")).split("\n\n")
    words = [" ".join(section.split()) for section in sections]
    assert sum(text.startswith("How fast it is") for text in words) == 1
    return [re.sub(r" speed: .* metadata: ", " ", text) for text in words if not text.startswith("How fast it is")]


def recipe_of(machine: Machine) -> Any:
    """The recipe with its exact values, except for where it was made and what was measured with a clock."""
    measured = ("durations", "parts")  # what is loaded is seen while it runs, and that is a matter of moments
    recipe = {name: value for name, value in machine.recipe().items() if name not in measured}
    recipe["benchmark"] = recipe["benchmark"]["results"]["circuits"]
    return json.loads(json.dumps(recipe).replace(str(machine.folder), "FOLDER"))


def steady(value: Any) -> Any:
    """What was read from JSON, without what differs between two runs however deep it stands."""
    if isinstance(value, dict):
        return {name: steady(one) for name, one in value.items() if name not in UNSTEADY}
    return [steady(one) for one in value] if isinstance(value, list) else value


def home_of(machine: Machine) -> dict[str, Any]:
    """ProximA's files, without backups and locks; lines that are broken by the length of a folder's name are made one,
    and what a step that ran twice wrote in another order is the same."""
    files = [path for path in machine.home.rglob("*") if path.is_file() and not re.search(r"\.bak-|\.lock$", path.name)]
    texts = {
        str(path.relative_to(machine.home)): re.sub(BROKEN, "", plain(machine, path.read_text()))
        for path in files
        if "__pycache__" not in path.parts
    }
    registry = json.loads((machine.home / "backends.json").read_text())
    return {
        **texts,
        "backends.json": json.loads(plain(machine, json.dumps(steady(registry), ensure_ascii=False)).replace("#", "0")),
    }


@pytest.mark.parametrize("when", ["after", "before"])
def test_killed_at_every_checkpoint_it_ends_in_the_same_result(
    when: str, bare: Machine, brought_up: tuple[Machine, Said, Run]
) -> None:
    machine = bare
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.killed", when, *machine.up()],
        cwd=ROOT,
        env={**os.environ, **machine.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    ends = [int(word) for word in done.stdout.rpartition("ENDED ")[2].split()]
    assert ends[-1] == 0, done.stdout + done.stderr
    assert set(ends[:-1]) == {-signal.SIGKILL}
    assert len(ends) > len(SETTLED)
    other = brought_up[0]
    assert recipe_of(machine) == recipe_of(other)
    assert home_of(machine) == home_of(other)
    mine, theirs = report_of(machine, machine.newest()), report_of(other, brought_up[2])
    if when == "after":
        assert mine == theirs
    else:  # a step that ran twice may say that it found what it had made itself
        assert [section.split()[:4] for section in mine] == [section.split()[:4] for section in theirs]
    settled = machine.settled()
    assert list(dict.fromkeys(settled)) == SETTLED
    if when == "after":
        assert settled == SETTLED
        assert machine.installed() == [PACKAGE]
        failures = Counter(line["step"] for line in machine.newest().journal() if line.get("settled") is False)
        assert failures == {"build.compile": 1}
    assert machine.processes() == []


SLOW = """tinysim: tinysim.c
	@echo compiling slowly; setsid sleep 1000 > /dev/null & while [ ! -e go ]; do sleep 0.05; done
"""
"""A build that waits for a file, with a child that leaves its process group."""


@pytest.fixture
def slow(machine: Machine) -> Machine:
    """A machine whose build does not end by itself, and whose model goes away after it."""
    makefile = machine.source / "Makefile"
    makefile.write_text(makefile.read_text().replace("tinysim: tinysim.c\n", SLOW))
    machine.with_header()
    machine.model = machine.until_tested()
    return machine


def building(machine: Machine) -> bool:
    logs = machine.state.glob("runs/*/logs/*-build-1.log")
    return any("compiling slowly" in log.read_text() for log in logs)


def go_on(machine: Machine) -> Said:
    """Let the build end, and resume."""
    (machine.newest().workspace / "tree" / "go").touch()
    return machine.rigil("resume")


def default_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job inherits it ignored


@walled
def test_killed_in_a_build_nothing_runs_on_and_the_build_is_done_again(slow: Machine) -> None:
    process = slow.start(*slow.up())
    assert until(lambda: building(slow))
    process.kill()
    process.wait()
    assert until(lambda: slow.processes() == []), slow.processes()
    before = slow.settled()
    assert before[-1] == "build.strategy"
    said = go_on(slow)
    assert said.code == UNREACHABLE, said
    assert slow.settled() == [*before, "build.compile", "build.inspect", "build.replay"]
    assert slow.processes() == []


def test_without_a_sandbox_what_a_killed_run_left_is_stopped_when_it_is_resumed(slow: Machine) -> None:
    slow.without_sandbox()
    process = slow.start(*slow.up())
    assert until(lambda: building(slow))
    process.kill()
    process.wait()
    assert ["sleep", "1000"] in slow.processes()
    said = go_on(slow)
    assert said.code == UNREACHABLE, said
    assert slow.settled()[-3:] == ["build.compile", "build.inspect", "build.replay"]
    assert slow.processes() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_build_and_keeps_its_log(number: signal.Signals, slow: Machine) -> None:
    process = slow.start(*slow.up(), preexec_fn=default_signals)
    assert until(lambda: building(slow))
    process.send_signal(number)
    assert process.wait(60) == STOPPED
    assert slow.processes() == []
    run = slow.newest()
    assert (run.status, run.exit_code) == ("stopped", STOPPED)
    assert f"rigil resume {run.id}" in (slow.folder / "output.txt").read_text()
    assert building(slow)
    before = slow.settled()
    assert go_on(slow).code == UNREACHABLE
    assert slow.settled() == [*before, "build.compile", "build.inspect", "build.replay"]


@walled
def test_killed_while_it_installs_it_does_not_ask_again(machine: Machine) -> None:
    machine.model = machine.until_tested()
    program = machine.folder / "machine" / "bin" / "pkgadd"
    quick = program.read_text()
    program.write_text(quick.replace("set -eu\n", 'set -eu\ntouch "$0.started"\nsleep 1000\n'))
    assert machine.here(*machine.up(approve="ask")).code == WAITING
    process = machine.start("resume", "--answer", "yes")
    assert until(program.with_name("pkgadd.started").exists)
    process.kill()
    process.wait()
    program.write_text(quick)
    said = machine.rigil("resume")
    assert said.code == UNREACHABLE, said
    assert COMMAND not in said.out.partition("done:")[0]
    assert "build.inspect" in machine.settled()
    assert machine.installed() == [PACKAGE]
    assert machine.processes() == []


def test_killed_while_the_python_of_the_workspace_is_made_it_is_made_anew(bare: Machine) -> None:
    machine = bare
    machine.with_header()
    machine.model = machine.until_tested()
    process = machine.start(*machine.up())
    home = machine.state / "workspaces" / NAME / "python"
    assert until(lambda: (home / "bin" / "python").exists())
    process.kill()
    process.wait()
    assert "python_files" not in machine.recipe()
    assert machine.rigil("resume").code == UNREACHABLE
    assert (home / "bin" / "pip").exists()
    assert "bin/pip" in machine.recipe()["python_files"]

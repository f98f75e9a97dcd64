"""The machine's clock is set back in the middle of a run: it goes on, and so do the commands after it.

libfaketime gives a process, and what it starts in its environment, a clock that a file sets; the file is written while
the process runs. What does not begin with our environment, as a command in the sandbox, keeps the machine's clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.runner import PARTIAL
from tests.e2e.machine import Machine, until

LIBRARIES = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), *Path("/usr/lib").glob("faketime/libfaketimeMT*")]
faked = pytest.mark.skipif(not LIBRARIES, reason="no libfaketime here (the package faketime)")
WAITS = "\t@echo compiling; while [ ! -e go ]; do sleep 0.05; done\n"


@pytest.fixture
def clock(machine: Machine) -> Path:
    """The file that sets the clock of this machine's commands; a day back is ``-1d``."""
    file = machine.folder / "clock"
    file.write_text("+0\n")
    machine.environment |= {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_XRESET": "1",
    }
    return file


@faked
def test_a_clock_set_back_in_the_midst_of_a_build(machine: Machine, clock: Path) -> None:
    makefile = machine.source / "Makefile"
    makefile.write_text(makefile.read_text().replace("tinysim: tinysim.c\n", "tinysim: tinysim.c\n" + WAITS))
    machine.with_header()
    process = machine.start(*machine.up(), "--until", "build")
    logs = machine.state / "runs"
    assert until(lambda: any("compiling" in log.read_text() for log in logs.glob("*/logs/*-build-1.log")))
    clock.write_text("-1d\n")
    (machine.state / "workspaces" / "tinysim" / "tree" / "go").touch()
    assert process.wait(120) == PARTIAL, (machine.folder / "output.txt").read_text()
    times = [line["time"] for line in machine.newest().journal()]
    assert times != sorted(times), "the clock was not set back"

    again = machine.rigil(*machine.up(), "--until", "build")
    assert again.code == PARTIAL, again
    assert "build.inspect" in machine.settled()
    assert machine.processes() == []


@faked
@pytest.mark.usefixtures("clock")
def test_a_run_goes_on_where_the_clock_stands_before_its_beginning(machine: Machine) -> None:
    machine.with_header()
    assert machine.rigil(*machine.up(), "--until", "survey").code == PARTIAL
    for name in ("FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE"):  # it stays as it is from here on
        del machine.environment[name]
    machine.environment["FAKETIME"] = "-400d"
    said = machine.rigil(*machine.up(), "--until", "build")
    assert said.code == PARTIAL, said.err
    assert machine.recipe()["products"]["programs"] == ["tinysim"]
    assert len(machine.rigil("runs").out.splitlines()) == 2
    older, newer = sorted(path.name for path in (machine.state / "runs").iterdir())
    assert older[:4] < newer[:4], "the clock was not set back"

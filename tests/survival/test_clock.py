"""The machine's clock is set back in the middle of a run: it goes on, and so do the commands after it.

A library gives a process, and what it starts in its environment, a clock that a file sets; the file is written while
the process runs. What does not begin with our environment, as a command in the sandbox, keeps the machine's clock.
(libfaketime would fake the monotonic clock too, or, told not to, have every `time.sleep` of Python fail: it takes
its time for one of the real clock.)"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from graph.runner import PARTIAL
from tests.e2e.machine import Machine, until

WAITS = "\t@echo compiling; while [ ! -e go ]; do sleep 0.05; done\n"


CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    FILE *file = clock == CLOCK_REALTIME && !failed ? fopen(getenv("CLOCK_OF_TEST"), "r") : NULL;
    long ahead = 0;
    if (file) {
        if (fscanf(file, "%ld", &ahead) == 1)
            now->tv_sec += ahead;
        fclose(file);
    }
    return failed;
}
"""
DAY_S = 86400


@pytest.fixture
def clock(machine: Machine) -> Path:
    """The file that sets the clock of this machine's commands: by how many seconds it is ahead."""
    if not shutil.which("cc"):
        pytest.skip("no C compiler here, with which the clock is made")
    file, library = machine.folder / "clock", machine.folder / "clock.so"
    file.write_text("0")
    (machine.folder / "clock.c").write_text(CLOCK)
    compiled = ["cc", "-shared", "-fPIC", "-o", str(library), str(machine.folder / "clock.c"), "-ldl"]
    subprocess.run(compiled, check=True)
    machine.environment |= {"LD_PRELOAD": str(library), "CLOCK_OF_TEST": str(file)}
    return file


def test_a_clock_set_back_in_the_midst_of_a_build(machine: Machine, clock: Path) -> None:
    makefile = machine.source / "Makefile"
    makefile.write_text(makefile.read_text().replace("tinysim: tinysim.c\n", "tinysim: tinysim.c\n" + WAITS))
    machine.with_header()
    process = machine.start(*machine.up(), "--until", "build")
    logs = machine.state / "runs"
    assert until(lambda: any("compiling" in log.read_text() for log in logs.glob("*/logs/*-build-1.log")))
    clock.write_text(str(-DAY_S))
    (machine.state / "workspaces" / "tinysim" / "tree" / "go").touch()
    assert process.wait(120) == PARTIAL, (machine.folder / "output.txt").read_text()
    times = [line["time"] for line in machine.newest().journal()]
    assert times != sorted(times), "the clock was not set back"

    again = machine.rigil(*machine.up(), "--until", "build")
    assert again.code == PARTIAL, again
    assert "build.inspect" in machine.settled()
    assert machine.processes() == []


def test_a_run_goes_on_where_the_clock_stands_before_its_beginning(machine: Machine, clock: Path) -> None:
    machine.with_header()
    assert machine.rigil(*machine.up(), "--until", "survey").code == PARTIAL
    clock.write_text(str(-400 * DAY_S))
    said = machine.rigil(*machine.up(), "--until", "build")
    assert said.code == PARTIAL, said.err
    assert machine.recipe()["products"]["programs"] == ["tinysim"]
    assert len(machine.rigil("runs").out.splitlines()) == 2
    older, newer = sorted(path.name for path in (machine.state / "runs").iterdir())
    assert older[:4] < newer[:4], "the clock was not set back"

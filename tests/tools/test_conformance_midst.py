from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest

from tools.conformance_midst import frozen, gone, killed, resumed

STARTER = "import subprocess, sys; subprocess.run(['sh', '-c', sys.argv[1]])"
AFTER_A_PAUSE = f"sleep 0.3; {sys.executable} -c 'while True: pass'; true"
"""A shell that takes its time to start what works, as one on a busy machine does."""

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def starts(line: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", STARTER, line]))
        return started[-1]

    yield starts
    for process in started:
        killed([*psutil.Process(process.pid).children(recursive=True), process])
        process.wait()


def test_what_a_shell_starts_late_is_met_at_work_and_not_the_shell_alone(start: Start) -> None:
    caught = frozen(psutil.Process(start(AFTER_A_PAUSE).pid), lambda: False)
    assert [process.cmdline()[0] for process in caught] == ["sh", sys.executable]
    assert {process.status() for process in caught} == {"stopped"}
    killed(caught[:1])
    resumed(caught)
    with pytest.raises(AssertionError, match="after that its processes still run"):
        gone(caught, "that", 0.5)
    assert gone(caught, "that", 5)


def test_what_waits_is_met_too_and_what_is_over_is_not(start: Start) -> None:
    caught = frozen(psutil.Process(start("sleep 60; true").pid), lambda: False)
    assert len(caught) == 2
    killed(caught)
    resumed(caught)
    assert gone(caught, "that", 5)
    assert frozen(psutil.Process(start("sleep 60; true").pid), lambda: True) == []


def test_a_worker_that_was_forked_is_met_though_it_stays_what_its_parent_is() -> None:
    forks = "import os, time\nif os.fork() == 0: time.sleep(60)\nos.wait()"
    with subprocess.Popen([sys.executable, "-c", forks]) as process:
        caught = frozen(psutil.Process(process.pid), lambda: False)
        assert [one.ppid() for one in caught] == [process.pid]
        killed(caught)
        resumed(caught)
        assert gone(caught, "that", 5)

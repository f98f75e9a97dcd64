from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tools.movement import Movement

BUSY = "while True: pass"
WAITS = "import time; time.sleep(600)"
LOOKS = "while true; do sleep 1; done"
DETACHED = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"


@contextmanager
def running(*argv: str) -> Iterator[int]:
    process = subprocess.Popen(argv, start_new_session=True)
    try:
        time.sleep(0.5)
        yield process.pid
    finally:
        import os
        import signal

        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def still_after(pid: int, samples: int = 4) -> float:
    movement = Movement()
    movement.started(pid)
    movement.sample()
    for _ in range(samples):
        time.sleep(1)
        movement.sample()
    return movement.still_s


@pytest.mark.parametrize("program", [BUSY, DETACHED])
def test_what_works_in_silence_moves(program: str) -> None:
    with running(sys.executable, "-c", program) as pid:
        assert still_after(pid) < 1.5


@pytest.mark.parametrize("argv", [(sys.executable, "-c", WAITS), ("sh", "-c", LOOKS)])
def test_what_waits_does_not_move_though_it_looks_now_and_then(argv: tuple[str, ...]) -> None:
    with running(*argv) as pid:
        assert still_after(pid) > 1.0


def test_a_printed_line_is_movement() -> None:
    now = [0.0]
    movement = Movement(lambda: now[0])
    now[0] = 50.0
    assert movement.still_s == 50.0
    movement.line()
    assert movement.still_s == 0.0


def test_a_process_that_is_gone_is_no_error() -> None:
    movement = Movement()
    movement.started(2**22)
    movement.sample()
    assert movement.still_s < 1.0

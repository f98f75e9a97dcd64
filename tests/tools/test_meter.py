from __future__ import annotations

import subprocess
import sys

from tools.meter import Meter, free_memory

HOLDS = """
import subprocess, sys, time
held = bytearray(60 << 20)
began = time.process_time()
while time.process_time() - began < 0.3:
    pass
if sys.argv[1] == "outer":
    subprocess.run([sys.executable, "-c", sys.argv[2], "inner", ""], check=True)
"""


def metered(limit: int | None = None) -> Meter:
    with Meter(limit) as meter:
        process = subprocess.Popen([sys.executable, "-c", HOLDS, "outer", HOLDS])
        meter.started(process.pid)
        assert process.wait() == 0
    return meter


def test_memory_and_processor_time_are_of_the_whole_tree() -> None:
    meter = metered()

    assert 120 << 20 < meter.peak_bytes < 400 << 20  # two processes with 60 MiB each, at the same time
    assert meter.cpu_s > 0.4
    assert meter.too_much() is None


def test_what_takes_more_memory_than_it_may_is_told() -> None:
    meter = metered(limit=10 << 20)

    assert "of 0.0 GiB that it may use" in (meter.too_much() or "")


def test_a_process_that_is_gone_already_is_no_error() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with Meter() as meter:
        meter.started(process.pid)
    assert (meter.cpu_s, meter.peak_bytes) == (0.0, 0)


def test_some_memory_is_free() -> None:
    assert free_memory() > 1 << 20

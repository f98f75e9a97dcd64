from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tools import samples as sampling
from tools.process import run
from tools.process_tree import COOKIE, Family
from tools.samples import SHARE, Sample, Sampler, read_samples, samples_file, size
from tools.signs import still

BUSY = "while True: pass"
GROWS = """
import time
held = []
while True:
    held.append(bytearray(8 << 20))
    time.sleep(0.1)
"""
LEAVES = "import subprocess, time; subprocess.run(['sh', '-c', 'setsid sleep 600 & sleep 0.2']); time.sleep(600)"
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
WRITES = """
import time
while True:
    with open("out", "ab") as file:
        file.write(bytes(1 << 20))
    time.sleep(0.1)
"""


@contextmanager
def sampled(program: str, file: Path | None = None, cookie: str = "") -> Iterator[Sampler]:
    """Samples of a Python program, ten a second."""
    env = {**os.environ, COOKIE: cookie}
    process = subprocess.Popen([sys.executable, "-c", program], start_new_session=True, env=env)
    try:
        with Sampler(file, every_s=0.1) as sampler:
            sampler.started(process.pid)
            yield sampler
    finally:
        for other in Family(process.pid).members():
            other.kill()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(found: Callable[[], Any]) -> Any:
    """What it finds, once it finds something; the time is there for a machine that is busy."""
    for _ in range(600):
        if what := found():
            return what
        time.sleep(0.1)
    raise AssertionError("it never came")


def test_processor_time_and_memory_are_of_the_whole_tree() -> None:
    with sampled(PARENT) as sampler:
        busy = until(lambda: next((s for s in tuple(sampler.samples) if s.processes == 2 and s.cpu > 0.2), None))
    (first, second) = busy.tree
    assert first[2] > second[2] >= 0  # the child works, the parent waits
    assert busy.cpu == pytest.approx(first[2] + second[2], abs=0.01)
    assert busy.rss == first[3] + second[3] > 1 << 20
    assert busy.status == first[5]
    assert 0 <= busy.machine_cpu <= 1 and busy.available > 1 << 20 and busy.disk_free > 0 and busy.files > 2


def test_growth_and_what_is_written_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sampled(GROWS) as sampler:
        until(lambda: len(sampler.samples) > 2 and sampler.samples[-1].rss - sampler.samples[0].rss > 40 << 20)
    monkeypatch.chdir(tmp_path)
    with sampled(WRITES) as sampler:
        until(lambda: sampler.samples and sampler.samples[-1].written > 4 << 20)
    written = [sample.written for sample in sampler.samples]
    assert written == sorted(written)


def test_what_left_its_process_group_and_its_parent_is_counted_by_its_cookie() -> None:
    with sampled(LEAVES, cookie="a-cookie-of-this-test") as sampler:

        def left() -> Any:
            names = [row[1] for row in sampler.samples[-1].tree] if sampler.samples else []
            return "sleep" in names and "sh" not in names

        until(left)
        assert sampler.samples[-1].processes == 2


def test_processor_time_of_children_that_ended_is_not_counted_twice() -> None:
    spawns = "import subprocess, sys\nwhile True: subprocess.run([sys.executable, '-c', 'sum(range(2000000))'])"
    with sampled(spawns) as sampler:
        until(lambda: len(sampler.samples) > 25)
    found = list(sampler.samples)
    used = sum(sample.cpu * (sample.seconds - before.seconds) for before, sample in pairwise(found))
    # One child at a time uses one core at most; a clock tick more at each end.
    assert 0.1 < used < found[-1].seconds - found[0].seconds + 0.3


def test_the_samples_are_in_the_file_beside_the_log(tmp_path: Path) -> None:
    log = tmp_path / "001-build.log"
    with sampled(BUSY, samples_file(log)) as sampler:
        until(lambda: len(sampler.samples) > 3)
    assert samples_file(log) == tmp_path / "001-build.log.samples"
    assert read_samples(samples_file(log)) == list(sampler.samples)
    assert read_samples(samples_file(log), last=2) == list(sampler.samples)[-2:]

    with samples_file(log).open("a") as file:
        file.write('{"at": 12.5, "seco')  # what a machine that lost its power leaves
    assert read_samples(samples_file(log)) == list(sampler.samples)
    assert read_samples(tmp_path / "none") == []


def test_a_file_that_grows_long_keeps_every_second_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "FILE_MOST", 4000)
    file = tmp_path / "samples.jsonl"
    with sampled(BUSY, file) as sampler:
        until(lambda: len(sampler.samples) > 40)
    assert file.stat().st_size <= 4000
    kept = read_samples(file)
    assert 2 < len(kept) < len(sampler.samples) and set(kept) <= set(sampler.samples)
    assert kept[-1] == sampler.samples[-1] or kept[-1] == sampler.samples[-2]


class Clockwork:
    """Stands for the event that a sampler waits for: counts down the looks, and keeps how long it was to wait."""

    def __init__(self, looks: int) -> None:
        self.waits: list[float] = []
        self._looks = looks

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return len(self.waits) > self._looks

    def set(self) -> None: ...


@pytest.mark.parametrize("cost", [0.0, 0.05])
def test_the_wait_follows_from_what_a_look_costs(cost: float, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler = Sampler()
    spent = [0.0]

    def look(_: Any) -> None:
        spent[0] += cost
        raise OSError("a look that fails costs no less, and is no matter of the command")

    monkeypatch.setattr(sampler, "_look", look)
    monkeypatch.setattr(sampling.time, "thread_time", lambda: spent[0])
    clock = Clockwork(3)
    monkeypatch.setattr(sampler, "_ended", clock)
    sampler._sample(os.getpid())
    for wait in clock.waits[1:]:
        assert cost <= SHARE * (cost + wait) * 1.001
        assert wait == pytest.approx(1.0 if not cost else cost * 99, abs=0.2)


def test_a_process_that_is_gone_already_is_no_error(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with Sampler(tmp_path / "file", every_s=0.05) as sampler:
        sampler.started(process.pid)
        time.sleep(0.3)
    assert not sampler.samples and not (tmp_path / "file").exists()


def test_a_file_that_cannot_be_written_does_not_harm_the_command(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Sampler(tmp_path / "nowhere" / "file", every_s=0.05) as sampler:
        argv = [sys.executable, "-c", "import time; time.sleep(0.5)"]
        assert run(argv, cwd=tmp_path, env=dict(os.environ), log=log, on_start=sampler.started).ok
    assert sampler.samples


def test_a_sample_is_one_short_line() -> None:
    row = (2**22, "a-name-of-15-ch", 127.125, 2**42, 999, "disk-sleep")
    most = Sample(1e10, 1e7, 128.0, 2**43, 2**50, 2**50, 9999, 999, 99999, "disk-sleep", 1.0, 2**43, 2**50, (row,) * 20)
    assert len(json.dumps(most._asdict())) < sampling.SAMPLE_MOST


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (1536, "2 KiB"), (3 << 29, "1.5 GiB"), (2**50, "1024.0 TiB"), (300 << 20, "300.0 MiB")],
)
def test_a_size_in_words(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    "program", ["import time; time.sleep(600)", "import os; os.system('while true; do sleep 1; done')"]
)
def test_what_waits_is_still_though_it_looks_now_and_then(program: str) -> None:
    with sampled(program) as sampler:
        until(lambda: still(tuple(sampler.samples), 3.0))


def test_what_works_in_silence_is_not_still() -> None:
    with sampled(PARENT) as sampler:
        until(lambda: len(sampler.samples) > 40)
        assert still(tuple(sampler.samples), 3.0) is None

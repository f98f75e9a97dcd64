"""The faults of the corpus really happen, the check tells right from wrong, and nothing of a case outlives it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from benchmarks.examples import ROOT
from benchmarks.runtime_faults import backend
from benchmarks.runtime_faults.case import CASES, HERE, Case, load, load_all
from benchmarks.runtime_faults.check import wrong
from benchmarks.runtime_faults.keeping import keep
from benchmarks.runtime_faults.place import Place, skipped

ALL = load_all()
QUICK = {"segmentation-fault", "memory-limit", "killed-once", "nan-results", "heavy-output"}
SHORT_S = 4


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where svsim is built, once."""
    folder = tmp_path_factory.mktemp("built")
    if why := backend.build(folder):
        pytest.skip(why)
    return folder


def cases(*kinds: str) -> list[object]:
    return [
        pytest.param(case, id=case.name, marks=[] if case.name in QUICK else [pytest.mark.corpus])
        for case in ALL
        if case.kind in kinds
    ]


def laid_out(case: Case, folder: Path, objects: Path) -> Place:
    if why := skipped(case):
        pytest.skip(why)
    folder.mkdir(exist_ok=True)
    return Place(case, folder, objects, seconds=SHORT_S if case.kind == "healthy" else None)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("case", cases("recoverable", "hopeless"))
def test_a_fault_really_happens_and_its_solution_gets_round_it(case: Case, tmp_path: Path, objects: Path) -> None:
    if case.shows:  # or else a patient runner may cope
        plain = laid_out(case, tmp_path / "plain", objects).run()
        assert [text for text in case.shows if not re.search(text, plain.stderr)] == [], plain
        assert (wrong(case, plain.stdout) is not None, plain.left) == (True, [])
    if case.solution:
        solved = laid_out(case, tmp_path / "solved", objects).run(case.solution)
        assert wrong(case, solved.stdout) is None, solved
        assert solved.left == []


@pytest.mark.parametrize("case", cases("healthy"))
def test_a_healthy_case_has_a_right_result(case: Case, tmp_path: Path, objects: Path) -> None:
    kept = laid_out(case, tmp_path / "plain", objects).run()
    assert (kept.status, kept.left) == (0, [])
    assert wrong(case, kept.stdout) is None


class Direct:
    """The case's program, run without anything between."""

    def __init__(self, name: str, folder: Path, objects: Path) -> None:
        place = laid_out(load(name), folder / "case", objects)
        (folder / "bell.svq").write_text("qubits 2\nH 0\nCNOT 0 1\nMEASURE ALL\n")
        command = [place.backend / "bin" / "svsim", folder / "bell.svq"]
        self.process = psutil.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def __enter__(self) -> psutil.Popen:
        return self.process

    def __exit__(self, *_: object) -> None:
        for process in [*self.process.children(recursive=True), self.process]:
            process.kill()
        self.process.communicate()


@pytest.mark.parametrize("name", ["deadlock", "deadlock-of-threads"])
def test_deadlocked_threads_wait_and_do_nothing(name: str, tmp_path: Path, objects: Path) -> None:
    with Direct(name, tmp_path, objects) as process:
        until(lambda: process.num_threads() >= 3)
        time.sleep(0.5)
        before = process.cpu_times()
        time.sleep(1)
        assert process.num_threads() >= 3
        assert process.cpu_times()[:2] == before[:2]
        channels = [Path(f"/proc/{process.pid}/task/{thread.id}/wchan").read_text() for thread in process.threads()]
        assert all("futex" in channel for channel in channels if channel not in ("", "0"))


def test_a_zombie_is_waited_for(tmp_path: Path, objects: Path) -> None:
    with Direct("zombie-child", tmp_path, objects) as process:
        until(lambda: [child.status() for child in process.children()] == [psutil.STATUS_ZOMBIE])
        assert process.poll() is None


def test_a_livelock_says_the_same_again_and_again(tmp_path: Path, objects: Path) -> None:
    with Direct("livelock", tmp_path, objects) as process:
        assert len({process.stdout.readline() for _ in range(20)}) == 1


def test_a_child_leaves_its_session_and_is_found_and_ended(tmp_path: Path, objects: Path) -> None:
    place = laid_out(load("escaped-child"), tmp_path / "case", objects)
    (place.folder / "bell.svq").write_text("qubits 2\nH 0\nMEASURE ALL\n")
    program = str(place.backend / "bin" / "svsim")
    kept = place.keep([program, "bell.svq"], 30)
    assert (kept.status, kept.stopped, kept.left) == (1, None, [f"{program} bell.svq"])
    assert "does not answer" in kept.stderr
    assert running(program) == []


@pytest.mark.corpus
@pytest.mark.parametrize(("name", "mib"), [("two-gigabytes", 2048), ("stderr-flood", 128)])
def test_so_much_is_really_printed(name: str, mib: int, tmp_path: Path, objects: Path) -> None:
    with Direct(name, tmp_path, objects) as process:
        printed = 0
        while printed < mib << 20:
            block = os.read(process.stdout.fileno(), 1 << 20)
            assert block
            printed += len(block)


def running(word: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if word in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def test_nothing_outlives_a_benchmark_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom benchmarks.runtime_faults.keeping import keep\n"
        "keep(['sh', '-c', 'setsid sleep 98765 & sleep 98765'], Path(sys.argv[1]), env=os.environ, limit_s=600)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    benchmark = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], env=environment)
    until(lambda: len(running("98765")) == 2)
    benchmark.send_signal(signal.SIGKILL)
    benchmark.wait()
    until(lambda: running("98765") == [])


def test_what_takes_too_long_is_stopped(tmp_path: Path) -> None:
    kept = keep(["sh", "-c", "sleep 43210"], tmp_path, env=os.environ, limit_s=1)
    assert (kept.stopped, kept.left) == ("it did not end in time", ["sleep 43210"])
    assert running("43210") == []


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_case_is_whole(case: Case) -> None:
    broken = case.kind != "healthy"
    assert (bool(case.category), bool(case.blame)) == (broken, broken)
    assert (case.solution is not None) == (case.kind == "recoverable")
    names = {path.name for path in case.folder.iterdir()}
    assert names <= {"case.yaml", "part.cpp", "part.py", "launch", "prepare", "meanwhile", "preload.c"}
    assert ("preload.c" in names, case.backend == "pysv") == (case.preload, "part.py" in names)
    scripts = [case.folder / name for name in ("launch", "prepare", "meanwhile") if name in names]
    assert [path for path in scripts if not os.access(path, os.X_OK)] == []
    texts = [path.read_text().lower() for path in case.folder.iterdir() if path.name not in ("case.yaml", "prepare")]
    assert [text for text in texts if "rigil" in text or "benchmark" in text or case.name in text] == []
    truth = f"{' or '.join(case.category)} | {' or '.join(case.blame)} | " if broken else ""
    assert f"| `{case.name}` | {truth}{case.fault} |" in (HERE / "README.md").read_text()


def test_no_case_is_left_out() -> None:
    assert sorted(path.name for path in CASES.iterdir() if path.is_dir()) == [case.name for case in ALL]
    kinds = [case.kind for case in ALL]
    assert kinds.count("recoverable") + kinds.count("hopeless") >= 22
    assert kinds.count("healthy") >= 4

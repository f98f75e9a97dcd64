from __future__ import annotations

import selectors
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tools.cancelling import Cancelled, Execution, Running
from tools.driver import DriverError

SLOW = "sleep 60 & echo $! > child; sleep 60"


def wait_for(path: Path) -> psutil.Process:
    """The process whose id a command wrote down."""
    while not path.exists() or not path.read_text().strip():
        time.sleep(0.01)
    return psutil.Process(int(path.read_text()))


def ended(process: psutil.Process) -> bool:
    try:
        process.wait(10)
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    return True


def test_a_command_runs_as_it_would_alone(tmp_path: Path) -> None:
    command = "printf 'a \"b\" $HOME %s' 'c d'; echo wrong >&2; cat; exit 3"

    status, stdout, stderr = Execution().run(command, tmp_path, 10)

    assert (status, stdout, stderr) == (3, 'a "b" $HOME c d', "wrong\n")
    assert tmp_path.is_dir()


def test_temporary_files_of_the_backend_go_where_its_own_are(tmp_path: Path) -> None:
    program = "import tempfile; print(tempfile.gettempdir())"

    assert Execution().run(f'{sys.executable} -c "{program}"', tmp_path, 10)[1].strip() == str(tmp_path)


def test_a_limit_ends_all_processes(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match=r"within 0\.5 s"):
        Execution().run(SLOW, tmp_path, 0.5)

    child = int((tmp_path / "child").read_text())
    assert not psutil.pid_exists(child) or ended(psutil.Process(child))


def test_a_program_that_was_quicker_than_we_looked_is_late_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            while not (tmp_path / "done").exists():
                time.sleep(0.01)
            return super().select(timeout)

    monkeypatch.setattr(selectors, "DefaultSelector", Late)
    with pytest.raises(DriverError, match=r"within 1e-09 s"):
        Execution().run("echo 1; touch done", tmp_path, 1e-9)


def test_another_thread_cancels_what_runs_and_nothing_else(tmp_path: Path) -> None:
    running = Running()

    def run(number: int) -> object:
        folder = tmp_path / str(number)
        folder.mkdir()
        with running.one() as execution:
            return execution.run(SLOW, folder, 60)

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(run, number) for number in range(2)]
        children = [wait_for(tmp_path / str(number) / "child") for number in range(2)]
        assert running.cancel() == 2
        assert all(isinstance(future.exception(10), Cancelled) for future in futures)
    assert all(map(ended, children))
    assert running.cancel() == 0
    with running.one() as execution:
        assert execution.run("echo again", tmp_path, 10)[1] == "again\n"


def test_what_was_cancelled_before_it_began_does_not_begin(tmp_path: Path) -> None:
    running = Running()
    with running.one() as execution:
        threading.Thread(target=running.cancel).start()
        while not execution._cancelled:
            time.sleep(0.001)
        with pytest.raises(Cancelled):
            execution.run("touch begun", tmp_path, 10)

    assert not (tmp_path / "begun").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_command_ends_with_the_process_that_started_it(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        "import sys, tempfile, pathlib\nsys.path.insert(0, sys.argv[1])\nfrom tools.cancelling import Execution\n"
        "with tempfile.TemporaryDirectory(dir='.') as name:\n"
        "    print(name, flush=True)\n    Execution().run(sys.argv[2], pathlib.Path(name).absolute(), 60)\n"
    )
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", program, root, SLOW],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    folder = tmp_path / process.stdout.readline().strip()
    child = wait_for(folder / "child")
    every = [child, *psutil.Process(process.pid).children(recursive=True)]

    process.send_signal(number)
    process.wait(10)
    process.stdout.close()

    assert all(map(ended, every))
    assert not folder.exists()


def test_a_command_that_prints_without_end_is_stopped_and_nothing_of_it_is_left(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tools.cancelling._MOST_PRINTED", 1 << 20)
    with Running().one() as execution, pytest.raises(DriverError, match="more than 1 MiB") as flood:
        execution.run("yes 0 1", tmp_path, 60.0)
    assert flood.value.flooded and not flood.value.timed_out
    assert not [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] == str(tmp_path)]


def test_how_a_command_ended_goes_with_its_error(tmp_path: Path) -> None:
    with Running().one() as execution, pytest.raises(DriverError) as late:
        execution.run("sleep 60", tmp_path, 0.2)
    assert late.value.timed_out and late.value.exit_status is None

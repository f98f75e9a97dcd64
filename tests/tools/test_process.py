from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.tools.conftest import PATH, alive, until
from tools.limits import Bounds
from tools.process import Finished, run, stop_leftover


def sh(script: str, folder: Path, **options: Any) -> Finished:
    return run(["/bin/sh", "-c", script], cwd=folder, env=PATH, log=folder / "a.log", **options)


def pid_in(file: Path) -> int:
    assert until(lambda: file.exists() and file.read_text().strip())
    return int(file.read_text())


def test_both_streams_are_in_the_log_and_the_status_is_data(tmp_path: Path) -> None:
    finished = sh("echo out; echo err >&2; exit 2", tmp_path)
    assert sorted(finished.log.read_text().split()) == ["err", "out"]
    assert (finished.exit_status, finished.signal, finished.ok, finished.started) == (2, None, False, True)
    assert finished.in_words.startswith("It ended with exit status 2 after 0.")


def test_success_is_ok(tmp_path: Path) -> None:
    assert sh("true", tmp_path).ok


def test_the_log_is_appended_to(tmp_path: Path) -> None:
    sh("echo one", tmp_path)
    assert sh("echo two", tmp_path).log.read_text() == "one\ntwo\n"


def test_standard_output_alone(tmp_path: Path) -> None:
    finished = sh("echo out; echo err >&2", tmp_path, stdout=tmp_path / "a.out")
    assert finished.stdout is not None
    assert finished.stdout.read_text() == "out\n"


def test_lines_of_the_two_streams_stay_whole(tmp_path: Path) -> None:
    script = (
        "import os, threading\n"
        "def write(fd, letter):\n"
        "    for _ in range(3000): [os.write(fd, letter * 40), os.write(fd, letter * 39 + b'\\n')]\n"
        "threads = [threading.Thread(target=write, args=a) for a in ((1, b'o'), (2, b'e'))]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
    )
    finished = run([sys.executable, "-c", script], cwd=tmp_path, env=PATH, log=tmp_path / "a.log")
    lines = finished.log.read_text().splitlines()
    assert set(lines) == {"o" * 79, "e" * 79}
    assert len(lines) == 6000


def test_a_line_that_takes_its_time_is_not_cut_by_the_other_stream(tmp_path: Path) -> None:
    finished = sh("printf half; sleep 0.2; echo err >&2; sleep 0.2; echo line", tmp_path)
    assert sorted(finished.log.read_text().splitlines()) == ["err", "halfline"]


def test_bytes_that_are_no_text_go_through(tmp_path: Path) -> None:
    lines: list[tuple[str, str]] = []
    finished = sh(r"printf 'a\377b\nlast'", tmp_path, on_line=lambda *line: lines.append(line))
    assert finished.log.read_bytes() == b"a\xffb\nlast"
    assert lines == [("stdout", "a\ufffdb"), ("stdout", "last")]


def test_progress_that_rewrites_its_line_is_seen_as_lines(tmp_path: Path) -> None:
    lines: list[str] = []
    sh(r"printf '10%%\r20%%\r\ndone\n' >&2", tmp_path, on_line=lambda stream, line: lines.append(line))
    assert lines == ["10%", "20%", "done"]


def test_a_flood_is_stopped_at_the_limit(tmp_path: Path) -> None:
    finished = sh("yes & exec yes >&2", tmp_path, output_limit=1_000_000)
    assert finished.stopped == "it printed more than 1,000,000 bytes"
    assert not finished.ok
    assert finished.log.stat().st_size == 1_000_000


def test_a_flood_that_ends_by_itself_counts_as_stopped_too(tmp_path: Path) -> None:
    finished = sh("head -c 5000 /dev/zero", tmp_path, output_limit=4999)
    assert finished.stopped
    assert finished.log.stat().st_size == 4999
    assert sh("true", tmp_path, output_limit=4999).stopped is None


def test_a_slow_reader_of_lines_neither_blocks_the_pipe_nor_fills_memory(tmp_path: Path) -> None:
    lines: list[str] = []
    done = tmp_path / "done"

    def on_line(stream: str, line: str) -> None:
        if not lines:
            assert until(done.exists), "the pipe waits for the reader"
        lines.append(line)

    finished = sh(f"seq 300000; touch {done}", tmp_path, on_line=on_line)
    assert finished.log.read_text().endswith("299999\n300000\n")
    assert lines[-1] == "300000"
    assert len(lines) < 100_000


def test_a_timeout_stops_the_tree_with_detached_and_orphaned_children(tmp_path: Path) -> None:
    script = (
        "setsid sh -c 'echo $$ > detached; exec sleep 600' &"
        "setsid sh -c 'sleep 600 & echo $! > orphan' ;"
        "echo started; sleep 600"
    )
    finished = sh(script, tmp_path, timeout_s=1)
    assert finished.timed_out
    assert finished.in_words.endswith("because it took longer than 1 s.")
    assert finished.log.read_text() == "started\n"
    assert not alive(pid_in(tmp_path / "detached"))
    assert not alive(pid_in(tmp_path / "orphan"))


def test_a_program_may_clean_up_before_it_is_killed(tmp_path: Path) -> None:
    finished = sh("trap 'echo cleaned; exit 7' TERM; while :; do sleep 0.05; done", tmp_path, timeout_s=0.5)
    assert "cleaned\n" in finished.log.read_text()
    assert finished.exit_status == 7
    assert not finished.ok


def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    finished = sh("trap '' TERM; while :; do sleep 0.05; done", tmp_path, timeout_s=0.3)
    assert finished.signal == signal.SIGKILL


def test_what_a_finished_command_left_in_the_background_is_ended(tmp_path: Path) -> None:
    script = "sleep 600 & echo $! > plain; setsid sleep 600 & echo $! > detached; echo done"
    finished = sh(script, tmp_path)
    assert finished.ok
    assert finished.log.read_text() == "done\n"
    assert not alive(pid_in(tmp_path / "plain"))
    assert not alive(pid_in(tmp_path / "detached"))


def test_a_silent_background_process_is_ended_too(tmp_path: Path) -> None:
    assert sh("sleep 600 > /dev/null 2>&1 & echo $! > silent", tmp_path).ok
    assert until(lambda: not alive(pid_in(tmp_path / "silent")))


@pytest.mark.parametrize(
    ("argv", "folder", "why"),
    [
        (["no-such-program"], ".", "no such program: no-such-program"),
        (["./no-such-program"], ".", "no such program: ./no-such-program"),
        (["true"], "nowhere", "no such folder: {}/nowhere"),
        (["./not-a-program"], ".", "./not-a-program: permission denied"),
        (["true", "a\0b"], ".", "true: embedded null byte"),
    ],
)
def test_what_cannot_be_started_is_data(tmp_path: Path, argv: list[str], folder: str, why: str) -> None:
    (tmp_path / "not-a-program").write_text("text")
    log, out = tmp_path / "a.log", tmp_path / "a.out"
    finished = run(argv, cwd=tmp_path / folder, env=PATH, log=log, stdout=out)
    why = why.format(tmp_path)
    assert (finished.exit_status, finished.signal, finished.started, finished.ok) == (
        None,
        None,
        False,
        False,
    )
    assert finished.in_words == f"It could not be started: {why}."
    assert why in finished.log.read_text()
    assert out.read_bytes() == b""
    assert not (tmp_path / "a.log.pid").exists()


def test_a_missing_program_is_said_under_a_memory_limit_too(tmp_path: Path) -> None:
    finished = run(["nosuch"], cwd=tmp_path, env=PATH, log=tmp_path / "a.log", bounds=Bounds(memory=1 << 30))
    assert finished.in_words == "It could not be started: no such program: nosuch."


def test_a_program_that_closes_its_output_early_is_waited_for(tmp_path: Path) -> None:
    assert sh("exec >&- 2>&-; sleep 0.3; echo late > file; exit 3", tmp_path).exit_status == 3
    assert (tmp_path / "file").read_text() == "late\n"


def test_standard_input(tmp_path: Path) -> None:
    assert sh("wc -c", tmp_path, stdin="ä" * 2_000_000).log.read_text().strip() == "4000000"
    assert sh("exec <&-; exit 5", tmp_path, stdin="x" * 2_000_000).exit_status == 5


def test_without_input_a_reader_ends_at_once(tmp_path: Path) -> None:
    assert sh("cat", tmp_path, timeout_s=20).ok


def test_the_memory_limit_holds_for_the_command_alone(tmp_path: Path) -> None:
    take = "data = bytearray(800 << 20); print('taken')"
    argv = [sys.executable, "-c", take]
    log = tmp_path / "a.log"
    finished = run(argv, cwd=tmp_path, env=PATH, log=log, bounds=Bounds(memory=400 << 20))
    assert finished.exit_status == 1
    assert "MemoryError" in log.read_text()
    assert finished.argv == tuple(argv)
    assert run(argv, cwd=tmp_path, env=PATH, log=log, bounds=Bounds(memory=4 << 30)).ok


def test_another_thread_can_cancel(tmp_path: Path) -> None:
    cancel = threading.Event()
    finished = sh("echo up; sleep 600", tmp_path, cancel=cancel, on_line=lambda *line: cancel.set())
    assert finished.stopped == "it was asked to stop"
    assert not finished.timed_out


def test_an_error_in_the_reader_of_lines_leaves_nothing_running(tmp_path: Path) -> None:
    def on_line(stream: str, line: str) -> None:
        raise RuntimeError(line)

    with pytest.raises(RuntimeError, match="up"):
        sh("echo $$ > pid; echo up; sleep 600", tmp_path, on_line=on_line)
    assert not alive(pid_in(tmp_path / "pid"))
    assert not (tmp_path / "a.log.pid").exists()


RUNNER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background ignores it
from pathlib import Path
from tools.process import run
folder = Path(sys.argv[1])
script = "setsid sh -c 'echo $$ > detached; exec sleep 600' & echo $$ > pid; sleep 600"
run(["/bin/sh", "-c", script], cwd=folder, env={"PATH": "/usr/bin:/bin"}, log=folder / "a.log")
"""


def runner(folder: Path) -> tuple[subprocess.Popen[bytes], list[int]]:
    """Another process that runs a tree with ``run``, and the ids of that tree."""
    process = subprocess.Popen([sys.executable, "-c", RUNNER, str(folder)], stderr=subprocess.DEVNULL)
    pids = [pid_in(folder / "pid"), pid_in(folder / "detached")]
    assert until((folder / "a.log.pid").exists)
    return process, pids


def test_an_interrupt_stops_the_tree(tmp_path: Path) -> None:
    process, pids = runner(tmp_path)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == -signal.SIGINT
    assert not any(map(alive, pids))


def test_what_a_killed_run_left_is_found_and_stopped(tmp_path: Path) -> None:
    process, pids = runner(tmp_path)
    process.kill()
    process.wait(30)
    assert all(map(alive, pids))
    assert stop_leftover(tmp_path / "a.log")
    assert not any(map(alive, pids))
    assert not stop_leftover(tmp_path / "a.log")


def test_a_leftover_is_found_by_its_children_where_its_root_is_gone(tmp_path: Path) -> None:
    process, (root, detached) = runner(tmp_path)
    process.kill()
    process.wait(30)
    psutil.Process(root).kill()
    assert stop_leftover(tmp_path / "a.log")
    assert not alive(detached)


def test_another_process_of_the_same_id_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen(["sleep", "600"])
    record = {"pid": other.pid, "create_time": 1.0, "argv": ["make"], "token": "none has it"}
    (tmp_path / "a.log.pid").write_text(json.dumps(record))
    assert not stop_leftover(tmp_path / "a.log")
    assert alive(other.pid)
    assert not (tmp_path / "a.log.pid").exists()
    other.kill()
    other.wait(30)


def test_a_leftover_is_found_though_its_id_was_not_noted_yet(tmp_path: Path) -> None:
    process, pids = runner(tmp_path)
    process.kill()
    process.wait(30)
    note = tmp_path / "a.log.pid"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"pid": None, "create_time": None}))
    assert stop_leftover(tmp_path / "a.log")
    assert not any(map(alive, pids))


def test_which_process_writes_the_log_is_noted_while_it_runs(tmp_path: Path) -> None:
    notes: list[dict[str, Any]] = []
    note = tmp_path / "a.log.pid"
    sh("echo $$; sleep 0.1", tmp_path, on_line=lambda *line: notes.append(json.loads(note.read_text())))
    assert notes[0]["pid"] == int((tmp_path / "a.log").read_text())
    assert notes[0]["argv"][0] == "/bin/sh"
    assert not note.exists()


def test_a_signal_is_said_in_words(tmp_path: Path) -> None:
    direct = sh("kill -SEGV $$", tmp_path)
    assert (direct.signal, direct.killed_by, direct.exit_status) == (11, 11, None)
    assert direct.in_words.startswith("It was killed by signal 11 (SIGSEGV) after")
    nested = sh("sh -c 'kill -KILL $$'; exit $?", tmp_path)
    assert (nested.signal, nested.killed_by, nested.exit_status) == (None, 9, 137)
    assert "killed by signal 9 (SIGKILL)" in nested.in_words


@pytest.mark.parametrize("status", [1, 127, 128, 129, 255])
def test_a_status_that_no_crash_gives_is_only_a_status(tmp_path: Path, status: int) -> None:
    finished = sh(f"exit {status}", tmp_path)
    assert finished.killed_by is None
    assert "signal" not in finished.in_words

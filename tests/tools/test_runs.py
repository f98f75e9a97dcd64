from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.runs import NoSuchRun, Run, RunHeld, Runs


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "state")


def test_a_run_is_a_folder_that_says_what_it_is(runs: Runs, tmp_path: Path) -> None:
    run = runs.create("/src/sim", "sim", "scripted:x", approve="safe")
    assert run.folder == tmp_path / "state" / "runs" / run.id
    assert run.workspace == tmp_path / "state" / "workspaces" / "sim"
    assert run.logs.is_dir()
    again = runs.open(run.id)
    assert (again.source, again.name, again.model) == ("/src/sim", "sim", "scripted:x")
    assert (again.status, again.exit_code) == ("running", None)
    assert again.facts["settings"] == {"approve": "safe"}
    assert {path.parent for path in (run.transcript, run.report)} == {run.folder}


def test_updates_are_kept(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    run.update(status="verified", exit_code=0)
    assert (run.status, run.exit_code) == ("verified", 0)
    again = runs.open(run.id)
    assert (again.status, again.exit_code, again.name) == ("verified", 0, "n")
    assert again.facts["updated"] >= again.facts["created"]


def test_runs_are_listed_and_opened_by_a_part_of_their_id(runs: Runs) -> None:
    assert runs.list() == []
    assert runs.latest() is None
    ids = [runs.create("s", "n", "m").id for _ in range(20)]
    assert [run.id for run in runs.list()] == ids, "runs of one second are listed as they began"
    assert runs.open(ids[0][-4:]).id == ids[0]
    for name in ("", "2", "no-such", "../runs"):
        with pytest.raises(NoSuchRun):
            runs.open(name)


def test_the_latest_is_by_default_one_that_can_be_resumed(runs: Runs) -> None:
    for _ in range(3):
        runs.create("s", "n", "m")
    first, second, third = runs.list()
    third.update(status="verified")
    second.update(status="unreachable")
    latest, any_latest = runs.latest(), runs.latest(unfinished=False)
    assert latest is not None
    assert any_latest is not None
    assert (latest.id, any_latest.id) == (second.id, third.id)
    for run in (first, second):
        run.update(status="partial")
    assert runs.latest() is None


def test_a_run_that_never_began_is_not_listed(runs: Runs) -> None:
    (runs.folder / "20260101-000000-abcd" / "logs").mkdir(parents=True)
    assert runs.list() == []


@pytest.mark.parametrize("name", ["", "..", ".x", "a/b", "a b", "-x", "a\n", "x" * 101])
def test_names_that_are_no_folder_names_are_refused(runs: Runs, name: str) -> None:
    with pytest.raises(ValueError, match="will not do as a name"):
        runs.create("s", name, "m")
    assert runs.list() == []


def test_the_journal_is_read_back(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    assert run.journal() == []
    run.record("build", "It ended.", exit_status=2, log="logs/001.log")
    run.record("diagnose", "ä\nb")
    one, two = run.journal()
    assert one["time"] <= two["time"]
    assert (one["step"], one["text"], one["exit_status"]) == ("build", "It ended.", 2)
    assert two["text"] == "ä\nb"
    assert len((run.folder / "journal.jsonl").read_text().splitlines()) == 2


def test_text_that_is_no_unicode_is_kept(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    run.record("a", "file \udcff")
    run.update(note="\ud800")
    assert run.journal()[0]["text"] == "file \udcff"
    assert runs.open(run.id).facts["note"] == "\ud800"


def test_a_torn_line_costs_only_itself(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    run.record("a", "kept")
    with (run.folder / "journal.jsonl").open("a") as file:
        file.write('{"time": "2026", "step": "torn", "te')
    run.record("b", "after")
    assert [line["step"] for line in run.journal()] == ["a", "b"]


HOLDER = """
import sys
from pathlib import Path
from tools.runs import Run
with Run(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(run: Run) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(run.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_holds_the_run(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    with holder(run) as process:
        with (
            pytest.raises(RunHeld, match=rf"The run {run.id} is held by process {process.pid} since 20"),
            run.lock(),
        ):
            raise AssertionError
        process.communicate()
    with run.lock():
        pass


def test_two_runs_of_one_name_cannot_share_the_workspace(runs: Runs) -> None:
    first, second, other = (runs.create("s", name, "m") for name in ("n", "n", "o"))
    with holder(first) as process:
        with pytest.raises(RunHeld, match=f"The workspace n is held by process {process.pid}"), second.lock():
            raise AssertionError
        with other.lock():
            process.communicate()


def test_a_killed_holder_frees_the_run(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    with holder(run) as process:
        process.kill()
        process.wait(30)
    with run.lock():
        pass


def test_a_run_cannot_be_held_twice_by_one_process(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    with run.lock(), pytest.raises(RunHeld, match="is held by process"), run.lock():
        raise AssertionError


RACER = """
import sys
from pathlib import Path
from tools.runs import Run, RunHeld
run = Run(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
try:
    with run.lock():
        print("won", flush=True)
        sys.stdin.readline()
except RunHeld:
    print("lost", flush=True)
"""


def test_of_two_that_race_one_wins(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    argv = [sys.executable, "-c", RACER, str(run.folder)]
    racers = [subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = []
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        assert racer.stdout is not None
        said.append(racer.stdout.readline())
    for racer in racers:
        racer.communicate()
    assert sorted(said) == ["lost\n", "won\n"]


def test_a_lock_is_freed_by_an_error(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    with pytest.raises(ZeroDivisionError), run.lock():
        raise ZeroDivisionError
    with run.lock():
        pass


WRITER = """
import sys
from pathlib import Path
from tools.runs import Run
run = Run(Path(sys.argv[1]))
print("up", flush=True)
number = 0
while True:
    number += 1
    run.record("step", "x" * 5000, number=number)
    run.update(status="running", number=number, filler="y" * 50000)
"""


def test_a_killed_writer_leaves_a_run_that_can_be_read(runs: Runs) -> None:
    run = runs.create("s", "n", "m")
    argv = [sys.executable, "-c", WRITER, str(run.folder)]
    for _ in range(3):
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            for _ in range(30):
                assert json.loads((run.folder / "run.json").read_text())["status"] == "running"
            writer.kill()
        run.record("after", "kill")
        assert runs.open(run.id).journal()[-1]["step"] == "after"


def test_two_objects_of_one_run_keep_what_the_other_changed(tmp_path: Path) -> None:
    first = Runs(tmp_path).create("/src/sim", "sim", "scripted:x")
    second = Runs(tmp_path).open(first.id)
    second.update(network_granted=["build.compile"])
    first.update(status="waiting")
    assert Runs(tmp_path).open(first.id).facts["network_granted"] == ["build.compile"]
    assert second.facts["status"] == "running" and first.facts["network_granted"] == ["build.compile"]

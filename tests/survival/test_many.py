"""Many runs at once in one state folder: each ends as it should, and no update is lost."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from graph.runner import PARTIAL
from tests.e2e.machine import ROOT, Machine
from tools.filesystem import write_atomic
from tools.proxima import ensure_home, record_of, registry_of
from tools.runs import Runs

TIMES = 5
COUNT = """
import sys
from pathlib import Path
from tools.registration import amend
for _ in range({times}):
    amend(Path(sys.argv[1]), "shared", lambda entry: {{"count": entry["count"] + 1}})
"""


@pytest.mark.parametrize("number", [8, pytest.param(50, marks=pytest.mark.whole)])
def test_runs_at_once_all_end_and_their_checkpoints_are_whole(number: int, bare: Machine) -> None:
    processes = [bare.start(*bare.up(), "--name", f"tiny{n}", "--until", "survey") for n in range(number)]
    codes = [process.wait() for process in processes]

    assert codes == [PARTIAL] * number, (bare.folder / "output.txt").read_text()
    runs = Runs(bare.state).list()
    assert len({run.id for run in runs}) == number
    assert {run.name for run in runs} == {f"tiny{n}" for n in range(number)}
    for run in runs:
        assert [line["step"] for line in run.journal() if line.get("settled")] == ["survey.fetch", "survey.read"]
    with closing(sqlite3.connect(bare.state / "checkpoints.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        threads = connection.execute("SELECT COUNT(DISTINCT thread_id) FROM checkpoints").fetchone()
    assert threads == (number,)
    assert bare.processes() == []


@pytest.mark.parametrize("number", [8, pytest.param(50, marks=pytest.mark.whole)])
def test_no_change_of_proximas_registry_is_lost(number: int, bare: Machine) -> None:
    ensure_home(bare.home)
    write_atomic(record_of(bare.home), json.dumps({"backends": {"shared": {"made_by": "rigil", "count": 0}}}))
    command = [sys.executable, "-c", COUNT.format(times=TIMES), str(bare.home)]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(number)]
    assert [process.wait() for process in processes] == [0] * number
    assert registry_of(bare.home)["backends"]["shared"]["count"] == number * TIMES

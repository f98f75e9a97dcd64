"""What an agent says of a fault is held against the truth."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.runtime_faults import rigil_agent
from benchmarks.runtime_faults.case import load
from benchmarks.runtime_faults.check import wrong
from benchmarks.runtime_faults.keeping import Kept
from benchmarks.runtime_faults.place import Place
from benchmarks.runtime_faults.result import Result, Trial
from benchmarks.runtime_faults.run import write
from benchmarks.runtime_faults.table import failed, head, line, totals

RIGHT = json.dumps({"counts": {"000": 1010, "111": 990}, "error": None})
CRASH = {"category": "crash", "cause": "c", "fault": "backend", "severity": "critical"}
HANG = {**CRASH, "category": "hang"}


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ({"000": 1010, "111": 990}, None),
        ({"000": 1010, "111": 980}, "1990 counts for 2000 shots"),
        ({"000": 1300, "111": 700}, "1300 counts of 000, where 1000 are expected"),
        ({"000": 1000, "111": 999, "010": 1}, "the outcome 010 cannot be"),
    ],
)
def test_the_check_tells_right_from_wrong(counts: dict[str, int], why: str | None) -> None:
    assert wrong(load("deadlock"), f"layer 1\n{json.dumps({'counts': counts, 'error': None})}\n") == why


def test_the_check_wants_a_result() -> None:
    assert wrong(load("deadlock"), "layer 1\n{}\n") == "there is no result"
    assert "killed" in str(wrong(load("deadlock"), json.dumps({"counts": {}, "error": "killed"})))


@pytest.mark.parametrize(
    ("name", "trial", "outcome"),
    [
        ("busy-and-silent", Trial("done", RIGHT), "healthy"),
        ("busy-and-silent", Trial("done", RIGHT, alarms=["it looks stuck"]), "false alarm"),
        ("busy-and-silent", Trial("done", RIGHT, attempts=1), "false alarm"),
        ("busy-and-silent", Trial("escalated", diagnosis=HANG), "false alarm"),
        ("memory-limit", Trial("done", RIGHT, attempts=1), "recovered"),
        ("memory-limit", Trial("done", "", attempts=1), "false claim"),
        ("memory-limit", Trial("escalated", diagnosis=CRASH), "given up"),
        ("segmentation-fault", Trial("escalated", diagnosis=CRASH), "escalated rightly"),
        ("segmentation-fault", Trial("escalated", diagnosis=HANG), "escalated wrongly"),
        ("segmentation-fault", Trial("escalated"), "escalated wrongly"),
        ("segmentation-fault", Trial("none"), "no end"),
    ],
)
def test_a_claim_is_held_against_the_truth(name: str, trial: Trial, outcome: str) -> None:
    assert Result(load(name), trial).outcome == outcome


def test_the_results_are_told(tmp_path: Path) -> None:
    blamed = {**CRASH, "fault": "user"}
    results = [
        Result(load("segmentation-fault"), Trial("escalated", diagnosis=CRASH, calls=2, tokens=70)),
        Result(load("failed-assertion"), Trial("escalated", diagnosis=blamed, left=["svsim 1"])),
        Result(load("memory-limit"), Trial("done", RIGHT, attempts=1)),
        Result(load("busy-and-silent"), Trial("done", RIGHT)),
        Result(load("disk-full"), Trial("none"), "nothing can be mounted here"),
    ]
    text = totals(results)
    for told in (
        "detected               3 of 3",
        "rightly diagnosed      2 of 3",
        "whose fault it is  1 of 3",
        "recovered              1 of 1",
        "rightly escalated      2 of 2",
        "false alarms           0 of 1",
        "leaked processes       1",
        "skipped                1",
    ):
        assert told in text
    assert "LEFT: svsim 1" in line(results[1]) and "nothing can be mounted" in line(results[4])
    assert len(head()) < 140
    assert (failed(results), failed(results[:1] + results[2:])) == (True, False)
    write(tmp_path / "out.json", "some:model", results)
    told_again = json.loads((tmp_path / "out.json").read_text())["results"]
    assert [one["outcome"] for one in told_again][2:] == ["recovered", "healthy", "skipped"]


class Attended(Place):
    """A place without a backend, where a program stands in for Rigil."""

    def __init__(self, folder: Path, program: str) -> None:
        self.case, self.folder, self.program = load("segmentation-fault"), folder, program
        self.backend = folder
        self.beside = folder / "beside"
        self.environment = {}

    def rigil(self, command: str, *arguments: str) -> list[str]:
        return [sys.executable, "-c", self.program, command, *arguments]

    def keep(self, argv: Any, limit_s: float, **variables: str) -> Kept:
        self.argv = argv
        return super().keep(argv, limit_s, **variables)


ENDING = """
import json, pathlib, sys
folder = pathlib.Path("state", "runs", "1")
folder.mkdir(parents=True)
(folder / "ending.json").write_text(json.dumps({
    "ended": ENDED, "diagnosis": {"category": "crash", "fault": "backend"}, "alarms": ["a"], "attempts": [{}, {}]}))
(folder / "transcript.jsonl").write_text(json.dumps({"input_tokens": 60, "output_tokens": 7}) + "\\n")
sys.exit(CODE)
"""


@pytest.mark.parametrize(("ended", "code", "claim"), [("escalated", 2, "escalated"), ("done", 1, "none")])
def test_an_ending_is_read(ended: str, code: int, claim: str, tmp_path: Path) -> None:
    place = Attended(tmp_path, ENDING.replace("ENDED", repr(ended)).replace("CODE", str(code)))
    trial = rigil_agent.attempt(place, "rules", 60)
    assert (trial.claim, trial.attempts, trial.alarms, trial.calls, trial.tokens) == (claim, 2, ["a"], 1, 67)
    assert trial.diagnosis == {"category": "crash", "fault": "backend"}
    assert place.argv[3:] == ["run", "--attend", "--set", "timeout=120", "--model", "rules", "--approve", "safe"]


def test_an_agent_that_fails_has_no_end(tmp_path: Path) -> None:
    trial = rigil_agent.attempt(Attended(tmp_path, "raise SystemExit('no such command')"), "rules", 60)
    assert (trial.claim, trial.diagnosis) == ("none", None)
    assert "no such command" in trial.note

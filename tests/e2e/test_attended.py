"""Jobs that really go wrong, attended: `rigil run --attend` on backends with a fault, with a scripted model."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from ruamel.yaml import YAML

from benchmarks.runtime_faults import backend
from benchmarks.runtime_faults.case import load
from benchmarks.runtime_faults.check import wrong
from benchmarks.runtime_faults.place import Place, skipped


def remedy(kind: str, name: str, value: str = "") -> dict[str, Any]:
    return {"kind": kind, "name": name, "value": value, "changes": "it fits", "risk": "low", "chance": 80}


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    if why := backend.build(folder):
        pytest.skip(why)
    return folder


class Attended:
    """A case whose circuit is run under supervision, with a model that answers from a script."""

    def __init__(self, name: str, folder: Path, objects: Path, answers: dict[str, Any]) -> None:
        case = load(name)
        if why := skipped(case):
            pytest.skip(why)
        self.place = Place(case, folder, objects)
        self.script = folder / "answers.yaml"
        with self.script.open("w") as file:
            YAML(typ="safe").dump({"process_health": {"health": "healthy", "rests_on": "0.0"}, **answers}, file)

    def command(self, *more: str) -> list[str]:
        limit = f"timeout={self.place.case.time_limit:g}"
        return self.place.rigil("run", "--attend", "--model", f"scripted:{self.script}", "--set", limit, *more)

    def run(self, *more: str) -> Any:
        kept = self.place.keep(self.command(*more), 120)
        assert not kept.left
        return kept

    @property
    def folder(self) -> Path:
        return max((self.place.folder / "state" / "runs").iterdir())

    @property
    def ending(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "ending.json").read_text())
        return found


def mishap(category: str, fault: str = "environment", severity: str = "recoverable") -> dict[str, Any]:
    return {"category": category, "cause": "What the evidence says.", "fault": fault, "severity": severity}


def test_a_job_that_runs_out_of_memory_runs_with_another_parameter(tmp_path: Path, objects: Path) -> None:
    less = "run it with parallelization=1"
    attended = Attended(
        "memory-limit",
        tmp_path,
        objects,
        {
            "mishap": [{"when": "Not accepted", "answer": mishap("out_of_memory")}, {"answer": mishap("timeout")}],
            "decide": {"choice": "recover"},
            # What there is not goes back; of several, the first that can be done is done.
            "job_remedies": [
                {"when": "Not accepted", "answer": {"remedies": [remedy("parameter", "parallelization", "1")]}},
                {"answer": {"remedies": [remedy("parameter", "turbo", "9"), remedy("variable", "NO_SUCH_NAME", "1")]}},
            ],
        },
    )
    kept = attended.run()
    assert kept.status == 0, kept.stderr
    assert wrong(attended.place.case, kept.stdout) is None
    ending = attended.ending
    assert ending["ended"] == "done"
    assert (ending["diagnosis"]["category"], ending["diagnosis"]["fault"]) == ("out_of_memory", "environment")
    assert ending["attempts"] == [{"text": less, "outcome": "the step then passed"}]
    asked = [json.loads(line) for line in (attended.folder / "transcript.jsonl").read_text().splitlines()]
    first, second = (one for one in asked if one["question"] == "mishap")
    assert (first["parsed"], second["parsed"]) == (False, True)  # without a time limit there is no timeout
    assert list(attended.folder.glob("logs/*.samples"))


def test_what_changes_the_result_is_asked_for(tmp_path: Path, objects: Path) -> None:
    attended = Attended(
        "memory-precision",
        tmp_path,
        objects,
        {
            "mishap": mishap("out_of_memory"),
            "decide": {"choice": "recover"},
            "job_remedies": {"remedies": [remedy("parameter", "precision", "single")]},
        },
    )
    kept = attended.run()
    assert kept.status == 2
    assert "May Rigil do this? run it with precision=single" in kept.stderr
    assert "Protection: " in kept.stderr and "a command may take " in kept.stderr
    assert attended.ending["ended"] == "waiting"
    resumed = attended.place.keep(
        [*attended.place.rigil("run")[:3], "resume", attended.folder.name, "--answer", "yes"], 120
    )
    assert resumed.status == 0, resumed.stderr
    assert attended.ending["ended"] == "done"


@pytest.mark.whole
def test_a_flood_is_no_wrong_result_and_ends_with_a_variable(tmp_path: Path, objects: Path) -> None:
    attended = Attended(
        "two-gigabytes",
        tmp_path,
        objects,
        {
            "mishap": [
                {"when": "Not accepted", "answer": mishap("program_error", "backend")},
                {"answer": mishap("wrong_result", "backend")},
            ],
            "decide": {"choice": "recover"},
            "job_remedies": {"remedies": [remedy("variable", "SVSIM_TRACE", "0")]},
        },
    )
    kept = attended.run("--approve", "all")
    assert kept.status == 0, kept.stderr
    assert wrong(attended.place.case, kept.stdout) is None
    assert attended.ending["diagnosis"]["category"] == "program_error"
    transcript = (attended.folder / "transcript.jsonl").read_text()
    assert "and was stopped" in transcript and "SVSIM_TRACE=0 turns that off" in transcript


def test_a_crash_that_nothing_helps_against_is_handed_over(tmp_path: Path, objects: Path) -> None:
    attended = Attended(
        "segmentation-fault",
        tmp_path,
        objects,
        {"mishap": mishap("crash", "backend", "critical"), "decide": {"choice": "escalate"}},
    )
    # What is critical may be handed over before anything was tried.
    kept = attended.run()
    assert kept.status == 2
    ending = attended.ending
    assert (ending["ended"], ending["diagnosis"]["category"]) == ("escalated", "crash")
    assert "It was ended by signal 11 (SIGSEGV)" in (attended.folder / "transcript.jsonl").read_text()


def test_a_circuit_that_cannot_be_run_is_the_persons_to_change(tmp_path: Path, objects: Path) -> None:
    attended = Attended("heavy-output", tmp_path, objects, {"mishap": mishap("wrong_request", "user", "critical")})
    (tmp_path / "circuit.qasm").write_text('OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[1];\nreset q[0];\n')
    kept = attended.run()
    assert kept.status == 2
    ending = attended.ending
    assert (ending["ended"], ending["diagnosis"]["category"]) == ("escalated", "wrong_request")
    assert ending["attempts"] == []  # nothing that Rigil could do would make it another circuit


def test_a_stuck_job_is_stopped_only_where_that_was_allowed(tmp_path: Path, objects: Path) -> None:
    answers = {
        "process_health": {"health": "intervene", "rests_on": "it no longer moves"},
        "mishap": mishap("hang", "backend"),
        "decide": {"choice": "recover"},
        "job_remedies": {
            "remedies": [remedy("candidate", "wait and try again"), remedy("parameter", "parallelization", "1")]
        },
    }
    attended = Attended("deadlock-of-threads", tmp_path, objects, answers)
    settings = tmp_path / "settings.yaml"
    settings.write_text("watch: {intervene: stop, still_s: 3}\n")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    attended.place.environment["TMPDIR"] = str(temporary)
    kept = attended.run()
    assert kept.status == 0, kept.stderr
    assert wrong(attended.place.case, kept.stdout) is None
    assert attended.ending["alarms"]
    assert not list(temporary.iterdir())  # what was stopped had no time to tidy up
    assert attended.ending["diagnosis"]["category"] == "hang"


def test_after_a_kill_it_goes_on_and_nothing_is_left(tmp_path: Path, objects: Path) -> None:
    attended = Attended("slow-but-moving", tmp_path, objects, {})
    process = subprocess.Popen(
        attended.command(),
        cwd=tmp_path,
        env={**psutil.Process().environ(), **attended.place.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not list((tmp_path / "state").glob("runs/*/logs/*job.log.samples")):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (tmp_path / "again").mkdir()
    shorter = Place(load("heavy-output"), tmp_path / "again", objects)
    assert shorter.folder.exists()
    run = next((tmp_path / "state" / "runs").iterdir())
    plan = json.loads((run / "job.json").read_text())
    (run / "job.json").write_text(json.dumps({**plan, "home": str(tmp_path / "again" / "proxima")}))
    resumed = attended.place.keep([*attended.place.rigil("run")[:3], "resume", run.name], 120)
    assert resumed.status == 0, resumed.stderr
    started = str(tmp_path / "backend")
    assert not [one for one in psutil.process_iter(["cmdline"]) if started in str(one.info["cmdline"])]


def test_what_cannot_be_attended_is_refused(tmp_path: Path, objects: Path) -> None:
    attended = Attended("heavy-output", tmp_path, objects, {})
    kept = attended.run("--compare")
    assert (kept.status, "--attend takes one backend" in kept.stderr) == (1, True)

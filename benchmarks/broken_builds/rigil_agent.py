"""Rigil on one case: `rigil up` until the build is verified, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.broken_builds.case import HERE
from benchmarks.broken_builds.host import MANAGER
from benchmarks.broken_builds.place import Place, surroundings
from benchmarks.broken_builds.result import Claim, Trial
from graph.state import State
from models.transcript import Transcript
from tools.runs import Run, Runs

ROOT = HERE.parent.parent
CLAIMS: dict[int | None, Claim] = {0: "built", 3: "built", 2: "cannot"}
OVERTIME_S = 60.0
"""For the step that is under way when the budget is spent."""
GRACE_S = 30.0


def workspace(place: Place) -> Path:
    """The workspace that the run makes."""
    return place.folder / "state" / "workspaces" / place.case.project


def attempt(place: Place, model: str, limit_s: float) -> Trial:
    """Bring the case's project up as far as its build.

    Args:
        place: the case, laid out.
        model: ``provider:name``.
        limit_s: wall seconds that its budget holds; it is stopped if it does not end soon after.
    """
    state = place.folder / "state"
    state.mkdir()
    (state / "machine.json").write_text(json.dumps(MANAGER))
    command = [sys.executable, "-m", "cli.main", "up", str(place.source), "--model", model]
    began = time.monotonic()
    with (place.folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            [*command, "--approve", "all", "--until", "build"],
            cwd=place.folder,
            env={**os.environ, **place.environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        code = _end_of(process, limit_s + OVERTIME_S)
    seconds = time.monotonic() - began
    run = Runs(state).latest(unfinished=False)
    note = "stopped at the wall limit" if code is None else f"exit code {code}"
    if run is None:
        return Trial("none", seconds=seconds, note=f"{note}, and no run was begun")
    spent = Transcript(run.folder).totals()
    with surroundings(place.environment):
        reached = stands(run)
    return Trial(
        CLAIMS.get(code, "none"),
        diagnosis(reached),
        len(reached.get("attempts", [])),
        spent.calls,
        spent.input_tokens + spent.output_tokens,
        seconds,
        note,
    )


def stands(run: Run) -> State:
    """The newest state of a run, as its checkpoints hold it; to be called within the place's surroundings."""
    from graph.checkpoints import open_checkpoints
    from graph.wiring import build_graph

    with open_checkpoints() as saver:
        snapshot: Any = build_graph(saver).get_state({"configurable": {"thread_id": run.id}}, subgraphs=True)
    while inner := next((task.state for task in snapshot.tasks if hasattr(task.state, "values")), None):
        snapshot = inner
    values: State = snapshot.values
    return values


def diagnosis(state: State) -> str:
    """What the run last said is wrong, in its own words and with the quoted line."""
    found = state.get("diagnosis") or {}
    return "; ".join(str(found[part]) for part in ("kind", "cause", "quote", "file", "fix") if found.get(part))


def _end_of(process: subprocess.Popen[bytes], limit_s: float) -> int | None:
    """The exit code; None where the process had to be stopped."""
    try:
        return process.wait(limit_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
            return None
        process.kill()
        process.wait()
        return None
    except BaseException:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
        raise

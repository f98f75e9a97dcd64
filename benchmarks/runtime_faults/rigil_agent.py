"""Rigil on one case: `rigil run --attend`, kept until it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.runtime_faults.place import Place
from benchmarks.runtime_faults.result import Claim, Trial
from models.transcript import Transcript
from nodes.execute.plan import RESULTS
from tools.filesystem import read_text

CLAIMS: dict[str, Claim] = {"done": "done", "escalated": "escalated"}
CODES = {0: "done", 2: "escalated"}
QUESTIONS = 5
"""So many of its questions are answered, each with yes, by the person who is there."""


def attempt(place: Place, model: str, limit_s: float) -> Trial:
    """Have the case's circuit run under watch.

    Args:
        place: the case, laid out.
        model: ``provider:name``, or ``rules`` for the oracles alone.
        limit_s: wall seconds, after which it is stopped.
    """
    options = ["--attend", "--set", f"timeout={place.case.time_limit:g}", "--model", model, "--approve", "safe"]
    kept = place.keep(place.rigil("run", *options), limit_s)
    folder, ending = _newest(place.folder / "state" / "runs")
    seconds, left, printed = kept.seconds, list(kept.left), kept.stdout
    for _ in range(QUESTIONS):
        if folder is None or ending.get("ended") != "waiting" or seconds >= limit_s:
            break
        kept = place.keep([*place.rigil("run")[:3], "resume", folder.name, "--answer", "yes"], limit_s - seconds)
        folder, ending = _newest(place.folder / "state" / "runs")
        seconds, left = seconds + kept.seconds, [*left, *kept.left]
        # A run that is resumed prints for a person.
        printed = read_text(folder / RESULTS) if folder and (folder / RESULTS).exists() else ""
    ended, note = str(ending.get("ended", "")), kept.stopped or f"exit code {kept.status}"
    claim = CLAIMS.get(ended, "none")
    if folder is None:
        said = kept.stderr.strip().splitlines()
        note += f", and no ending was written: {said[-1] if said else 'nothing was said'}"
    elif CODES.get(kept.status if kept.status is not None else -1) != ended:
        claim, note = "none", f"{note}, but it ended as {ended or 'nothing'}"
    spent = Transcript(folder).totals() if folder else None
    return Trial(
        claim,
        printed=printed,
        diagnosis=ending.get("diagnosis"),
        alarms=[str(alarm) for alarm in ending.get("alarms", [])],
        attempts=len(ending.get("attempts", [])),
        calls=spent.calls if spent else 0,
        tokens=spent.input_tokens + spent.output_tokens if spent else 0,
        seconds=seconds,
        left=left,
        note=note,
    )


def _newest(runs: Path) -> tuple[Path | None, dict[str, Any]]:
    """The folder of the run that ended last, and how."""
    endings: list[Path] = sorted(runs.glob("*/ending.json"), key=lambda path: path.stat().st_mtime)
    return (endings[-1].parent, json.loads(endings[-1].read_text())) if endings else (None, {})

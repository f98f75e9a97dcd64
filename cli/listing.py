"""`rigil runs` and `rigil show`, which read the run folders directly."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from cli.visible import tell
from configs.settings import state_folder
from models.transcript import Transcript
from tools.run_facts import damaged
from tools.runs import NoSuchRun, Runs


def list_runs() -> None:
    """Print a line a run, the oldest first."""
    for run in Runs(state_folder()).list():
        code = "-" if run.exit_code is None else run.exit_code
        tell(f"{run.id}  {run.status:<11} {code!s:>2}  {run.name:<24} {run.model}")
    for sentence in damaged(Runs(state_folder()).folder):
        tell(f"rigil: {sentence}", file=sys.stderr)


def show_run(run_id: str | None) -> int:
    """Print the journal of a run and, under each question, the evidence that the model was given."""
    runs = Runs(state_folder())
    try:
        run = runs.open(run_id) if run_id else runs.latest(unfinished=False)
    except NoSuchRun as error:
        tell(f"rigil: {error}", file=sys.stderr)
        return 1
    if run is None:
        tell("rigil: there is no run yet; `rigil up SOURCE` begins one.", file=sys.stderr)
        return 1
    tell(f"Run {run.id}: {run.name} from {run.source}, {run.status}")
    lines = [*run.journal(), *(_as_line(record) for record in Transcript(run.folder).records())]
    # Both files are in the order of time; a question stands before the line that its answer led to.
    for line in sorted((line for line in lines if line["step"] != "ask"), key=lambda line: str(line["time"])):
        tell(f"\n[{line['step']}] {line['text']}")
        if line.get("log"):
            tell(f"  log: {Path(line['log'])}")
    return 0


def _as_line(record: dict[str, Any]) -> dict[str, Any]:
    from datetime import UTC, datetime

    time = datetime.fromtimestamp(record["time"] + record.get("seconds", 0), UTC).isoformat(timespec="milliseconds")
    evidence = record["messages"][1]["content"] if len(record["messages"]) > 1 else ""
    shown = "\n".join(f"  | {line}" for line in evidence.splitlines())
    verdict = record.get("error") or record.get("oracle") or "accepted"
    text = f"asked {record['question']}\n{shown}\n  = {record.get('answer', '')}\n  oracles: {verdict}"
    return {"time": time, "step": "model", "text": text}

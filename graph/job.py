"""Begins attended jobs, and writes down what became of one for those who do not read a screen."""

from __future__ import annotations

import json
import time

from configs.settings import load_settings, state_folder
from graph.state import State
from nodes.execute.plan import JobPlan, save_job
from tools.filesystem import write_atomic
from tools.runs import Run, Runs, Status

ENDING = "ending.json"


def new_job(plan: JobPlan, *, model: str | None, approve: str | None, quiet_model: bool = False) -> Run:
    """Make the run of a job.

    Raises:
        SettingsError: if a setting is wrong.
        ValueError: if the backend's name would not do as a folder's.
    """
    settings = load_settings(model=model, approve=approve)
    run = Runs(state_folder()).create(
        plan["circuits"][0],
        plan["backend"],
        settings.model,
        approve=settings.approve,
        began=time.time(),
        proxima_home=plan["home"],
        quiet_model=quiet_model,
        job=True,
    )
    save_job(run, plan)
    return run


def keep_ending(run: Run, values: State, status: Status) -> None:
    """Write ``ending.json``: ``ended``, ``diagnosis`` (the last one), ``attempts`` and ``alarms``, all plain JSON.

    ``ended`` is ``done``, ``escalated``, ``waiting`` for a permission, ``stopped``, ``unreachable`` or ``partial``.
    """
    words: dict[str, str] = {"verified": "done", "waiting": "waiting"}
    if values.get("choice") == "escalate":
        words["waiting"] = "escalated"
    diagnosis = values.get("diagnosis")
    told = {
        "ended": words.get(status, status),
        "diagnosis": diagnosis and {"category": diagnosis["kind"], **diagnosis},
        "attempts": [
            {"text": attempt["action"]["text"], "outcome": attempt["outcome"]} for attempt in values.get("attempts", [])
        ],
        "alarms": [line["text"] for line in run.journal() if line.get("offered") or line.get("intervened")],
    }
    write_atomic(run.folder / ENDING, json.dumps(told, indent=2, ensure_ascii=False) + "\n")

"""Makes the run's folder where the command line has not made it, as in Studio."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig

from configs.settings import load_settings, state_folder
from graph.state import State
from nodes.session import session_of
from tools.runs import Runs


def backend_name(source: str) -> str:
    """A name made of the last part of a source's address, without archive endings and versions."""
    last = re.sub(r"\.git/?$", "", source.rstrip("/")).replace(":", "/").rsplit("/", 1)[-1] or "backend"
    if last in (".", ".."):
        last = Path(source).resolve().name
    last = re.sub(r"\.(tar(\.\w+)?|tgz|tbz2?|txz|zip|whl)$", "", last)
    last = re.sub(r"[-_]v?\d+(\.\d+)+.*$", "", last)
    return re.sub(r"[^A-Za-z0-9_-]+", "-", last).strip("-_").lower()[:60] or "backend"


def begin(state: State, config: RunnableConfig) -> dict[str, Any]:
    """Make the run of this thread, or find the one that an interrupted start made."""
    settings = load_settings(model=state.get("model"), approve=state.get("approve"))
    if "run" not in state:
        thread = str(config.get("configurable", {}).get("thread_id"))
        runs = Runs(state_folder())
        run = next((run for run in runs.list() if run.facts["settings"].get("thread") == thread), None)
        run = run or runs.create(
            state["source"],
            state.get("name") or backend_name(state["source"]),
            settings.model,
            approve=settings.approve,
            began=time.time(),
            thread=thread,
        )
        state = {**state, "run": run.id}
    session = session_of(state)
    session.say(f"Run {session.run.id}: {session.run.name} from {state['source']}", step="survey.begin")
    return {
        "run": session.run.id,
        "source": state["source"],
        "name": session.run.name,
        "model": session.run.model,
        "approve": session.settings.approve,
        "attempts": state.get("attempts", []),
        "reached": {},
        "skipped": [],
        "failure": None,
        "at": None,
        "stopped": False,
    }

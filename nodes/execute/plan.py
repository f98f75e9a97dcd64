"""What an attended job runs: circuits on one backend, as recovery may have changed it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict

from tools.filesystem import write_atomic
from tools.itself import rigil
from tools.proxima import ProximaError, backends
from tools.runs import Run

JOB = "job.json"
LOST = "circuits that were right before are not any more"
"""What is said of a job that an action made worse."""
RESULTS = "results.jsonl"
"""In the run's folder: what the last attempt gave, an object of `tools.results.RunResult` a line."""


class JobPlan(TypedDict):
    """Everything is as it is written on the command line of `rigil run`."""

    circuits: list[str]
    """Absolute paths."""
    backend: str
    home: str
    """ProximA's."""
    shots: str
    seed: int | None
    sets: dict[str, str]
    """Parameter -> value, or values with commas between them."""
    out: str | None
    cwd: str
    variables: dict[str, str]
    """Added to the person's environment."""
    passed: list[str]
    """The circuits that were right at the last attempt, each with its parameters."""


def load_job(run: Run) -> JobPlan:
    """The plan as it stands."""
    plan: JobPlan = json.loads((run.folder / JOB).read_text())
    return plan


def save_job(run: Run, plan: JobPlan) -> None:
    """Keep the plan."""
    write_atomic(run.folder / JOB, json.dumps(plan, indent=2) + "\n")


def arguments(plan: JobPlan) -> list[str]:
    """What stands after ``rigil``."""
    options: list[tuple[str, Any]] = [
        ("--backend", plan["backend"]),
        ("--proxima-home", plan["home"]),
        ("--shots", plan["shots"]),
        ("--seed", plan["seed"]),
        *(("--set", f"{name}={value}") for name, value in plan["sets"].items()),
        ("--out", plan["out"]),
    ]
    words = [word for name, value in options if value is not None for word in (name, str(value))]
    return ["run", "--json", "--wait", *words, "--", *plan["circuits"]]


def argv(plan: JobPlan) -> list[str]:
    """The command."""
    return rigil(*arguments(plan))


def in_words(plan: JobPlan) -> str:
    """The command as a person would type it."""
    variables = [f"{name}={shlex.quote(value)}" for name, value in plan["variables"].items()]
    return " ".join([*variables, "rigil", shlex.join(arguments(plan))])


def changed(plan: JobPlan, action: Mapping[str, Any], value: str | None) -> JobPlan:
    """The plan with another value for what an action is about; None takes it out."""
    if action["kind"] == "results":
        return {**plan, "out": value}
    key = "sets" if action["kind"] == "parameter" else "variables"
    if action["name"] in ("shots", "seed") and key == "sets":
        number = None if value is None else int(value)
        return {**plan, "seed": number} if action["name"] == "seed" else {**plan, "shots": str(value)}
    kept: dict[str, str] = {name: one for name, one in plan[key].items() if name != action["name"]}  # type: ignore[literal-required]
    if value is not None:
        kept[action["name"]] = value
    return {**plan, "sets": kept} if key == "sets" else {**plan, "variables": kept}


def value_of(plan: JobPlan, kind: str, name: str) -> str | None:
    """What a parameter, variable or the results' folder is now."""
    if kind == "results":
        return plan["out"]
    if kind == "parameter" and name in ("shots", "seed"):
        return plan["shots"] if name == "shots" else None if plan["seed"] is None else str(plan["seed"])
    return (plan["sets"] if kind == "parameter" else plan["variables"]).get(name)


def entry_of(plan: JobPlan) -> dict[str, Any]:
    """What ProximA's registry says of the backend; nothing where it cannot be read."""
    with suppress(ProximaError):
        return dict(backends(Path(plan["home"])).get(plan["backend"]) or {})
    return {}


def told(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """The circuits that gave a result, each with what tells it from the same one with other parameters."""
    return [json.dumps([one["circuit"], one["asked"].get("shots")]) for one in results if one.get("error") is None]

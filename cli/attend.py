"""`rigil run --attend`: circuits that are watched while they run, and what goes wrong with them mended."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

import typer

from cli.bring_up import go
from cli.visible import tell
from configs.settings import SettingsError, load_settings
from graph.job import new_job
from models.catalogue import entry
from models.errors import ModelError
from nodes.execute.plan import RESULTS, JobPlan
from tools.proxima import ProximaError, backends, home_of
from tools.runs import Runs


def attend(context: typer.Context, model: str | None, approve: str | None) -> int:
    """Run it; returns the exit code: 0 done, 2 where it waits for the person (see `rigil resume`).

    Results go to standard output, everything else to standard error where they are JSON.

    Args:
        context: of `rigil run`.
        model: ``provider:name``; the setting where it is None.
        approve: the level; the setting where it is None.
    """
    given = context.params
    try:
        plan = _plan(context)
        entry(load_settings(model=model, approve=approve).model)
        run = new_job(plan, model=model, approve=approve)
    except (ProximaError, SettingsError, ModelError, ValueError) as error:
        tell(f"rigil: {error}", file=sys.stderr)
        return 1
    if not given["as_json"]:
        return go(run, None)
    with redirect_stdout(sys.stderr):
        code = go(run, None)
    results = Runs(run.state).open(run.id).folder / RESULTS
    tell(results.read_text() if results.exists() else "", end="")
    return code


def _plan(context: typer.Context) -> JobPlan:
    """What is to be run.

    Raises:
        ProximaError: if there is no such backend.
        ValueError: if what is asked for cannot be attended.
    """
    given = context.params
    home = home_of(given["proxima_home"])
    if "," in given["backend"] or given["compare"]:
        raise ValueError("--attend takes one backend; without it, --compare runs several.")
    if given["backend"] not in backends(home):
        there = ", ".join(sorted(backends(home))) or "none"
        raise ProximaError(f"No backend is called {given['backend']!r} in {home}; there are: {there}.")
    sets = dict[str, str]()
    for text in given["sets"] or ():
        name, equals, value = text.partition("=")
        if not name or not equals or not value or name in sets:
            raise ValueError(f"--set {text} is not understood: it takes PARAM=VALUE[,VALUE...], once a parameter.")
        sets[name] = value
    missing = [path for path in given["circuits"] if not Path(path).is_file()]
    if missing:
        raise ValueError(f"There is no file {missing[0]}.")
    return JobPlan(
        circuits=[str(Path(path).resolve()) for path in given["circuits"]],
        backend=given["backend"],
        home=str(home),
        shots=given["shots"],
        seed=given["seed"],
        sets=sets,
        out=str(Path(given["out"]).resolve()) if given["out"] else None,
        cwd=str(Path.cwd()),
        variables={},
        passed=[],
    )

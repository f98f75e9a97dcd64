"""`rigil up` and `rigil resume`."""

from __future__ import annotations

import sys

from cli.screen import Screen, print_question
from cli.visible import visible
from configs.settings import SettingsError, load_settings, state_folder
from graph.runner import USAGE, Ending, drive, new_run
from models.catalogue import entry
from models.errors import ModelError
from nodes.execute.plan import RESULTS
from tools.runs import NoSuchRun, Run, RunHeld, Runs
from tools.source import SourceError, kind_of


def up(
    source: str,
    name: str | None,
    model: str | None,
    approve: str | None,
    proxima_home: str | None,
    until: str | None,
    quiet_model: bool,
) -> int:
    """Bring a backend up; returns the exit code."""
    try:
        kind_of(source)
        entry(load_settings(model=model, approve=approve).model)
        run = new_run(source, name, model, approve, proxima_home, until=until, quiet_model=quiet_model)
    except (SourceError, SettingsError, ModelError, ValueError) as error:
        return _usage(str(error))
    return go(run, None)


def resume(run_id: str | None, answer: str | None) -> int:
    """Go on with a run; returns the exit code."""
    runs = Runs(state_folder())
    try:
        run = runs.open(run_id) if run_id else runs.latest()
    except NoSuchRun as error:
        return _usage(str(error))
    if run is None:
        return _usage("There is no unfinished run. `rigil runs` lists them, `rigil up SOURCE` begins one.")
    return go(run, answer)


def go(run: Run, answer: str | None) -> int:
    """Take a run on, on the screen; returns the exit code."""
    screen = Screen()
    try:
        with screen:
            ending = drive(run, screen.show, screen.ask, answer)
    except RunHeld as error:
        return _usage(f"{error} Wait for it, or stop it.")
    _finish(run, ending)
    return ending.code


def _finish(run: Run, ending: Ending) -> None:
    if ending.question:
        print_question(ending.question)
        print(f"Answer with: rigil resume {run.id} --answer ANSWER")
    elif run.job:
        print_results(run)
    elif run.report.exists():
        print(visible(f"\n{run.report.read_text()}"))
    print(visible(ending.sentence))


def print_results(run: Run) -> None:
    """What a job gave."""
    from cli.run import retell

    if (results := run.folder / RESULTS).exists():
        retell(results.read_text())


def _usage(sentence: str) -> int:
    print(f"rigil: {sentence}", file=sys.stderr)
    return USAGE

"""`rigil up` and `rigil resume`."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.markup import escape

from configs.settings import SettingsError, load_settings, state_folder
from graph.runner import USAGE, Ending, drive, new_run
from models.catalogue import entry
from models.errors import ModelError
from tools.runs import NoSuchRun, Run, RunHeld, Runs
from tools.source import SourceError, kind_of


class Screen:
    """Shows a run: lines that stay, and the newest output line of a command below them while it runs."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self._status = self.console.status("") if self.console.is_terminal else None

    def __enter__(self) -> Screen:
        """Begin to show."""
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        if self._status:
            self._status.stop()

    def show(self, event: dict[str, Any]) -> None:
        """Show one event of the runner."""
        if event["kind"] == "output":
            if self._status:
                self._status.update(escape(event["text"][: self.console.width - 8]))
            return
        if self._status:
            self._status.update("")
        self.console.print(escape(event["text"]))

    def ask(self, question: dict[str, Any]) -> str | None:
        """Ask the person; None where there is no terminal to ask at."""
        if not sys.stdin.isatty():
            return None
        if self._status:
            self._status.stop()
        print_question(question)
        try:
            answer = input("> ").strip()
        except EOFError:
            return None
        if self._status:
            self._status.start()
        return answer or None


def print_question(question: dict[str, Any]) -> None:
    """Print what an interrupt asks, with everything the person needs to decide."""
    print(f"\n{question['question']}")
    for key, label in (
        ("command", "command"),
        ("folder", "in"),
        ("tried", "tried"),
        ("log", "log"),
        ("report", "report"),
    ):
        if question.get(key):
            print(f"  {label}: {question[key]}")
    for sentence in question.get("may_touch", []):
        print(f"  {sentence}")
    for name, value in question.get("environment", {}).items():
        print(f"  {name}={value}")
    print(f"  answers: {' | '.join(question['answers'])}")


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
    return _go(run, None)


def resume(run_id: str | None, answer: str | None) -> int:
    """Go on with a run; returns the exit code."""
    runs = Runs(state_folder())
    try:
        run = runs.open(run_id) if run_id else runs.latest()
    except NoSuchRun as error:
        return _usage(str(error))
    if run is None:
        return _usage("There is no unfinished run. `rigil runs` lists them, `rigil up SOURCE` begins one.")
    return _go(run, answer)


def _go(run: Run, answer: str | None) -> int:
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
    elif run.report.exists():
        print(f"\n{run.report.read_text()}")
    print(ending.sentence)


def _usage(sentence: str) -> int:
    print(f"rigil: {sentence}", file=sys.stderr)
    return USAGE

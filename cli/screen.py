"""Shows a run: lines that stay and, while a command runs, how far it is; asks the person."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from cli.visible import visible

PLAIN_S = 10.0
"""Where there is no terminal, a line of progress comes at most so often."""


class Screen:
    """A terminal gets a live line below the others; anything else gets plain lines.

    Args:
        console: where to; standard output unless given.
        clock: gives seconds.
    """

    def __init__(self, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._clock = clock
        self._live: Progress | None = None
        self._task: TaskID | None = None
        self._begun = self._told = clock()
        self._status = ""
        if self.console.is_terminal:
            self._live = Progress(
                SpinnerColumn(),
                TextColumn("{task.fields[phase]}"),
                BarColumn(20),
                TaskProgressColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[warnings]} warnings"),
                TextColumn("{task.fields[status]}"),
                TextColumn("{task.description}"),
                console=self.console,
                transient=True,
            )

    def __enter__(self) -> Screen:
        """Begin to show."""
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        if self._live:
            self._live.stop()

    def show(self, event: dict[str, Any]) -> None:
        """Show one event of the runner."""
        if event["kind"] == "say":
            self.console.print(escape(visible(event["text"])))
        elif event["kind"] == "output":
            if self._live and self._task is not None:
                self._live.update(self._task, description=self._short(event["text"]))
        elif event["kind"] == "status":
            self._assessed(event)
        elif self._live:
            self._progress(self._live, event)
        else:
            self._plain(event)

    def _assessed(self, event: dict[str, Any]) -> None:
        """What a command uses and how it is, of which the signs that were measured come first."""
        self._status = ", ".join(filter(None, [event["text"], event["sign"] or event["health"]]))
        if self._live and self._task is not None:
            self._live.update(self._task, status=escape(visible(self._status)))
        elif not self._live and self._clock() - self._told >= PLAIN_S:
            self._say(event["phase"], self._status, "")

    def _progress(self, live: Progress, event: dict[str, Any]) -> None:
        if event["ended"]:
            if self._task is not None:
                live.remove_task(self._task)
            self._task = None
            return
        percent = event["percent"]
        facts: dict[str, Any] = {"phase": event["phase"], "warnings": event["warnings"]}
        if self._task is None:
            self._task = live.add_task("", total=None, status="", **facts)
        if percent is not None:
            facts |= {"total": 100, "completed": percent}
        if event["text"]:
            facts["description"] = self._short(event["text"])
        live.update(self._task, **facts)

    def _plain(self, event: dict[str, Any]) -> None:
        if not event["text"]:
            self._begun = self._told = self._clock()
            self._status = ""
        elif self._clock() - self._told >= PLAIN_S:
            share = "" if event["percent"] is None else f"{event['percent']} %, "
            status = f", {self._status}" if self._status else ""
            self._say(event["phase"], share + event["text"], f", {event['warnings']} warnings{status}")

    def _say(self, phase: str, text: str, more: str) -> None:
        self._told = self._clock()
        self.console.print(escape(visible(f"  {phase}: {text} ({self._told - self._begun:.0f} s{more})")))

    def _short(self, text: str) -> str:
        return escape(visible(text)[: max(20, self.console.width - 90)])

    def ask(self, question: dict[str, Any]) -> str | None:
        """Ask the person; None where there is no terminal to ask at."""
        if not sys.stdin.isatty():
            return None
        if self._live:
            self._live.stop()
        print_question(question)
        try:
            answer = input("> ").strip()
        except EOFError:
            return None
        if self._live:
            self._live.start()
        return answer or None


def print_question(question: dict[str, Any]) -> None:
    """Print what an interrupt asks, with everything the person needs to decide."""
    print(visible(f"\n{question['question']}"))
    for key, label in (
        ("command", "command"),
        ("folder", "in"),
        ("tried", "tried"),
        ("log", "log"),
        ("report", "report"),
    ):
        if question.get(key):
            print(visible(f"  {label}: {question[key]}"))
    for sentence in question.get("may_touch", []):
        print(visible(f"  {sentence}"))
    for name, value in question.get("environment", {}).items():
        print(visible(f"  {name}={value}"))
    if question.get("yes_to_all"):
        print(visible(f"  {question['yes_to_all']}"))
    print(f"  answers: {' | '.join(question['answers'])}")

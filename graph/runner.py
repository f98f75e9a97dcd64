"""Begins and resumes runs: streams what the nodes show, asks the person at an interrupt, settles the exit code."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, StateSnapshot

from configs.settings import load_settings, state_folder
from graph import weakened
from graph.checkpoints import open_checkpoints
from graph.job import keep_ending
from graph.routing import STEPS
from graph.state import Input, State
from graph.wiring import build_graph, build_job_graph
from models.errors import ModelError, ModelUnreachable
from nodes.operate.report import write_report
from nodes.session import close_sessions, session_of, stop_sessions
from nodes.survey.begin import backend_name
from tools.logbook import collecting
from tools.process import stop_leftover
from tools.retention import clean
from tools.runs import FINISHED, Run, Runs, Status

UNSETTLED = ("survey.begin", "survey.permit", "integrate.permit")
"""Steps that no oracle settles: they begin the run, or ask the person."""
RECURSION = 1000

VERIFIED, USAGE, WAITING, PARTIAL, STOPPED, UNREACHABLE = range(6)
"""Exit codes: see the README."""


class Ending(NamedTuple):
    """How a run, or this part of it, ended."""

    status: Status
    code: int
    sentence: str
    question: dict[str, Any] | None = None
    """What the run waits for."""


Show = Callable[[dict[str, Any]], None]
"""Gets events: ``{"kind": "say" | "output" | "progress", "text": str}``; for the last, see `Session.show`."""
AskPerson = Callable[[dict[str, Any]], str | None]
"""Gets the question of an interrupt; None leaves the run waiting."""


def new_run(
    source: str,
    name: str | None,
    model: str | None,
    approve: str | None,
    proxima_home: str | None,
    *,
    until: str | None = None,
    quiet_model: bool = False,
) -> Run:
    """Make the run's folder; what it starts from is kept there.

    Args:
        source: a folder, a git address or a source archive.
        name: the backend's name; the source's name where it is None.
        model: ``provider:name``; the setting where it is None.
        approve: the level; the setting where it is None.
        proxima_home: ProximA's home; found later where it is None.
        until: the phase after which the run ends.
        quiet_model: whether the model reads no output while a command runs.

    Raises:
        SettingsError: if a setting is wrong.
        ValueError: if the name would not do.
    """
    settings = load_settings(model=model, approve=approve)
    if until is not None and until not in STEPS:
        raise ValueError(f"There is no phase {until!r}; the phases are {', '.join(STEPS)}.")
    if Path(source).expanduser().exists():
        source = str(Path(source).expanduser().resolve())
    home = str(Path(proxima_home).expanduser().resolve()) if proxima_home else None
    return Runs(state_folder()).create(
        source,
        name or backend_name(source),
        settings.model,
        approve=settings.approve,
        began=time.time(),
        proxima_home=home,
        until=until,
        quiet_model=quiet_model,
    )


def drive(run: Run, show: Show, ask_person: AskPerson, answer: str | None = None) -> Ending:
    """Take a run on from where it stands, to its end or to a question that nobody answers.

    Raises:
        RunHeld: if another process is at it.
    """

    def say(text: str) -> None:
        run.record("checkpoints", text)
        show({"kind": "say", "text": text})

    with run.lock(), collecting(run.folder), open_checkpoints(say) as saver, stopped_by_signals():
        close_sessions()
        _stop_leftovers(run)
        graph = build_job_graph(saver) if run.job else build_graph(saver)
        config: RunnableConfig = {
            "configurable": {"thread_id": run.facts["settings"].get("thread") or run.id},
            "recursion_limit": RECURSION,
        }
        run.update(status="running")
        try:
            unprotected, answer = _protected(run, ask_person, answer)
            ending = unprotected or _drive(graph, config, run, show, ask_person, answer)
        except KeyboardInterrupt:
            ending = Ending("stopped", STOPPED, f"Stopped. `rigil resume {run.id}` goes on from here.")
        except ModelUnreachable as error:
            ending = Ending("unreachable", UNREACHABLE, f"{error} `rigil resume {run.id}` goes on from here.")
        except ModelError as error:
            ending = Ending("unreachable", UNREACHABLE, str(error))
        run.update(status=ending.status, exit_code=ending.code)
        if run.job:
            keep_ending(run, cast(State, graph.get_state(config).values), ending.status)
        close_sessions()
        if keep := load_settings().keep.runs:
            clean(Runs(run.state), keep, saver.delete_thread)
        return ending


def _protected(run: Run, ask_person: AskPerson, answer: str | None) -> tuple[Ending | None, str | None]:
    """How it ends where commands are less protected than before and the person does not let it go on; the answer left.

    An answer that was given with the command is for what the person was shown last.
    """
    asks = weakened.question(run)
    if asks is None:
        return None, answer
    shown = bool(run.facts.get(weakened.ASKED))
    given = (answer if shown else None) or ask_person(asks)
    if given is None:
        run.update(**{weakened.ASKED: True})
        return Ending("waiting", WAITING, "The run waits for an answer.", asks), None
    if not weakened.allowed(run, given):
        return Ending("stopped", STOPPED, f"Stopped. `rigil resume {run.id}` asks again."), None
    return None, None if shown else answer


def rewrite_report(run: Run) -> None:
    """Write the report of a run anew, as it stands; its checkpoints and its folder tell all that is in it.

    Raises:
        RunHeld: if another process is at it.
    """
    with run.lock(), collecting(run.folder), open_checkpoints() as saver:
        close_sessions()
        graph = build_job_graph(saver) if run.job else build_graph(saver)
        thread = run.facts["settings"].get("thread") or run.id
        snapshot = graph.get_state({"configurable": {"thread_id": thread}}, subgraphs=True)
        given = cast(State, {**_input(run), **snapshot.values})
        write_report(session_of(given), given, ended=run.status in FINISHED, asks=_question(snapshot))


def _drive(
    graph: Any, config: RunnableConfig, run: Run, show: Show, ask_person: AskPerson, answer: str | None
) -> Ending:
    while True:
        snapshot = graph.get_state(config, subgraphs=True)
        begin: Any = None
        # Not `snapshot.next`: it leaves out a node whose result is saved while the checkpoint after it is not.
        if not snapshot.values and not snapshot.tasks:
            begin = _input(run)
        elif question := _question(snapshot):
            given = answer or ask_person(question)
            if given is None:
                return Ending("waiting", WAITING, "The run waits for an answer.", question)
            if given.strip().lower() == "stop":
                # The graph is not told, so that the question is still there when the run is resumed.
                run.record("person", f"The person says: {given}")
                return Ending("stopped", STOPPED, f"Stopped. `rigil resume {run.id}` asks again.")
            begin = Command(resume=given)
        elif not snapshot.tasks:
            return settle(run, snapshot.values)
        answer = None  # it was for the question that stood there, not for one that the person has not seen
        for written in run.folder.glob(f"{run.report.stem}.*"):
            written.unlink()
        for _namespace, event in graph.stream(begin, config, stream_mode="custom", subgraphs=True, durability="sync"):
            show(event)


def _question(snapshot: StateSnapshot) -> dict[str, Any] | None:
    """What an innermost node waits to be told; a graph above it still lists the question once it is answered."""
    for task in snapshot.tasks:
        inner = task.state
        if isinstance(inner, StateSnapshot):
            if found := _question(inner):
                return found
        elif task.interrupts:
            question: dict[str, Any] = task.interrupts[0].value
            return question
    return None


def _input(run: Run) -> Input:
    chosen = run.facts["settings"]
    given = Input(source=run.source, name=run.name, model=run.model, approve=chosen["approve"], run=run.id)
    if chosen.get("proxima_home"):
        given["proxima_home"] = chosen["proxima_home"]
    if chosen.get("until"):
        given["until"] = chosen["until"]
    return given


def settle(run: Run, values: State) -> Ending:
    """The verdict: verified only if every step was reached and none of them has a reservation."""
    reached, skipped = values.get("reached", {}), values.get("skipped", [])
    missing = [f"{phase}.{name}" for phase, names in STEPS.items() for name in names]
    missing = [name for name in missing if name not in reached and name not in UNSETTLED]
    reserved = [name for name, sentence in reached.items() if sentence.startswith("RESERVATION")]
    if values.get("stopped"):
        return Ending("stopped", STOPPED, "Stopped by the person.")
    if run.job:
        write_report(session_of({**values, "run": run.id}), values)
        return Ending("partial" if skipped else "verified", PARTIAL if skipped else VERIFIED, _job_ended(run, values))
    session = session_of({**values, "run": run.id})
    write_report(session, values)
    if skipped or reserved or missing:
        why = ", ".join(
            [*(f"{name} skipped" for name in skipped), *(f"{name} with a reservation" for name in reserved)]
        )
        if until := values.get("until"):
            why = ", ".join(filter(None, [why, f"as asked, only until {until}"]))
        why = why or f"not reached: {', '.join(missing)}"
        return Ending("partial", PARTIAL, f"{run.name} was brought up in part: {why}.")
    return Ending("verified", VERIFIED, f"{run.name} is verified and registered.")


def _job_ended(run: Run, values: State) -> str:
    """One sentence for the person."""
    tried = [attempt["action"]["text"] for attempt in values.get("attempts", [])]
    after = f" after recovery: {'; '.join(tried)}" if tried else ""
    settled = values.get("reached", {}).get("execute.job", "it was skipped by the person")
    return f"The job on {run.name} is done{after}: {settled}."


def _stop_leftovers(run: Run) -> None:
    """Stop the commands that a killed process left running in the workspace, whichever run they were of."""
    for other in Runs(run.state).list():
        if other.id == run.id or (other.name == run.name and not run.job and not other.job):
            for note in other.logs.glob("*.log.pid"):
                stop_leftover(note.with_suffix(""))


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let Ctrl+C and SIGTERM end a run cleanly: the command's tree stopped, the log kept, the run resumable.

    The nodes run in other threads, so they are told; a second signal does not wait for them.
    """
    told = False

    def interrupted(_number: int, _frame: object) -> None:
        nonlocal told
        if told:
            os._exit(STOPPED)
        told = True
        stop_sessions()
        raise KeyboardInterrupt

    before = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, interrupted)
    except ValueError:  # not in the main thread, where signals cannot be set
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

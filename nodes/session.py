"""What the nodes of a run share in a process: its folder, settings, recipe, shell and the way to the model."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from langgraph.config import get_stream_writer
from pydantic import BaseModel

from configs.settings import Settings, load_settings, state_folder
from graph.state import State
from models.ask import Asker, Oracle
from models.budget import Budget
from models.catalogue import entry
from models.errors import ModelError
from models.providers import make_chat_model
from models.transcript import Transcript
from tools import postmortem, traffic
from tools.excerpts import Excerpt, excerpt
from tools.finished import Finished
from tools.hosts import EVERY, named_in
from tools.logbook import work_at
from tools.permits import GRANTED, SHELL, seen
from tools.process import unstarted
from tools.reach import reach
from tools.recipe import Recipe
from tools.runs import Run, Runs
from tools.samples import Sampler
from tools.sandbox import Permit, protection
from tools.shell import Shell

A = TypeVar("A", bound=BaseModel)
NETWORK = Permit(Path(), network=True).tier
SEEN = "seen"
"""The fact of a run that lists the commands that the person allowed although they may be kept from something."""


class StepFailed(Exception):
    """A step's oracle said no: the run goes to recovery with this.

    Args:
        what: one sentence, what the oracle saw.
        finished: the command that shows it, if any.
        command: that command as one would type it.
        step: the step that has to be mended, where it is an earlier one.
    """

    def __init__(
        self, what: str, finished: Finished | None = None, command: str | None = None, *, step: str | None = None
    ):
        wanted = traffic.kept(finished.log).in_words if finished else ""
        self.what = f"{what} {wanted}".strip()
        super().__init__(self.what)
        self.step = step
        self.command = command
        self.log = str(finished.log) if finished else None
        self.status = finished.exit_status if finished and not finished.stopped else None


class StoppableShell(Shell):
    """A shell whose commands end their node when they are stopped: what they came to says nothing of the backend."""

    def run(self, *args: Any, **kwargs: Any) -> Finished:
        """Run a command to its end.

        Raises:
            KeyboardInterrupt: if the run was asked to stop.
        """
        finished = super().run(*args, **kwargs)
        if self.cancel.is_set():
            raise KeyboardInterrupt
        return finished


class Session:
    """One run in this process."""

    def __init__(self, run: Run):
        self.run = run
        chosen = run.facts["settings"]
        quiet = {"live": False} if chosen.get("quiet_model") else None
        self.settings: Settings = load_settings(model=run.model, approve=chosen.get("approve"), progress=quiet)
        self.recipe = Recipe.load(run.state, run.name)
        self.shell = StoppableShell(run.workspace, run.logs, self.settings)
        self.tree = self.shell.workspace / "tree"
        self.looked: dict[str, str] = {}
        """What a look around showed about a log, for the questions that follow in this process."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """What its commands may reach with the network: what the source, the settings and the person name."""
        granted = [*named_in(self.run.source), *self.settings.network.hosts, *self.run.facts.get("hosts_granted", [])]
        every = [EVERY] if GRANTED[self.settings.approve] >= NETWORK else []
        return tuple(dict.fromkeys([*every, *granted]))

    @cached_property
    def asker(self) -> Asker:
        """The way to the model; making it loads nothing."""
        return self._asker(Transcript(self.run.folder))

    @cached_property
    def beside(self) -> Asker:
        """The way to the model while a command keeps the cores busy.

        The threads of a model that runs in this process wait for each other, so that several cost a multiple of what
        one does where a command takes their cores away from them.
        """
        here = entry(self.settings.model).form == "small"
        return self._asker(self.asker.transcript, threads=1) if here else self.asker

    def _asker(self, transcript: Transcript, threads: int | None = None) -> Asker:
        settings, log = self.settings, self.run.folder / "model.log"
        return Asker(
            lambda: make_chat_model(settings.model, settings, log=log, threads=threads),
            settings,
            transcript,
            Budget(settings.budget, transcript, self.run.facts["settings"].get("began", 0.0)),
            entry(settings.model).form,
        )

    def ask(
        self,
        question: str,
        answer: type[A],
        *,
        oracles: Sequence[Oracle[A]] = (),
        beside: bool = False,
        **evidence: Any,
    ) -> A:
        """Ask the model, and note the question in the journal; ``beside`` where a command is busy meanwhile.

        Raises:
            Rejected: if no answer was accepted.
            ModelUnreachable: if no answer came.
            BudgetSpent: if the run may make no more calls.
            KeyboardInterrupt: if the run was asked to stop.
        """
        if self.shell.cancel.is_set():
            raise KeyboardInterrupt
        try:
            found = (self.beside if beside else self.asker).ask(question, answer, oracles=oracles, **evidence)
        except ModelError as error:
            self.run.record("ask", f"{question}: {error}", question=question)
            raise
        self.run.record("ask", f"{question}: {found.model_dump_json()}", question=question)
        return found

    def say(self, text: str, **facts: Any) -> None:
        """Show a line to the person and keep it in the journal."""
        self.run.record(facts.pop("step", "say"), text, **facts)
        self.show(text)

    def show(self, text: str, kind: str = "say", **facts: Any) -> None:
        """Show a line to the person only.

        Args:
            text: the line.
            kind: ``say`` for what stays, ``output`` for a command's output, ``progress`` for how far it is, ``status``
                for what it uses.
            facts: of a progress: ``phase``, ``percent`` (None where it is not known), ``warnings``, ``ended``; of a
                status: ``phase``, ``health`` (the model's word, None before) and ``sign`` (of trouble, or None).
        """
        try:
            writer = get_stream_writer()
        except RuntimeError:  # outside a running graph, as in a test of one node
            return
        writer({"kind": kind, "text": text, **facts})

    def command(
        self,
        command: str | Sequence[str],
        *,
        name: str,
        cwd: Path | None = None,
        network: bool = False,
        machine: bool = False,
        packages: bool = False,
        filling: Path | None = None,
        timeout_s: float | None = None,
        variables: Mapping[str, str] | None = None,
        sampler: Sampler | None = None,
        **watching: Any,
    ) -> Finished:
        """Run a command in the workspace's tree; its permit must have been granted before.

        Args:
            command: an argument list, or a line for ``/bin/sh``.
            name: what its log is called after.
            cwd: unless given the tree, or with ``machine`` the run's folder: programs read settings where they start,
                and what stands in the tree is a stranger's.
            network: whether it may use the network.
            machine: whether it may touch what the person may touch.
            packages: whether it sees the packages that were unpacked for the build.
            filling: a folder beside them that it may write.
            timeout_s: the limit of the settings unless given.
            variables: beyond those of the recipe.
            sampler: of a command that is watched while it runs; its samples lie beside the log in any case.
            watching: ``on_line`` and ``stop_if``, see `tools.shell.Shell.run`.
        """
        began, before = time.time(), postmortem.counted()
        # What may fetch a missing part of the source has to write it into the source's history.
        hosts = self.hosts if network else ()
        permit = Permit(
            self.shell.workspace, network, machine, history=network, hosts=hosts, packages=packages, filling=filling
        )
        cwd = cwd or (self.run.folder if machine else self.tree)
        # A variable that was set for the build is not for what runs with the person's rights.
        variables = {**({} if machine else self.recipe.get("variables") or {}), **(variables or {})}
        if isinstance(command, str) and (why := self._refused(command, permit, cwd, variables)):
            log = self.shell.new_log(name)
            finished = unstarted([command], cwd, log, log.with_suffix(".out"), why)
            self.run.record("command", f"{command}: {finished.in_words}", log=str(log))
            return finished
        with sampler or Sampler() as sampling:
            finished = self.shell.run(
                command,
                name=name,
                cwd=cwd,
                permit=permit,
                variables=variables,
                timeout_s=timeout_s,
                capture=True,
                sampler=sampling,
                **watching,
            )
        if finished.started and not finished.ok:
            postmortem.keep(
                postmortem.examined(
                    finished, oom_before=before, began=began, **postmortem.sampled(tuple(sampling.samples))
                ),
                finished.log,
            )
        shown = command if isinstance(command, str) else " ".join(command)
        found = traffic.kept(finished.log)
        hosts_seen = found._asdict() if network else {}
        self.run.record("command", f"{shown}: {finished.in_words}", log=str(finished.log), **hosts_seen)
        if found.refused and finished.ok:
            self.say(f"  {found.in_words}", step="command")
        return finished

    def _refused(self, command: str, permit: Permit, cwd: Path, variables: Mapping[str, str]) -> str | None:
        """Why a command is not run here."""
        reached = reach(command, permit, cwd, variables, protection())
        if reached.never:
            return f"never allowed, {reached.never}"
        asked = seen([*SHELL, command], cwd, variables) in self.run.facts.get(SEEN, [])
        return f"not asked for, {reached.held}" if reached.held and not asked else None

    def excerpt(self, log: str | Path) -> Excerpt:
        """What a model is shown of a log."""
        limits = self.settings.excerpt
        return excerpt(Path(log), limits.failure_words, limits.lines, limits.characters)


_sessions: dict[str, Session] = {}
_opening = threading.Lock()


def session_of(state: State) -> Session:
    """The session of the state's run, opened once per process."""
    with _opening:
        run_id = state["run"]
        if run_id not in _sessions:
            _sessions[run_id] = Session(Runs(state_folder()).open(run_id))
        failure = state.get("failure")
        work_at(_sessions[run_id].run.folder, *_tried(state, failure["step"] if failure else None))
        return _sessions[run_id]


def _tried(state: State, step: str | None) -> tuple[str | None, int | None]:
    """A step and which try of it this is, from 1."""
    if step is None:
        return None, None
    return step, 1 + sum(attempt["step"] == step for attempt in state.get("attempts", []))


def session_at(state: State, step: str) -> Session:
    """The session of the state's run, at a step: what is logged from here on belongs to it."""
    session = session_of(state)
    work_at(session.run.folder, *_tried(state, step))
    return session


def stop_sessions() -> None:
    """Stop what all sessions run, from any thread; their nodes end with `KeyboardInterrupt`."""
    for session in list(_sessions.values()):
        session.shell.cancel.set()


def close_sessions() -> None:
    """Forget all sessions, as a new process would."""
    _sessions.clear()

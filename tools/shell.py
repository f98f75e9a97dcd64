"""The shell of one run: commands inside their permit, each with its own numbered log."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tools import process
from tools.control_group import group, joined
from tools.environment import assigned, environment
from tools.histories import histories, put_away
from tools.limits import THREADS, Crowd, bounds_of
from tools.lookaround import make_tools
from tools.overlay import PACKAGES
from tools.process import Finished, OnLine
from tools.samples import Sampler, samples_file
from tools.sandbox import OWN, Permit, held_to_hosts, sandboxed

if TYPE_CHECKING:
    from configs.settings import Settings

__all__ = ["Shell", "make_tools"]
PUT_AWAY = "was put away: version control is made only where the network was granted."


class Shell:
    """Runs commands for one workspace.

    Attributes:
        workspace: where commands run and may write.
        logs: where their output goes, ``NNN-name.log`` in the order of running.
        cancel: set it, from any thread, to stop what runs.
    """

    def __init__(self, workspace: Path, logs: Path, settings: Settings) -> None:
        # Hidden folders are hidden by their real paths, so a link that lies in one would lead nowhere.
        self.workspace = workspace = workspace.resolve()
        self.logs = logs
        self.settings = settings
        self.cancel = threading.Event()
        self._numbering = threading.Lock()
        for folder in (logs, workspace):
            folder.mkdir(parents=True, exist_ok=True)
        self._own_folders()

    def run(
        self,
        command: str | Sequence[str],
        *,
        name: str,
        cwd: Path | None = None,
        permit: Permit | None = None,
        variables: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        on_line: OnLine | None = None,
        stdin: str | None = None,
        capture: bool = False,
        on_start: Callable[[int], None] | None = None,
        sampler: Sampler | None = None,
        stop_if: Callable[[], str | None] | None = None,
    ) -> Finished:
        """Run a command to its end.

        Args:
            command: an argument list, or a line for ``/bin/sh``.
            name: what the log is called after, such as ``build``.
            cwd: the workspace unless given.
            permit: the workspace alone unless given.
            variables: added to its environment, and to that of nothing that puts up the walls around it.
            timeout_s: ``limits.command_s`` of the settings unless given.
            on_line: called in this thread with the stream's name and each line.
            stdin: what the command reads; an empty input unless given.
            capture: also keep standard output alone, in the file that ``Finished.stdout`` names.
            on_start: called once with the process id.
            sampler: samples the command into the file beside its log; its context is the caller's.
            stop_if: looked at several times a second; the command is stopped for the reason that this returns.
        """
        argv = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
        cwd = cwd or self.workspace
        permit = permit or Permit(self.workspace)
        limits = self.settings.limits
        own = not permit.machine
        log = self.new_log(name)
        stdout = log.with_suffix(".out") if capture else None
        if sampler:
            sampler.file, sampler.folder, on_start = samples_file(log), cwd, sampler.started
        if why := process.missing(argv[0], cwd, environment(self.workspace, variables, own=own)):
            return process.unstarted(argv, cwd, log, stdout, why)
        before = None if permit.history or permit.machine else histories(self.workspace)
        crowd = Crowd(limits.processes, stop_if, on_start)
        with group(THREADS * limits.processes) as counted, _proxied(permit, log) as proxy:
            finished = process.run(
                joined(
                    sandboxed(assigned(argv, variables), permit, cwd, processes=limits.processes, proxy=proxy), counted
                ),
                cwd=cwd,
                env=environment(self.workspace, own=own),
                log=log,
                timeout_s=timeout_s if timeout_s is not None else limits.command_s,
                on_line=on_line,
                stdout=stdout,
                stdin=stdin,
                output_limit=limits.output_mib << 20,
                bounds=bounds_of(limits),
                cancel=self.cancel,
                on_start=crowd.started,
                stop_if=crowd.stop,
            )
        self._own_folders()
        for path in put_away(self.workspace, before) if before is not None else ():
            with log.open("a") as file:
                file.write(f"\n{path} {PUT_AWAY}\n")
        return finished._replace(argv=tuple(argv))

    def _own_folders(self) -> None:
        """Take away what stands in the place of the workspace's folders and is none: not every wall keeps them.

        What is written there from outside the walls would be written where they lead.
        """
        for name in (*OWN, "source", PACKAGES):
            if (folder := self.workspace / name).is_symlink() or folder.is_file():
                folder.unlink(missing_ok=True)
        for name in ("home", "tmp", PACKAGES):
            (self.workspace / name).mkdir(parents=True, exist_ok=True)

    def new_log(self, name: str) -> Path:
        """A new, empty log file with the next number."""
        slug = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")[:60] or "command"
        with self._numbering:
            numbers = (path.name.partition("-")[0] for path in self.logs.iterdir())
            number = 1 + max((int(text) for text in numbers if text.isdigit()), default=0)
            log = self.logs / f"{number:03}-{slug}.log"
            log.touch(exist_ok=False)
            return log


def _proxied(permit: Permit, log: Path) -> AbstractContextManager[Path | None]:
    """The way to the hosts of a permit, where a command is held to them."""
    if not permit.network or permit.machine or not held_to_hosts():
        return nullcontext()
    from tools.proxy import proxied

    return proxied(permit, log)

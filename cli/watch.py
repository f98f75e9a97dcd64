"""`rigil watch`: a job or a run from another terminal, by the files that it leaves."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from rich.console import Console
from rich.live import Live
from rich.text import Text

from cli.visible import visible
from configs.settings import load_settings, state_folder
from tools.followed import Followed, View
from tools.job import JobError
from tools.jobs import Jobs
from tools.runs import NoSuchRun, Runs
from tools.samples import Sample, size

LOOK_S = 1.0
BARS = "▁▂▃▄▅▆▇█"
WIDTH = 40


def watch(name: str | None, console: Console | None = None) -> int:
    """Show it until it ends, or once where there is no terminal; returns the exit code.

    Args:
        name: of a job or a run; the newest run, or else the newest job, where it is None.
        console: where to; standard output unless given.
    """
    console = console or Console(highlight=False, soft_wrap=True)
    try:
        look = _followed(name)
    except LookupError as error:
        print(f"rigil: {error.args[0]}", file=sys.stderr)
        return 1
    view = look()
    if console.is_terminal and not view.over:
        try:
            with Live(_screen(view), console=console, screen=True, auto_refresh=False) as live:
                while not view.over:
                    time.sleep(LOOK_S)
                    view = look()
                    live.update(_screen(view), refresh=True)
        except KeyboardInterrupt:
            pass  # who looks away does not stop what they looked at
    console.print(_screen(view))
    return 0


def _followed(name: str | None) -> Callable[[], View]:
    settings = load_settings()
    jobs, runs = Jobs(state_folder(), settings), Runs(state_folder())
    followed = Followed(settings.watch.still_s, settings.excerpt.failure_words)
    if name is None:
        if run := runs.latest() or runs.latest(unfinished=False):
            return followed.run(run)
        if known := jobs.list():
            return followed.job(jobs, known[-1])
        raise LookupError("There is no run and no job yet; `rigil up` begins a run, `rigil run --detach` a job.")
    try:
        return followed.job(jobs, jobs.open(name))
    except JobError:
        pass  # then it is a run
    try:
        return followed.run(runs.open(name))
    except NoSuchRun:
        what = f"There is no one job or run {name!r}; `rigil jobs` and `rigil runs` list them."
        raise LookupError(what) from None


def _screen(view: View) -> Text:
    return Text("\n".join(map(visible, _rows(view))), overflow="ellipsis", no_wrap=True)


def _rows(view: View) -> Iterator[str]:
    yield view.title
    if view.samples:
        yield from _usage(view.samples)
    else:
        yield "  nothing was sampled yet"
    if view.sign:
        yield f"  sign    {view.sign}"
    if told := view.assessment:
        ago = max(0.0, time.time() - told["at"])
        yield f"  model   {told['health']}, {ago:.0f} s ago, because of “{told['rests_on']}”"
    if view.lines:
        yield "  output"
        yield from (f"    {line}" for line in view.lines)


def _usage(samples: Sequence[Sample]) -> Iterator[str]:
    now = samples[-1]
    moved = [0.0] + [_moved(before, after) for before, after in pairwise(samples)]
    rows = (
        ("cpu", [s.cpu for s in samples], f"{now.cpu:.2f} cores of {os.cpu_count()}, machine {now.machine_cpu:.0%}"),
        ("memory", [s.rss for s in samples], f"{size(now.rss)}, {size(now.available)} can be had"),
        ("I/O", moved, f"{size(moved[-1])}/s, {size(now.disk_free)} of disk can be had"),
    )
    for name, values, words in rows:
        yield f"  {name:7} {sparkline(values)}  {words}"
    yield (
        f"  status  {now.status}, {now.processes} processes, {now.threads} threads, {now.files} open files, "
        f"for {now.seconds:.0f} s"
    )
    for pid, name, cpu, rss, threads, status in now.tree[:5]:
        yield f"    {pid:8} {name:15} {cpu:5.2f} cores  {size(rss):>10}  {threads:3} threads  {status}"


def _moved(before: Sample, after: Sample) -> float:
    """Bytes per second."""
    return max(0, after.read + after.written - before.read - before.written) / max(after.at - before.at, 1e-3)


def sparkline(values: Sequence[float]) -> str:
    """The newest values as bars, the highest of them as a whole one."""
    newest = values[-WIDTH:]
    top = max(newest, default=0) or 1
    return "".join(BARS[min(int(value / top * len(BARS)), len(BARS) - 1)] for value in newest).rjust(WIDTH)

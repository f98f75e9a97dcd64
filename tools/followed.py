"""A job or the newest command of a run, followed from another process by the files that it leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tools.excerpts import tail, telling
from tools.in_job import SAMPLES
from tools.job import FINAL, Job
from tools.jobs import Jobs
from tools.runs import Run
from tools.samples import Sample, assessment_file, read_samples, samples_file
from tools.signs import trouble

LINES = 8
"""Of its output, the newest, that are shown."""
LOOKED_AT = 60
STALE_S = 10.0
"""Samples that are older than this are of something that has ended, or of a machine that was switched off."""


class View(NamedTuple):
    """How it stands."""

    title: str
    over: bool
    samples: list[Sample]
    """The oldest first."""
    lines: list[str]
    sign: str | None
    """Of trouble, as `tools.signs` sees it."""
    assessment: dict[str, Any] | None
    """The model's last: ``at``, ``health``, ``rests_on``, ``sign``."""


class Followed:
    """Looks at a job or a run by its files alone.

    Args:
        still_s: seconds without movement that are a sign of trouble.
        failure_words: see the settings.
    """

    def __init__(self, still_s: float, failure_words: tuple[str, ...]) -> None:
        self._still_s = still_s
        self._fails = telling(failure_words)

    def job(self, jobs: Jobs, job: Job) -> Callable[[], View]:
        """What looks at a job."""
        facts = job.facts

        def look() -> View:
            word, since, why = jobs.standing(job)
            title = f"job {job.id}, {facts['circuit']} on {facts['backend']}: {word} since {since}"
            streams = [path for path in (job.folder / "stdout", job.folder / "stderr") if path.exists()]
            return self._view(f"{title} ({why})" if why else title, word in FINAL, job.folder / SAMPLES, streams)

        return look

    def run(self, run: Run) -> Callable[[], View]:
        """What looks at the newest command of a run, whichever that is at the time."""

        def look() -> View:
            now = Run(run.folder)
            logs = sorted(now.logs.glob("*.log"), key=lambda log: int(log.name.partition("-")[0]))
            over = not now.going_on
            word = "it was cut off" if over and now.status == "running" else now.status
            title = f"run {now.id} of {now.name}: {word}"
            if not logs:
                return View(title, over, [], [], None, None)
            return self._view(f"{title}, {logs[-1].stem}", over, samples_file(logs[-1]), logs[-1:])

        return look

    def _view(self, title: str, over: bool, file: Path, streams: list[Path]) -> View:
        samples = read_samples(file)
        told = [(path.stat().st_mtime, tail(path, LOOKED_AT).splitlines()) for path in streams]
        # What is printed last stands last.
        lines = [line for _, text in sorted(told) for line in text if line.strip()]
        printed = max((at for at, text in told if text), default=0.0)
        sign = None
        if samples and not over and time.time() - samples[-1].at < STALE_S:
            printed_at = samples[-1].seconds - (samples[-1].at - printed)
            sign = trouble(samples, lines, still_s=self._still_s, printed_at=printed_at, fails=self._fails)
        return View(title, over, samples, lines[-LINES:], sign, _assessment(file))


def _assessment(samples: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(assessment_file(samples).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found

"""What code knows of a failure: how it ended, where the log shows it, how the machine stood, what was tried."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from graph.state import Failure, State
from nodes.execute.plan import in_words as job_in_words
from nodes.execute.plan import load_job
from nodes.session import Session
from tools.environment import environment
from tools.excerpts import Excerpt, excerpt
from tools.failure_words import tiers_of
from tools.machine import in_words, machine, system, versions
from tools.postmortem import kept
from tools.redact import redactor
from tools.samples import Sample, read_samples, samples_file
from tools.shapes import Shapes

LAST = 6
"""Samples that are shown."""
MIB = 2**20
CLAIMED = ("kind", "cause", "quote", "fault", "severity")
"""What a diagnosis says."""


class Incident(NamedTuple):
    """The facts about a failure, each a line."""

    failure: Failure
    what: list[str]
    diagnosis: list[str]
    """Claims, of a model that was held to its quotation alone."""
    log: Path | None
    excerpt: Excerpt | None
    """The lines around the failure, redacted."""
    shapes: Shapes
    """Of all lines of the log."""
    system: list[str]
    samples: str
    """A table of the last ones; empty where nothing was sampled."""
    tried: list[str]
    needed: list[str]
    """What a bug report needs."""


def incident_of(session: Session, state: State) -> Incident | None:
    """Collect what is known of the state's failure; None where there is none."""
    failure = state.get("failure")
    if not failure:
        return None
    what = [failure["what"]]
    if failure["command"]:
        what.append(f"command: {failure['command']}")
    if failure.get("status") is not None:
        what.append(f"exit status: {failure['status']}")
    log = Path(failure["log"]) if failure["log"] else None
    shapes, shown = Shapes(), None
    limits = session.settings.excerpt
    if log:
        try:
            shown = excerpt(
                log, limits.failure_words, limits.lines, limits.characters, shapes=shapes, mend=redactor().text
            )
        except OSError as error:
            what.append(f"the log cannot be read: {error}")
            log = None
    if seen := kept(failure["log"]):
        what += seen.in_words
    diagnosis = state.get("diagnosis") or {}
    return Incident(
        failure,
        what,
        [f"diagnosis, {key}: {diagnosis[key]}" for key in CLAIMED if diagnosis.get(key)],
        log,
        shown,
        shapes,
        _system(session, failure),
        sampled(read_samples(samples_file(log), LAST)) if log else "",
        attempts_of(state),
        _needed(session, failure),
    )


def attempts_of(state: State) -> list[str]:
    """What recovery did, a line an attempt, with what came of it."""
    return [
        f"{attempt['step']}: {attempt['action'].get('text', attempt['action'].get('kind', 'something'))}"
        f": {attempt['outcome'] or 'under way'} (after: {attempt['failure']})"
        for attempt in state.get("attempts", [])
    ]


def quiet_shapes(session: Session, incident: Incident) -> Shapes:
    """The shapes of those lines of the log that hold no word for a failure."""
    tiers = tiers_of(session.settings.excerpt.failure_words)
    quiet = Shapes()
    quiet.whole, quiet.lines = incident.shapes.whole, incident.shapes.lines
    quiet.counts = {
        line: count
        for line, count in incident.shapes.counts.items()
        if not any(tier.may_tell(line) and tier.judge(line) for tier in tiers)
    }
    return quiet


def _system(session: Session, failure: Failure) -> list[str]:
    """What was noted when the step failed; how the machine stands now, where it was not."""
    noted = [line for line in session.run.journal() if line.get("failed") == failure["step"] and "machine" in line]
    if noted:
        return [*system(), *in_words(noted[-1]["machine"])]
    return [*system(), "how it stood when the step failed was not noted; now:", *in_words(machine(session.run.folder))]


def sampled(samples: list[Sample]) -> str:
    """The samples as a table."""
    if not samples:
        return ""
    rows = [("second", "cores", "MiB", "threads", "processes", "files", "status", "machine", "free MiB", "disk MiB")]
    rows += [
        (
            f"{one.seconds:.0f}",
            f"{one.cpu:.2f}",
            f"{one.rss / MIB:.0f}",
            str(one.threads),
            str(one.processes),
            str(one.files),
            one.status,
            f"{100 * one.machine_cpu:.0f} %",
            f"{one.available / MIB:.0f}",
            f"{one.disk_free / MIB:.0f}",
        )
        for one in samples
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _again(session: Session) -> str:
    if session.run.job:
        return f"{job_in_words(load_job(session.run))} --attend"
    return f"rigil up {session.run.source}"


def _needed(session: Session, failure: Failure) -> list[str]:
    given = environment(session.shell.workspace, session.recipe.get("variables") or {})
    withheld = sorted(os.environ.keys() - given.keys())
    changed = sorted(name for name in given if name in os.environ and given[name] != os.environ[name])
    added = sorted(given.keys() - os.environ.keys())
    model = session.run.model
    return [
        f"to do it again: {_again(session)} --model {model} --approve {session.settings.approve}",
        *([f"the failed command alone, in {session.tree}: {failure['command']}"] if failure["command"] else []),
        f"variables that commands were not given: {', '.join(withheld) or 'none'}",
        f"variables that they were given with another value: {', '.join(changed) or 'none'}",
        f"variables that they alone were given: {', '.join(added) or 'none'}",
        f"versions: {', '.join(versions()) or 'not known: this is no installed package'}",
    ]

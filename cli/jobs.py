"""`rigil jobs`, `rigil cancel`, `rigil result`, and `rigil run` as a job."""

from __future__ import annotations

import json
import sys
import time
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from cli.visible import tell
from tools.expected import expected_s, in_words
from tools.filesystem import read_text
from tools.itself import rigil
from tools.job import FINAL, Job, JobError, Standing
from tools.proxima import ProximaError, backends, home_of
from tools.schedulers import LOCAL

if TYPE_CHECKING:
    from tools.jobs import Jobs

OURS = ("wait", "scheduler", "key", "as_json")
"""Parameters of `rigil run` that are not the job's own."""
LOOK_S, ASK_S = 0.1, 5.0
"""How often a waiting command looks at the job's files, and asks the scheduler."""
NOT_YET, STOPPED = 2, 4


class Length(NamedTuple):
    """How long a run will take, and up to how long a person should wait for it."""

    expected_s: float
    advised_s: float

    @property
    def in_words(self) -> str:
        """One clause."""
        return f"about {in_words(self.expected_s)} are expected; waiting is advised up to {in_words(self.advised_s)}"


def run_as_job(context: typer.Context) -> int | None:
    """Run the command as a job where that was asked for or is advised; None: it is to be run here.

    Args:
        context: of `rigil run`, whatever its parameters are.
    """
    wait, through, key = (context.params[name] for name in ("wait", "scheduler", "key"))
    plain = through == LOCAL and key is None
    try:
        length = _length(context)
    except (ProximaError, OSError) as error:
        # Without a job, what runs here says so in its own words.
        said = f"{error.filename} cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
        return None if plain and wait is None else _refused(said)
    if wait is None:
        wait = length is None or length.expected_s <= length.advised_s
    if wait and plain:
        return None
    try:
        jobs = _jobs()
        job = jobs.begin(key)
        new = jobs.submit(job, through=through, command=_command(context), cwd=Path.cwd(), **_shown(context))
    except JobError as error:
        return _refused(str(error))
    if wait:
        return _awaited(jobs, job, context.params["as_json"])
    tell(json.dumps({"job": job.id}) if context.params["as_json"] else job.id)
    why = f" ({length.in_words})" if length else ""
    said = f"submitted as job {job.id}{why}" if new else f"job {job.id} was submitted before"
    tell(f"rigil: {said}; `rigil jobs` shows it, `rigil result {job.id}` gives its result.", file=sys.stderr)
    return 0


def list_jobs() -> int:
    """Print a line a job, the oldest first, and under one that goes on what it printed last; returns the exit code."""
    jobs = _jobs()
    found = jobs.list()
    standings = jobs.standings(found)
    for job in found:
        word, since, why = standings[job.id]
        facts = job.facts
        tell(f"{job.id:<20}  {facts['backend']:<16} {facts['circuit']:<24} {word:<13} {since[:19]}")
        if line := why or (job.last_line if word not in FINAL else ""):
            tell(f"    {line}")
    if not found:
        tell("There is no job; `rigil run CIRCUIT --backend NAME --detach` submits one.")
    return 0


def cancel_job(job_id: str) -> int:
    """Stop a job with all that it started; returns the exit code."""
    jobs = _jobs()
    try:
        job = jobs.open(job_id)
        before = jobs.cancel(job)
    except JobError as error:
        return _refused(str(error))
    if before.word in FINAL:
        return _refused(f"Job {job.id} is {before.word} since {before.since}; there is nothing to cancel.")
    tell(f"cancelled {job.id}, which was {before.word}")
    return 0


def print_result(job_id: str, as_json: bool) -> int:
    """Print what a job came to; returns its exit code, or 2 where it goes on."""
    jobs = _jobs()
    try:
        job = jobs.open(job_id)
        standing = jobs.standing(job)
    except JobError as error:
        return _refused(str(error))
    return _told(job, standing, as_json, job.output("stderr"))


def _awaited(jobs: Jobs, job: Job, as_json: bool) -> int:
    """Wait for a job, hand on what it says meanwhile, and print its result."""
    said, asked = 0, time.monotonic()
    standing: Standing | None = None
    try:
        while standing is None:
            time.sleep(LOOK_S)
            standing = job.over
            messages = job.output("stderr")
            tell(messages[said:], end="", file=sys.stderr, flush=True)
            said = len(messages)
            if standing is None and time.monotonic() - asked > ASK_S:
                standing = now if (now := jobs.standing(job)).word in FINAL else None
                asked = time.monotonic()
    except KeyboardInterrupt:
        tell(f"rigil: job {job.id} goes on; `rigil cancel {job.id}` stops it.", file=sys.stderr)
        return STOPPED
    return _told(job, standing, as_json, "")


def _told(job: Job, standing: Standing, as_json: bool, messages: str) -> int:
    word, since, why = standing
    if word not in FINAL:
        reason = f" ({why})" if why else ""
        return _refused(f"Job {job.id} is {word} since {since}{reason}; it has no result yet.", NOT_YET)
    tell(messages, end="", file=sys.stderr)
    printed = job.output("stdout")
    if as_json:
        tell(printed, end="")
    else:
        _retell(printed)
    if word == "cancelled":
        return _refused(f"Job {job.id} was cancelled at {since}.", STOPPED)
    if word == "lost":
        return _refused(f"Job {job.id} is lost: {why}. Submit it again under a new key.")
    status = job.exit_status or 0
    return status if status >= 0 else 1


def _retell(printed: str) -> None:
    from cli.run import retell

    try:
        retell(printed)
    except ValueError:
        tell(printed, end="")


def _length(context: typer.Context) -> Length | None:
    """What the run's length is expected to be; None where no speed was measured or there is no advice.

    Raises:
        ProximaError: if a backend is not registered.
        OSError: if a circuit cannot be read.
    """
    home = home_of(context.params["proxima_home"])
    known = backends(home)
    texts = [read_text(Path(path), 1 << 30) for path in _circuits(context)]
    whole, least = 0.0, float("inf")
    for name in context.params["backend"].split(","):
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise ProximaError(f"No backend is called {name!r} in {home}; there are: {there}.")
        advice = known[name].get("advice") or {}
        expected = expected_s(texts, advice["speed"]) if advice.get("speed") else None
        if expected is None or advice["wait_s"] is None:
            return None
        whole, least = whole + expected, min(least, advice["wait_s"])
    return Length(whole * _choices(context), least)


def _choices(context: typer.Context) -> int:
    """How many choices of the swept values there are."""
    given = [context.params["shots"], *(text.partition("=")[2] for text in context.params["sets"] or ())]
    return prod(len(str(values).split(",")) for values in given)


def _jobs() -> Jobs:
    from configs.settings import load_settings, state_folder
    from tools.jobs import Jobs

    return Jobs(state_folder(), load_settings())


def _circuits(context: typer.Context) -> list[str]:
    found = [context.params[given.name] for given in context.command.params if given.param_type_name == "argument"]
    return [path for value in found for path in ([value] if isinstance(value, str) else value)]


def _shown(context: typer.Context) -> dict[str, Any]:
    first, *more = (Path(path).name for path in _circuits(context))
    return {"backend": context.params["backend"], "circuit": f"{first} and {len(more)} more" if more else first}


def _command(context: typer.Context) -> list[str]:
    """The same `rigil run`, in a process of its own that waits for its end."""
    command = rigil("run", "--json", "--wait")
    for parameter in context.command.params:
        value = context.params[parameter.name or ""]
        if parameter.name in OURS or value is None or parameter.param_type_name == "argument":
            continue
        if isinstance(value, bool):
            command += [parameter.opts[0]] if value else parameter.secondary_opts[:1]
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            command += [parameter.opts[0], str(one)]
    return [*command, "--", *_circuits(context)]


def _refused(sentence: str, code: int = 1) -> int:
    tell(f"rigil: {sentence}", file=sys.stderr)
    return code

"""Runs a job of circuits under supervision: watched while it runs, examined when it ended badly."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graph.state import State
from nodes.execute.plan import LOST, RESULTS, JobPlan, argv, entry_of, in_words, load_job, save_job, told
from nodes.guards import tell_guards
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.watch import Watch
from tools import postmortem, process
from tools.cancelling import ECHO
from tools.examining import examine
from tools.expected import expected_s
from tools.expected import in_words as expected_in_words
from tools.filesystem import read_text
from tools.finished import Finished
from tools.samples import read_samples, samples_file

TOUCHES = ("install", "rebuild", "command")
"""Kinds of actions that change the machine or the backend, and not only how the job is run."""


@step("execute")
def job(session: Session, state: State) -> str:
    """Run it; right is what ended well and whose counts are possible."""
    plan = load_job(session.run)
    _made_room(plan)
    tell_guards(session, "execute.job")
    began, before = time.time(), postmortem.counted()
    finished = _supervised(session, plan)
    results = _results(finished)
    wrong = next((one for one in results if one.get("error") is not None), None)
    if finished.ok and results and wrong is None:
        _keep(session, plan, results)
        if why := _worse(session, plan, state):
            raise StepFailed(f"It ended well, but {why}", finished, in_words(plan))
        return f"{_counted(results)} ended well, and the counts of each sum to its shots"
    samples = read_samples(samples_file(finished.log))
    more = _inside(wrong) | postmortem.sampled(samples)
    seen = postmortem.examined(finished, oom_before=before, began=began, writes=_written(plan), **more)
    postmortem.keep(seen, finished.log)
    lost = [one for one in plan["passed"] if one not in told(results)]
    _keep(session, plan, results)
    what = f"{wrong['circuit']}: {wrong['error']}" if wrong else finished.in_words
    if lost:
        what = f"{what} {len(lost)} {LOST}."
    raise StepFailed(what[:1000], finished, in_words(plan))


def _supervised(session: Session, plan: JobPlan) -> Finished:
    """Run it as the person would, with their environment and rights, and look at it while it runs.

    Raises:
        KeyboardInterrupt: if the run was asked to stop.
    """
    log = session.shell.new_log("job")
    stops = True if session.settings.approve == "all" else None
    with _own_folder(plan) as folder, Watch(session, _expected(plan), phase="job", stops=stops) as watch:
        watch.sampler.file, watch.sampler.folder = samples_file(log), Path(plan["cwd"])
        with watch.sampler:
            finished = process.run(
                argv(plan),
                cwd=Path(plan["cwd"]),
                env={**os.environ, **plan["variables"], **folder, ECHO: "1"},
                log=log,
                on_line=watch.line,
                stdout=log.with_suffix(".out"),
                apart=True,  # its results are data, and their errors are on the other stream in words
                output_limit=session.settings.limits.output_mib << 20,
                cancel=session.shell.cancel,
                on_start=watch.sampler.started,
                stop_if=lambda: watch.stop,
                thorough=True,
            )
    if session.shell.cancel.is_set():
        raise KeyboardInterrupt
    session.run.record("command", f"{in_words(plan)}: {finished.in_words}", log=str(log))
    return finished


@contextmanager
def _own_folder(plan: JobPlan) -> Iterator[dict[str, str]]:
    """The variable that gives the job a folder of its own for temporary files, which goes with whatever is left in it.

    Where there can be none, the job finds that out for itself.
    """
    place = plan["variables"].get("TMPDIR") or os.environ.get("TMPDIR") or None
    try:
        folder = tempfile.mkdtemp(prefix="job-", dir=place)
    except OSError:
        yield {}
        return
    try:
        yield {"TMPDIR": folder}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _expected(plan: JobPlan) -> str:
    """What the job is expected to do, as the end of a sentence."""
    many = len(plan["circuits"])
    what = f"runs {'a circuit' if many == 1 else f'{many} circuits'} on a simulator, which computes without a pause"
    advice = entry_of(plan).get("advice") or {}
    texts = [read_text(Path(path), 1 << 24) for path in plan["circuits"]]
    seconds = expected_s(texts, advice["speed"]) if advice.get("speed") else None
    return what if seconds is None else f"{what}, for about {expected_in_words(seconds)}"


def _results(finished: Finished) -> list[dict[str, Any]]:
    """What it printed; a line that was torn by its end counts for nothing."""
    found = []
    for line in finished.stdout.read_text(errors="replace").splitlines() if finished.stdout else ():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict) and "circuit" in one:
            found.append(one | ({"error": wrong} if one.get("error") is None and (wrong := _impossible(one)) else {}))
    return found


def _impossible(result: Mapping[str, Any]) -> str | None:
    """Why a result cannot be one, whichever adapter gave it."""
    counts, shots = result.get("counts") or {}, result.get("shots")
    if not counts:
        return "It gave no counts."
    if any(not isinstance(count, int) or count < 0 for count in counts.values()):
        return "Its counts are no whole numbers."
    return None if sum(counts.values()) == shots else f"Its counts sum to {sum(counts.values())}, not to {shots} shots."


def _inside(wrong: Mapping[str, Any] | None) -> dict[str, Any]:
    """How the backend's own process ended, which is inside the one that was watched."""
    if wrong is None:
        return {}
    ended = wrong.get("ended") or {}
    if ended.get("refused"):
        return {"request": wrong["error"], "exit_status": None}
    if ended.get("timed_out"):
        return {"timed_out": True, "exit_status": None, "seconds": float(wrong.get("total_seconds") or 0.0)}
    if ended.get("flooded"):
        return {"flooded": wrong["error"], "exit_status": None}
    if status := ended.get("exit_status"):
        return {"exit_status": status, "signal": postmortem.signal_of(status)}
    return {"exit_status": 0, "refused": wrong["error"]}


def _worse(session: Session, plan: JobPlan, state: State) -> str | None:
    """Whether what recovery did to the backend or the machine made another check fail."""
    touched = [done["action"] for done in state.get("attempts", []) if not done["outcome"]]
    touched = [action for action in touched if action["kind"] in TOUCHES]
    entry = entry_of(plan)
    if not touched or (entry.get("health") or {}).get("status") != "healthy":
        return None
    found = examine(Path(plan["home"]), plan["backend"], entry, session.settings, session.shell.cancel)
    # Slower than usual is no other check that fails.
    if found.status in ("healthy", "unknown") or all(outcome.healthy for outcome in found.outcomes):
        return None
    return f"since `{touched[-1]['text']}` the backend is {found.status}: {found.why}"


def _written(plan: JobPlan) -> list[Path]:
    """The folders that it writes to, as far as they are there."""
    temporary = plan["variables"].get("TMPDIR") or os.environ.get("TMPDIR") or "/tmp"
    named = [Path(temporary), *([Path(plan["out"])] if plan["out"] else [])]
    return [next(folder for folder in (path, *path.parents) if folder.is_dir()) for path in named]


def _made_room(plan: JobPlan) -> None:
    """Put the results of a failed attempt aside, since `rigil run` writes over nothing."""
    if plan["out"] and (old := Path(plan["out"]) / RESULTS).exists():
        number = len(list(old.parent.glob("results-failed-*.jsonl"))) + 1
        old.rename(old.with_name(f"results-failed-{number}.jsonl"))


def _keep(session: Session, plan: JobPlan, results: list[dict[str, Any]]) -> None:
    save_job(session.run, {**plan, "passed": sorted({*plan["passed"], *told(results)})})
    (session.run.folder / RESULTS).write_text("".join(json.dumps(one) + "\n" for one in results))


def _counted(results: list[dict[str, Any]]) -> str:
    return "the circuit" if len(results) == 1 else f"all {len(results)} circuits"

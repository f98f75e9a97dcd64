"""What can be done about a job that failed: other parameters, other folders, more time, the backend built anew."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from graph.state import Attempt, Failure
from nodes.execute.plan import JobPlan, changed, entry_of, load_job, save_job, value_of
from nodes.session import Session
from tools.filesystem import read_inside
from tools.itself import rigil
from tools.mishaps import possible, supported
from tools.postmortem import LITTLE_DISK, kept
from tools.transforms import check

JOB = "execute.job"
Action = dict[str, Any]
"""See `nodes.recovery.actions`; a job has these besides ``wait``, ``install`` and ``variable``:

    parameter  ``name`` and ``value`` of one of ProximA's parameters, ``before`` what it was
    folder     ``value`` is where temporary files go, in the variable ``name``
    results    ``value`` is the folder that the results go to
    rebuild    the backend is built anew from its source by its recipe

With ``asks`` an action changes what the person asked for, so that they are asked.
"""
WHOLE = ("wait", "parameter", "folder", "results", "rebuild")
"""Kinds of actions that leave nothing open."""
EASED = (("parallelization", "1"), ("optimization_level", "0"), ("precision", "single"))
"""ProximA's parameters, with the value that takes least."""
CHANGES_RESULT = frozenset({"num_qubits", "shots", "seed", "noise_level", "precision"})
"""ProximA's parameters that change what the person asked for, and not only how it is computed."""
TOO_MUCH = ("out_of_memory", "timeout")
FEWER = 10
LONGER = 2
VARIABLE = "set an environment variable that the output or the documents name"
VARIABLE_NAME = r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]\b"
"""How names of variables of the environment are written by custom (POSIX, XBD 8.1)."""
REBUILT = frozenset({"something_missing", "not_runnable", "permission", "crash", "program_error"})
"""What a backend that was damaged since it was built ends with."""
DONE = (0, 3)
"""Exit codes of `rigil up` after which the backend is registered and healthy."""
BEFORE = "tree.before"


def offered(session: Session, failure: Failure, attempts: Sequence[Attempt]) -> dict[str, Action]:
    """Text -> action, what takes and changes least first; only what is possible here."""
    if not may_help(failure):
        return {}
    plan = load_job(session.run)
    seen = kept(failure["log"])
    speaks = supported(seen) if seen else {}
    found: dict[str, Action] = {}
    longer = sum(1 for done in attempts if done["action"].get("name") == "timeout") + 1
    short = seen is not None and bool({*TOO_MUCH} & {*possible(seen)})
    late = bool(seen and seen.timed_out and not seen.still)
    for kind, name, value in _parameters(plan, LONGER**longer if late else None, short=short):
        now = value_of(plan, kind, name)
        text = f"run it with {name}={value}" + (f" instead of {now}" if now else "")
        found[text] = {"kind": kind, "name": name, "value": value, "before": now, "asks": name in CHANGES_RESULT}
    places = {"disk_full", "permission"} & speaks.keys()
    elsewhere = session.run.folder / "tmp"
    temporary = value_of(plan, "folder", "TMPDIR") or os.environ.get("TMPDIR") or tempfile.gettempdir()
    if places or not usable(Path(temporary)):
        found[f"put its temporary files into {elsewhere}"] = {
            "kind": "folder",
            "name": "TMPDIR",
            "value": str(elsewhere),
            "before": value_of(plan, "folder", "TMPDIR"),
        }
    if places and failure["log"]:
        text = session.excerpt(failure["log"]).text
        for name in dict.fromkeys(re.findall(VARIABLE_NAME, text)):
            now = value_of(plan, "folder", name)
            if now != str(elsewhere):
                found[f"set {name}, which the output names, to the folder {elsewhere}"] = {
                    "kind": "folder",
                    "name": name,
                    "value": str(elsewhere),
                    "before": now,
                }
    if plan["out"] and (places or not usable(Path(plan["out"]))):
        results = session.run.folder / "results"
        text = f"write the results to {results} instead of {plan['out']}"
        found[text] = {"kind": "results", "name": "out", "value": str(results), "before": plan["out"]}
    placed = any(action["kind"] == "folder" and "set" in text for text, action in found.items())
    if not placed and variables(session, failure):
        found[VARIABLE] = {"kind": "variable"}
    damaged = REBUILT & speaks.keys() and not (seen and seen.flooded)
    if (damaged or not speaks) and session.recipe.get("build") and _source(session):
        found["build the backend anew from its source"] = {"kind": "rebuild"}
    if "something_missing" in speaks and failure["log"] and session.recipe.get("survey"):
        found["install what is missing from the machine's packages"] = {"kind": "install"}
    return found


def variables(session: Session, failure: Failure) -> list[str]:
    """The names of variables, as they are written by custom, in the output and in the backend's documents."""
    survey = session.recipe.get("survey") or {"documents": []}
    texts = [session.excerpt(failure["log"]).text] if failure["log"] else []
    texts += [read_inside(session.tree, name) for name in survey["documents"]]
    return list(dict.fromkeys(name for text in texts for name in re.findall(VARIABLE_NAME, text)))


def fitting(left: Mapping[str, Action], kind: str) -> dict[str, Action]:
    """Without what changes the result, where the diagnosis is not that it took too much: less would help nothing."""
    return {text: one for text, one in left.items() if kind in TOO_MUCH or not one.get("asks")}


def harmless(left: Mapping[str, Action]) -> bool:
    """Whether something can be tried that changes neither the machine nor what the person asked for."""
    return any(one["kind"] in ("parameter", "folder", "results") and not one.get("asks") for one in left.values())


def may_help(failure: Failure) -> bool:
    """Whether anything can; where the circuit itself was refused, only another one does."""
    seen = kept(failure["log"])
    return seen is None or seen.request is None


def _parameters(plan: JobPlan, longer: int | None, *, short: bool) -> Iterator[tuple[str, str, str]]:
    """(kind, name, value) of parameters that the backend has, and not yet this value.

    Args:
        plan: of the job.
        longer: how many times the time that it has; None where that was not too short.
        short: whether time or memory may have been too short: only then may the result be less.
    """
    known = parameters_of(plan)
    if longer and _takes(known, "timeout"):
        default = known["timeout"].get("default") or 300
        with suppress(ValueError):
            now = float(plan["sets"].get("timeout") or default)
            yield "parameter", "timeout", f"{now * longer:g}"
    eased = EASED if short else [one for one in EASED if one[0] not in CHANGES_RESULT]
    for name, value in eased:
        now_is = plan["sets"].get(name)
        if _takes(known, name, value) and now_is != value and str(known[name].get("default")) != value:
            yield "parameter", name, value
    if short and plan["shots"].isdigit() and int(plan["shots"]) > FEWER:
        yield "parameter", "shots", str(int(plan["shots"]) // FEWER)


def parameters_of(plan: JobPlan) -> dict[str, dict[str, Any]]:
    """ProximA's parameters as the backend takes them; none where its registry does not say."""
    return dict(entry_of(plan).get("parameters") or {})


def _takes(known: Mapping[str, Any], name: str, value: str | None = None) -> bool:
    entry = known.get(name) or {}
    if not entry.get("supported"):
        return False
    return value is None or check(name, entry, int(value) if value.isdigit() else value) is None


def usable(folder: Path) -> bool:
    """Whether a file can be written in a folder, or in the one that it would be made in; found out by doing it."""
    place = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with tempfile.NamedTemporaryFile(dir=place) as file:
            file.write(b"0" * 4096)
            file.flush()
        return shutil.disk_usage(place).free >= LITTLE_DISK
    except OSError:
        return False


def do(session: Session, action: Mapping[str, Any]) -> str | None:
    """Carry out what only a job has; returns what went wrong, or nothing; None where it is nothing of a job."""
    kind = action["kind"]
    if kind == "rebuild":
        return _rebuilt(session)
    if kind not in ("parameter", "folder", "results", "variable"):
        return None
    if kind == "folder":
        Path(action["value"]).mkdir(parents=True, exist_ok=True)
    save_job(session.run, changed(load_job(session.run), action, action["value"]))
    return ""


def undo(session: Session, action: Mapping[str, Any]) -> bool:
    """Take back what did not help; False where there is nothing to take back."""
    if action["kind"] not in ("parameter", "folder", "results", "variable"):
        return False
    save_job(session.run, changed(load_job(session.run), action, action.get("before")))
    return True


def _source(session: Session) -> str | None:
    """Where the backend came from, by its newest run that was brought up; None where it is not known."""
    from tools.runs import Runs

    runs = [run for run in Runs(session.run.state).list() if run.name == session.run.name and not run.job]
    return runs[-1].source if runs else None


def _rebuilt(session: Session) -> str:
    """Build it from a fresh copy of its source; the tree that was there comes back where that does not go well."""
    from tools import process

    plan, source = load_job(session.run), _source(session)
    assert source is not None
    tree, before = session.tree, session.tree.with_name(BEFORE)
    if not before.exists() and tree.exists():
        tree.rename(before)
    log = session.shell.new_log("rebuild")
    options = ("--name", session.run.name, "--model", session.run.model, "--proxima-home", plan["home"])
    finished = process.run(
        rigil("up", source, *options, "--approve", session.settings.approve),
        cwd=session.run.folder,
        env=dict(os.environ),
        log=log,
        on_line=lambda _stream, text: session.show(text, kind="output"),
        cancel=session.shell.cancel,
    )
    if finished.exit_status in DONE:
        shutil.rmtree(before, ignore_errors=True)
        return ""
    if before.exists():
        shutil.rmtree(tree, ignore_errors=True)
        before.rename(tree)
    return f"it failed: building it anew did not verify it, so what was there is back. {finished.in_words}"

"""The page at the end of a run: what failed, what was built, what was verified and how, and what it cost."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from graph.state import State
from nodes.build.source import edits_of, patch_file
from nodes.execute.plan import RESULTS as JOB_RESULTS
from nodes.execute.plan import in_words, load_job
from nodes.operate.hosts import hosts_told
from nodes.operate.incident import Incident, attempts_of, incident_of
from nodes.operate.ladder import ladder
from nodes.operate.prose import Prose, prose_of
from nodes.operate.sections import told_of, words_of
from nodes.session import Session
from nodes.step import step
from nodes.verify.benchmark import PLOT, RESULTS
from nodes.verify.speed.explain import facts_of
from tools.filesystem import write_atomic
from tools.guards import guards
from tools.page import Page, Section, Verbatim, as_html, as_markdown, as_text
from tools.redact import redactor
from tools.speed import legend, table

MEANING = {
    "survey.fetch": "source",
    "survey.read": "survey",
    "build.strategy": "strategy",
    "build.compile": "build",
    "build.inspect": "products",
    "verify.discover": "discovery",
    "verify.tests": "its own tests",
    "verify.interface": "interface",
    "verify.speak": "first circuits",
    "verify.gates": "gates",
    "verify.sampling": "sampling",
    "verify.benchmark": "speed",
    "integrate.metadata": "metadata",
    "integrate.parameters": "parameters",
    "integrate.register": "registration",
    "execute.unseen": "unseen circuit",
    "execute.advice": "running it",
    "operate.health": "health",
}
"""What a step is called on the page; others go by their names."""
APPROVALS = {
    "ask": "whatever leaves the workspace or needs the network waited for the person",
    "safe": "every host was allowed beforehand; installing waited for the person",
    "all": "everything was allowed beforehand, installing on the machine included",
}


@step("operate")
def report(session: Session, state: State) -> str:
    """Write the report; every fact in it is placed by code."""
    write_report(session, state)
    return f"the report is {session.run.report}"


def write_report(session: Session, state: State, *, ended: bool = True, asks: Mapping[str, Any] | None = None) -> None:
    """Write the report as plain text, Markdown and HTML; where something ended badly, with the model's words.

    Without a model that can be asked, and where its words do not hold, the facts stand alone. What was written of the
    same facts before is used again.

    Args:
        session: the run.
        state: as it stands.
        ended: whether the run goes no further by itself; otherwise nothing of it is called verified.
        asks: the question that waits for the person.
    """
    incident = incident_of(session, state)
    prose = prose_of(session, state, incident, page_of(session, state, incident, ended=ended)) if _bad(state) else None
    if prose and prose.new:
        session.say(f"  {' '.join(prose.summary)}", step="operate.report")
    page = page_of(session, state, incident, prose, ended=ended, asks=asks).mended(redactor().text)
    write_atomic(session.run.report, as_text(page))
    write_atomic(session.run.report.with_suffix(".md"), as_markdown(page))
    write_atomic(session.run.report.with_suffix(".html"), as_html(page))


def report_text(session: Session, state: State) -> str:
    """The report of a run as it stands, without the model's words."""
    return as_text(page_of(session, state, incident_of(session, state)).mended(redactor().text))


def _bad(state: State) -> bool:
    reserved = any(sentence.startswith("RESERVATION") for sentence in state.get("reached", {}).values())
    return bool(state.get("failure") or state.get("skipped")) or reserved


def page_of(
    session: Session,
    state: State,
    incident: Incident | None,
    prose: Prose | None = None,
    *,
    ended: bool = True,
    asks: Mapping[str, Any] | None = None,
) -> Page:
    """The one collection of a run's facts, whatever they are written down as."""
    escalated = asks is not None and asks["kind"] == "escalation"
    sections = [
        *(_waits(session, asks) if asks and not escalated else []),
        *(told_of(session, state, incident, prose) if incident else words_of(prose)),
        *(_job(session, state) if session.run.job else _brought_up(session, state)),
        *_protection(session),
        *_cost(session),
    ]
    run = session.run
    head = [f"run {run.id}", f"model {run.model}", f"source {run.source}"]
    how = "WAITS FOR AN ANSWER" if asks and not escalated else verdict(state, ended=ended)
    return Page(f"{run.name}: {how}", head, sections)


def _waits(session: Session, asks: Mapping[str, Any]) -> list[Section]:
    lines = [str(asks["question"])]
    lines += [f"{key}: {asks[key]}" for key in ("command", "folder") if asks.get(key)]
    lines.append(f"rigil resume {session.run.id} --answer ANSWER, where ANSWER is {' | '.join(asks['answers'])}")
    return _section("What it waits for", lines)


def _job(session: Session, state: State) -> list[Section]:
    """What an attended job ran, and what recovery changed of it."""
    lines = [f"$ {in_words(load_job(session.run))}"]
    lines += [f"the results: {path}" for path in [session.run.folder / JOB_RESULTS] if path.exists()]
    tried = [] if state.get("failure") else _section("What recovery did", attempts_of(state))
    return [*_section("What was run", lines), *tried, *_verified(state)]


def _brought_up(session: Session, state: State) -> list[Section]:
    return [
        *_built(session, state),
        *_section("How far it came", ladder(state)),
        *_verified(state),
        *_files(session),
        *_speed(session),
        *_integrated(session, state),
        *_not_verified(session, state),
    ]


def verdict(state: State, *, ended: bool = True) -> str:
    """How far a run may be believed."""
    failure, skipped = state.get("failure"), list(state.get("skipped", []))
    if failure:
        return f"ESCALATED at {failure['step']}"
    if not ended:
        return "NOT FINISHED"
    if "execute.job" in state.get("reached", {}):
        return "DONE"
    if skipped:
        return f"VERIFIED IN PART, with {len(skipped)} step{'s' if len(skipped) > 1 else ''} skipped"
    if (until := state.get("until")) and until != "operate":
        return f"VERIFIED IN PART, only until {until}, as asked"
    if any(sentence.startswith("RESERVATION") for sentence in state.get("reached", {}).values()):
        return "VERIFIED IN PART, with a reservation"
    return "VERIFIED"


def _section(title: str, lines: list[str]) -> list[Section]:
    return [Section(title, (lines,))]


def _built(session: Session, state: State) -> list[Section]:
    recipe = session.recipe
    plan: dict[str, Any] = recipe.get("build") or {}
    made: dict[str, Any] = (recipe.get("products") or {}) if "build.inspect" in state.get("reached", {}) else {}
    commands = [*plan.get("configure", []), *plan.get("build", [])]
    lines = [f"$ {command}" for command in commands]
    lines += [f"with {name}={value}" for name, value in (recipe.get("variables") or {}).items()]
    lines += [f"edited in the copy: {name}" for name in dict.fromkeys(edit["file"] for edit in edits_of(session))]
    lines += [f"the edits as a patch: {patch_file(session)}"] if edits_of(session) else []
    lines += [f"made: program {name}" for name in made.get("programs", [])[:12]]
    lines += [f"made: module {name}" for name in made.get("modules", [])[:12]]
    lines += [f"made: library {name}" for name in made.get("libraries", [])[:4]]
    found = _section("What was built" if made else "What was to be built", lines)
    return found + ([] if state.get("failure") else _section("What recovery did", attempts_of(state)))


def _verified(state: State) -> list[Section]:
    reached = state.get("reached", {})
    lines = [f"{MEANING.get(name, name)}: {sentence}" for name, sentence in reached.items() if name != "operate.report"]
    return _section("What was verified, and by which check", lines)


def _speed(session: Session) -> list[Section]:
    """What this run measured, or used again."""
    file = session.run.folder / RESULTS
    if not file.exists():
        return []
    results = json.loads(file.read_text())
    circuits, growth = results["circuits"], results["growth"]
    told = [f"{circuits['family']}: {circuits['layers']} layers, {circuits['shots']} shots; measured {results['at']}"]
    plan = results["plan"]
    if plan["why"]:
        told.append(f"the plan expected that it {plan['growth']}, accepts {plan['acceptable']}, because: {plan['why']}")
    told += [legend(results)]
    told += [f"the growth: {growth['sentence']}"] if growth else []
    told += [f"in the model's words: {results['explanation']}"] if results["explanation"] else []
    told += facts_of(results)
    told.append(f"all of it: {file}; a plot: {file.with_name(PLOT)}")
    return [Section("How fast it is", (Verbatim("\n".join(table(results))), told))]


def _files(session: Session) -> list[Section]:
    files = [
        ("its own tests, as discovered", session.run.manifest),
        ("their results for CI systems", session.run.junit),
        *(("a Bell circuit in the backend's words", path) for path in session.run.folder.glob("bell.*")),
    ]
    return _section("What was written down", [f"{what}: {path}" for what, path in files if path.exists()])


def _integrated(session: Session, state: State) -> list[Section]:
    registration = session.recipe.get("registration")
    if not registration or "integrate.register" not in state.get("reached", {}):
        return []
    name, home = registration["name"], registration["home"]
    return _section(
        "How to use it",
        [f"rigil run CIRCUIT.qasm --backend {name} --shots 1024", f"in ProximA's home {home}, as {name}"],
    )


def _not_verified(session: Session, state: State) -> list[Section]:
    lines = [f"skipped by the person: {name}" for name in state.get("skipped", [])]
    mapping = (session.recipe.get("parameters") or {}).get("mapping", {})
    unsupported = {name: entry["why"] for name, entry in mapping.items() if not entry["supported"]}
    lines += [f"parameter {name} is not supported: {why}" for name, why in unsupported.items()]
    lines += [
        f"parameter {name} is passed on ({entry['to']}), but its effect was not observed"
        for name, entry in mapping.items()
        if entry["supported"] and not entry["observed"]
    ]
    metadata = session.recipe.get("metadata") or {}
    lines += [
        f'stated, not tried: {name} ("{found["words"]}")'
        for name, found in metadata.get("features", {}).items()
        if not (name == "noise" and mapping.get("noise_level", {}).get("observed"))
    ]
    limit = metadata.get("max_qubits", {}).get("value", "")
    if limit.isdigit() and int(limit) > metadata["tried_qubits"]:
        lines.append(f"stated, not tried: {limit} qubits; {metadata['tried_qubits']} were tried")
    return _section("What was not verified", lines)


def _protection(session: Session) -> list[Section]:
    told = guards(session.settings.limits)
    level = session.settings.approve
    return _section(
        "What commands could touch",
        [
            f"protection: {told['sandbox']}",
            f"network: {told['network']}",
            f"system calls: {told['calls']}",
            f"a command might take {told['limits']}",
            f"approval level: {level}: {APPROVALS[level]}",
            *hosts_told(session),
        ],
    )


def _cost(session: Session) -> list[Section]:
    totals = session.asker.transcript.totals()
    began = float(session.run.facts["settings"].get("began") or 0)
    lines = [
        f"model calls: {totals.calls}",
        f"tokens: {totals.input_tokens} in, {totals.output_tokens} out",
        f"seconds waiting for the model: {totals.seconds:.1f}",
    ]
    if began:
        lines.append(f"seconds since the run began: {time.time() - began:.0f}")
    return _section("What it cost", lines)

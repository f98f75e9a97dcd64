"""Says what the backend is and can do: stated things with the words that state them, capacity by trying."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from graph.state import State
from models.errors import Rejected
from nodes.integrate.answers import NOT_STATED, Feature, Metadata
from nodes.integrate.described import described, gates_in_words, invocation
from nodes.integrate.sources import Sources, sources, spoken
from nodes.integrate.speech import dialect_of, run
from nodes.session import Session
from nodes.step import step
from tools.circuits import Circuit
from tools.documents import telling
from tools.driver import DriverError
from tools.filesystem import write_atomic
from tools.quotations import stands_in

FILE = "metadata.json"
WORDS = ("version", "limit", "at most", "up to", "maximum", "qubits")
LACKING = ("one_core", "none")
HEAD, TOLD, BESIDE, LIMITS = 400, 900, 300, 200
SIZES = (2, 4, 8, 12, 14, 16, 18, 20)
SHOTS = 100
ENOUGH_S = 4.0
"""No larger circuit is tried after one that took this long."""
ADDRESS_KIB = 4 << 20
"""What a trial may take of memory, so that finding the limit does not find the machine's."""


@step("integrate")
def metadata(session: Session, state: State) -> str:
    """Ask once what the documents state, keep what stands in them, and try how many qubits work."""
    dialect = dialect_of(session)
    stated = sources(session)
    kept = session.recipe.get("metadata")
    known = dict(kept) if kept else None
    if known and not ("name_words" in known and all(stands_in(words, stated.whole) for words in _quotations(known))):
        session.say("  what the documents state has changed", step="integrate.metadata")
        session.recipe.forget("metadata")
        known = None
    if known is None:
        known = _ask(session, stated) | {"tried_qubits": _tried(session, dialect)}
    return in_words(written(session, dialect, known, stated))


def written(
    session: Session, dialect: dict[str, Any], stated_before: dict[str, Any], stated: Sources
) -> dict[str, Any]:
    """What the documents state, with the gates and the command that the dialect has now; kept, and written down."""
    kept = session.recipe.get("metadata")
    known = stated_before | {
        "gates": session.recipe.get("verified_gates"),
        "gate_words": gates_in_words(dialect, stated),
        "command": dialect["command"],
        "invocation": invocation(session, dialect, stated),
        "sources": stated.names,
    }
    if known != kept:
        quoted = f"{len(_quotations(known))} quotations stand in the documents"
        session.recipe.put("metadata", known, f"{quoted}; {known['tried_qubits']} qubits tried")
    told = json.dumps(described(session, known), indent=2, ensure_ascii=False)
    write_atomic(session.run.folder / FILE, told + "\n")
    return known


def in_words(known: dict[str, Any]) -> str:
    """The metadata in one sentence, and what each part rests on."""
    version = known["version"]["value"]
    limit = known["max_qubits"]["value"]
    features = ", ".join(known["features"]) or "none"
    return (
        f"{known['name']}, version {version}; {known['tried_qubits']} qubits tried"
        + (f", {limit} stated" if limit != NOT_STATED else ", no limit stated")
        + f"; features stated: {features}"
    )


def capacity(known: dict[str, Any]) -> tuple[int, str]:
    """(most qubits, what that rests on): what the documents state, or else what was tried."""
    stated = known["max_qubits"]
    if stated["value"] != NOT_STATED:
        return int(stated["value"]), f'the documents say: "{stated["words"]}"'
    return known["tried_qubits"], "the most that was tried; the documents state no limit"


def _quotations(known: dict[str, Any]) -> list[str]:
    """The words of what was asked."""
    fields = [{"words": known["name_words"]}, known["version"], known["max_qubits"], *known["features"].values()]
    return [field["words"] for field in fields if field["words"] != NOT_STATED]


def _ask(session: Session, stated: Sources) -> dict[str, Any]:
    """Ask, and keep only what stands in the sources: a wrong field costs itself, not the others."""
    told, beside = stated.documents, "\n".join(stated.versions)[:BESIDE]
    limits = "\n".join(stated.limits)[:LIMITS]
    shown = [f"{told[:HEAD]}\n...\n{telling(told[HEAD:], WORDS, TOLD)}", stated.help[:HEAD], beside, limits]
    try:
        answer = session.ask("metadata", Metadata, evidence="\n\n".join(part for part in shown if part.strip()))
    except Rejected:  # nothing hangs on what documents state: gates and capacity are observed
        answer = Metadata(name="", version=NOT_STATED, max_qubits=NOT_STATED)
    whole = stated.whole
    fields = {
        "version": _stated(answer.version, r"\d", ("version", answer.name, session.run.name), whole),
        "max_qubits": _stated(answer.max_qubits, r"^[1-9]\d{0,3}$", ("qubit",), whole),
    }
    given = {"version": answer.version, "max_qubits": answer.max_qubits}
    dropped = [name for name, field in fields.items() if given[name] != NOT_STATED and field["value"] == NOT_STATED]
    if dropped:
        session.say(f"  not kept, for no words state it: {', '.join(dropped)}", step="integrate.metadata")
    words = next(stated.lines_with(re.escape(answer.name)), None) if answer.name.strip() else None
    name = {"name": answer.name if words else session.run.name, "name_words": words or NOT_STATED}
    return {**name, **fields, "features": _features(session, stated)}


def _stated(value: str, form: str, beside: tuple[str, ...], stated: str) -> dict[str, str]:
    """A value of that form with the line that holds it beside one of the words, if there is one."""
    if value.strip() and re.search(form, value):
        for line in stated.splitlines():
            whole = re.search(rf"(?<![\w.]){re.escape(value)}(?!\w|\.\d)", line)
            if whole and any(word.lower() in line.lower() for word in beside if word):
                return {"value": value, "words": line.strip()}
    return {"value": NOT_STATED, "words": NOT_STATED}


def _features(session: Session, stated: Sources) -> dict[str, dict[str, str]]:
    """The features that single sentences state, each with its sentence; what is said first counts."""
    found: dict[str, dict[str, str]] = {}
    for sentence in spoken(stated):
        try:
            feature = session.ask("feature", Feature, sentence=sentence).feature
        except Rejected:  # a sentence that cannot be sorted states nothing
            continue
        if feature not in LACKING:
            found.setdefault(feature, {"value": feature, "words": sentence})
    return found


def _tried(session: Session, dialect: dict[str, Any]) -> int:
    """The largest number of qubits on which Hadamard gates ran and gave as many counts as were asked for."""
    limited = {**dialect, "command": f"ulimit -v {ADDRESS_KIB}; {dialect['command']}"}
    worked = 0
    for qubits in SIZES:
        gate = "h" if "h" in dialect["gates"] else next(iter(dialect["gates"]))
        layer: Circuit = (qubits, [(gate, (q,), ()) for q in range(qubits)])
        began = time.monotonic()
        try:
            run(session, limited, layer, shots=SHOTS, seed=1)
        except DriverError as error:
            session.run.record("integrate.metadata", f"{qubits} qubits did not work: {error}")
            break
        worked = qubits
        if time.monotonic() - began > ENOUGH_S:
            break
    return worked

"""Says what the backend is and can do: stated things with the words that state them, capacity by trying."""

from __future__ import annotations

import re
import time
from typing import Any

from graph.state import State
from models.errors import Rejected
from nodes.integrate.answers import NOT_STATED, Feature, Metadata
from nodes.integrate.speech import dialect_of, run
from nodes.session import Session
from nodes.step import step
from tools.circuits import Circuit
from tools.documents import sentences, telling
from tools.driver import DriverError
from tools.excerpts import stands_in
from tools.filesystem import listing, read_text

WORDS = ("version", "limit", "at most", "up to", "maximum", "qubits")
SPOKEN = (
    r"\bnois|\berror rate",
    r"\bgpu|\bcuda",
    r"\bthread|\bcores?\b|\bparallel|\bopenmp|single-thread|multi-?thread",
    r"\bmpi|\bcluster",
)
"""Where features are commonly spoken of: a place to look; what a sentence says is the model's to judge."""
EACH = 2
LACKING = ("one_core", "none")
HEAD, TOLD, LONGEST = 400, 900, 200_000
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
    stated = _stated_text(session)
    known = session.recipe.get("metadata")
    if known and not all(stands_in(words, stated) for words in _quotations(known)):
        session.say("  what the documents state has changed", step="integrate.metadata")
        session.recipe.forget("metadata")
        known = None
    if known is None:
        known = _ask(session, stated) | {
            "gates": session.recipe.get("verified_gates"),
            "command": dialect["command"],
        }
        known["tried_qubits"] = _tried(session, dialect)
        quoted = f"{len(_quotations(known))} quotations stand in the documents"
        session.recipe.put("metadata", known, f"{quoted}; {known['tried_qubits']} qubits tried")
    return in_words(known)


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
    fields = [known["version"], known["max_qubits"], *known["features"].values()]
    return [field["words"] for field in fields if field["words"] != NOT_STATED]


def _stated_text(session: Session) -> str:
    """All documents, and the lines of other files at the top of the tree that name a version."""
    told = "\n\n".join(read_text(session.tree / name, LONGEST) for name in session.recipe.get("survey")["documents"])
    top = [entry for entry in listing(session.tree, depth=1, limit=200) if 0 < entry.size < 50_000]
    versions = [
        line.strip()
        for entry in top
        if not entry.path.endswith("/")
        for line in read_text(session.tree / entry.path).splitlines()
        if len(line) < 120 and re.search(r"version\b.*\d\.\d", line, re.IGNORECASE)
    ]
    return told + "\n\n" + "\n".join(versions)


def _ask(session: Session, stated: str) -> dict[str, Any]:
    """Ask, and keep only what stands in the documents: a wrong field costs itself, not the others."""
    told, _, versions = stated.rpartition("\n\n")
    evidence = f"{told[:HEAD]}\n...\n{telling(told[HEAD:], WORDS, TOLD)}\n\n{versions[:300]}"
    try:
        answer = session.ask("metadata", Metadata, evidence=evidence)
    except Rejected:  # nothing hangs on what documents state: gates and capacity are observed
        answer = Metadata(name="", version=NOT_STATED, max_qubits=NOT_STATED)
    fields = {
        "version": _stated(answer.version, r"\d", ("version", answer.name, session.run.name), stated),
        "max_qubits": _stated(answer.max_qubits, r"^[1-9]\d{0,3}$", ("qubit",), stated),
    }
    given = {"version": answer.version, "max_qubits": answer.max_qubits}
    dropped = [name for name, field in fields.items() if given[name] != NOT_STATED and field["value"] == NOT_STATED]
    if dropped:
        session.say(f"  not kept, for no words state it: {', '.join(dropped)}", step="integrate.metadata")
    name = answer.name if stands_in(answer.name, stated) else session.run.name
    return {"name": name, **fields, "features": _features(session, told)}


def _stated(value: str, form: str, beside: tuple[str, ...], stated: str) -> dict[str, str]:
    """A value of that form with the line that holds it beside one of the words, if there is one."""
    if value.strip() and re.search(form, value):
        for line in stated.splitlines():
            whole = re.search(rf"(?<![\w.]){re.escape(value)}(?!\w|\.\d)", line)
            if whole and any(word.lower() in line.lower() for word in beside if word):
                return {"value": value, "words": line.strip()}
    return {"value": NOT_STATED, "words": NOT_STATED}


def _features(session: Session, told: str) -> dict[str, dict[str, str]]:
    """The features that single sentences state, each with its sentence; what is said first counts."""
    found: dict[str, dict[str, str]] = {}
    for sentence in _sentences(told):
        try:
            feature = session.ask("feature", Feature, sentence=sentence).feature
        except Rejected:  # a sentence that cannot be sorted states nothing
            continue
        if feature not in LACKING:
            found.setdefault(feature, {"value": feature, "words": sentence})
    return found


def _sentences(told: str) -> list[str]:
    """Sentences in which features are commonly spoken of, a few of each; what they say is not judged here."""
    fitting = [text for text in sentences(told) if stands_in(text, told)]
    chosen: dict[str, None] = {}
    for pattern in SPOKEN:
        spoken = [text for text in fitting if re.search(pattern, text, re.IGNORECASE)]
        chosen |= dict.fromkeys(spoken[:EACH])
    return list(chosen)


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

"""The description of a backend that a run leaves as a file: every field with the words that it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nodes.build.inspect import products
from nodes.integrate.answers import NOT_STATED
from nodes.integrate.sources import Sources, of_gates
from nodes.session import Session
from tools.dialect import gate_word
from tools.quotations import stands_in

FEATURES = ("noise", "gpu", "threads", "mpi")
SHOWN = ("`{0}", r"^\s*\|?\s*{0}\b|[(\[{{\"']{0}\b", "`[^`]*{0}[^`]*`")
"""How a document commonly shows a word of a program, as against one of a sentence; the surest first."""


def gates_in_words(dialect: Mapping[str, Any], stated: Sources) -> dict[str, dict[str, str]]:
    """Qiskit's name of a gate -> the backend's word for it, its line, and a line that speaks of the word."""
    found = {}
    all_words = [word for word in map(gate_word, dialect["gates"].values()) if word]
    for name, template in dialect["gates"].items():
        word = gate_word(template) or NOT_STATED
        whole = rf"(?<![\w-]){re.escape(word)}(?![\w-])"
        lines = stated.documents.splitlines()
        shown = (line for form in SHOWN for line in lines if re.search(form.format(whole), line))
        told = (line for line in stated.lines_with(whole) if of_gates(line, word, all_words))
        words = next(shown, None) or next(told, NOT_STATED)
        found[name] = {"value": word, "line": template, "words": words.strip()}
    return found


def invocation(session: Session, dialect: Mapping[str, Any], stated: Sources) -> dict[str, str]:
    """How it is run: the verified command, and a line of a command, an example or the help that shows it so."""
    way = session.recipe.get("interface") or {"kind": dialect["kind"], "target": session.run.name}
    survey = session.recipe.get("survey")
    examples = "\n".join(block["text"] for block in survey["blocks"])
    name = re.escape(way["target"].rsplit("/", 1)[-1])
    shown = rf"(?:import|from)\s+{name}\b" if way["kind"] == "module" else rf"(?<![\w-]){name}\s+\S"
    lines = [*survey["commands"]["run"], *examples.splitlines(), *stated.help.splitlines()]
    fitting = (line.strip() for line in lines if re.search(shown, line) and stands_in(line, stated.whole))
    return {**way, "value": dialect["command"], "words": next(fitting, NOT_STATED)}


def described(session: Session, known: Mapping[str, Any]) -> dict[str, Any]:
    """Name, version, gates, capacity, features, how it is invoked and what was installed, as JSON."""
    unknown = {"value": NOT_STATED, "words": NOT_STATED}
    return {
        "backend": session.run.name,
        "name": {"value": known["name"], "words": known["name_words"]},
        "version": known["version"],
        "gates": known["gate_words"],
        "max_qubits": known["max_qubits"],
        "qubits_tried": known["tried_qubits"],
        "features": {name: known["features"].get(name, unknown) for name in FEATURES},
        "invocation": known["invocation"],
        "products": products(session),
        "sources": known["sources"],
    }

"""Learns the line of a gate, and takes it only if circuits that tell it from its mistakes come out right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from models.errors import Rejected
from nodes.integrate.answers import one_of
from nodes.session import Session
from nodes.verify.answers import GateName, Line
from nodes.verify.speech.by_file import format_told
from nodes.verify.speech.names import methods
from nodes.verify.trial import held
from tools.circuits import GATES, Circuit, probes
from tools.comparison import Comparison
from tools.dialect import ANGLE, FIRST, SECOND, THIRD, DialectError, completed, gate_template, renamed
from tools.driver import DriverError

TOLD, CALLED, MOST = 1600, 2400, 80
WHERE = {
    1: f" on qubit {FIRST}",
    2: f" with first qubit {FIRST} and second qubit {SECOND}",
    3: f" with controls {FIRST} and {SECOND} and target {THIRD}",
}


class Told(NamedTuple):
    """What is told about gates."""

    text: str
    names: list[str]
    """Words of it that may be names of gates."""


def told_of(session: Session, dialect: dict[str, Any]) -> Told:
    """What the documents say, and the object itself where gates are its methods."""
    called = methods(session, dialect, CALLED)
    if called:
        text = f"{format_told(session, TOLD // 2)}\n\nWhat can be called:\n{called}"
        return Told(text, re.findall(r"^\w+\.(\w+)", called, re.MULTILINE))
    text = format_told(session, TOLD)
    shown = re.findall(r"```.*?\n(.*?)```|`([^`\n]+)`|^(?: {4}|\t)(.+)$", text, re.DOTALL | re.MULTILINE)
    words = (word for parts in shown for word in re.findall(r"(?<![\w-])[A-Za-z]\w*", " ".join(parts)))
    return Told(text, list(dict.fromkeys(words))[:MOST])


class Against(NamedTuple):
    """What speaks against a gate's line that was taken before."""

    line: str
    """The template."""
    difference: str
    """Which circuit showed it, and how, in words."""
    circuits: Sequence[Circuit]
    """That another line has to get right too."""


def learn(
    session: Session,
    dialect: dict[str, Any],
    gate: str,
    told: Told,
    wrong: dict[str, str],
    against: Against | None = None,
) -> None:
    """Ask for the gate's line; where that is wrong, for its name alone, to be put into a line that is known.

    A line that runs and gives something else is noted in ``wrong``.
    """
    what = GATES[gate][2]
    tried: list[str] = [against.line] if against else []
    for frame in (_by_line, _by_name):
        try:
            template = frame(session, dialect, gate, told, against)
        except (Rejected, DialectError):
            continue
        if template is None or template in tried or template in dialect["gates"].values():
            continue
        tried.append(template)
        candidate = {**dialect, "gates": {**dialect["gates"], gate: template}}
        right = _right(session, candidate, gate)
        if right and right_of(session, candidate, against.circuits if against else ()):
            dialect["gates"][gate] = template
            session.say(f"  {gate}: {template}", step="verify.gates")
            return
        if right is False:
            wrong.setdefault(gate, template)
    session.say(f"  {gate} ({what}): no line for it agrees with Qiskit", step="verify.gates", tried=tried)


def _asked(gate: str) -> str:
    """The gate on the operands that the model is asked for."""
    qubits, angles, what = GATES[gate]
    return what + (f" by the angle {ANGLE}" if angles else "") + WHERE[qubits]


def known_beside(dialect: dict[str, Any], gate: str) -> dict[str, str]:
    """The known lines that a gate's line is asked for with: the first two, and those of the same shape."""
    shape = GATES[gate][:2]
    return {
        name: template for name, template in dialect["gates"].items() if name in ("h", "cx") or GATES[name][:2] == shape
    }


def _filled(template: str) -> str:
    """The line of a known gate for the same operands."""
    slots = {"⟨a⟩": FIRST, "⟨b⟩": SECOND, "⟨c⟩": THIRD, "⟨t⟩": ANGLE}
    for slot, value in slots.items():
        template = template.replace(slot, str(value))
    return template


def _by_line(session: Session, dialect: dict[str, Any], gate: str, told: Told, against: Against | None) -> str | None:
    qubits, angles, _what = GATES[gate]
    known = known_beside(dialect, gate)

    def fits(answer: Line) -> str | None:
        try:
            template = completed(gate_template(answer.line, qubits, angles), known.values())
        except DialectError as error:
            return str(error)
        return "This is the line that was found wrong." if against and template == against.line else None

    line = session.ask(
        "gate_line",
        Line,
        oracles=[fits],
        documentation=told.text,
        known=[(_asked(name), _filled(template)) for name, template in known.items()],
        what=_asked(gate),
        failed=_filled(against.line) if against else "",
        difference=against.difference if against else "",
    ).line
    return completed(gate_template(line, qubits, angles), known.values())


def _by_name(session: Session, dialect: dict[str, Any], gate: str, told: Told, _: Against | None) -> str | None:
    answer: type[Any] = one_of("GateName", "name", [*told.names, "none"]) if told.names else GateName
    name: str = session.ask("gate_name", answer, documentation=told.text, what=GATES[gate][2]).name
    if name.lower() == "none":
        return None
    same_shape = (text for known, text in dialect["gates"].items() if GATES[known][:2] == GATES[gate][:2])
    return next((found for text in same_shape if (found := renamed(text, name))), None)


def _right(session: Session, dialect: dict[str, Any], gate: str) -> bool | None:
    """Whether the gate's probes agree with Qiskit; None where they do not run."""
    try:
        return wrong_probe(session, dialect, gate) is None
    except DriverError:
        return None


def right_of(session: Session, dialect: Mapping[str, Any], circuits: Iterable[Circuit]) -> bool:
    """Whether circuits run and agree with Qiskit."""
    try:
        return all(held(session, dialect, circuit).same for circuit in circuits)
    except DriverError:
        return False


def wrong_probe(session: Session, dialect: dict[str, Any], gate: str) -> Comparison | None:
    """How the first of a gate's probes differs from Qiskit; None where none does.

    Raises:
        DriverError: if one does not run.
    """
    others = [name for name in dialect["gates"] if name != gate]
    found = (held(session, dialect, circuit) for circuit in probes(gate, others))
    return next((comparison for comparison in found if not comparison.same), None)

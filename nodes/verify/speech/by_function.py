"""Works out the dialect of a backend whose format takes a function: layers, columns, nested objects, matrices."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.errors import Rejected
from nodes.session import Session
from nodes.verify.answers import Translator
from nodes.verify.speech.by_file import command_for, format_told, reading_of
from nodes.verify.speech.examples import SMALL, example_files
from nodes.verify.speech.learn import right_of, wrong_probe
from nodes.verify.speech.narrow import difference, narrowed
from nodes.verify.speech.translate import at_hand
from tools import driver
from tools.circuits import GATES, Circuit, probes, suite
from tools.dialect import SEED, SHOTS
from tools.driver import DriverError
from tools.restricted import Restricted, admitted

KNOWN = ("h", "cx")
"""The gates that a dialect begins with."""
FLIP: Circuit = (2, [("h", (0,), ())])
"""A circuit that tells bit orders apart, and needs one gate."""
TOLD, EXAMPLES, SHOWN = 3500, 2, 1500
SLOTS = ("⟨a⟩", "⟨b⟩", "⟨c⟩")
AGAIN = 1
"""How often the function is asked for again because of gates that it gets wrong."""


def structured(session: Session) -> bool:
    """Whether all examples of the backend's own are JSON texts, which no line for each gate can express."""
    examples = example_files(session)[1]
    return bool(examples) and all(_parsed(text) is not None for text in examples)


class Function:
    """Learns by asking for the function; it remembers the last one, which goes into the next question."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(
        self, session: Session, program: str, _attempt: int, wrong: str, hint: str | None
    ) -> list[dict[str, Any]]:
        """Ask for the function and a command line, run them, and ask where the counts stand in what is printed.

        Raises:
            DialectError: if the answers do not fit together.
            DriverError: if the function or the program fails.
            Rejected: if no answer was accepted.
        """
        suffix = example_files(session)[0]
        self._last = function_for(session, self._last, wrong, hint, self._seen)
        dialect = {
            "kind": "file",
            "suffix": suffix,
            "before": [],
            "gates": {gate: line_of(gate) for gate in KNOWN},
            "after": [],
            "command": command_for(session, program, "circuit" + suffix, wrong, hint),
            "reversed": False,
            "reading": "",
            "translator": self._last,
        }
        try:
            dialect["reading"] = reading_of(session, dialect)
        except DriverError as error:
            text = driver.expand(at_hand(session, dialect), *suite(KNOWN)["bit order"], SHOTS, SEED)
            raise DriverError(f"{error} The file that your function wrote:\n{text[:SHOWN]}") from error
        return [dialect]

    def _seen(self, source: str) -> None:
        self._last = source


def line_of(gate: str) -> str:
    """What the dialect says of a gate that the function writes: what it is applied to."""
    qubits, angles, _what = GATES[gate]
    return " ".join([*SLOTS[:qubits], *["⟨t⟩"] * angles])


def function_for(
    session: Session, last: str, wrong: str, hint: str | None, seen: Callable[[str], None] = lambda _: None
) -> str:
    """Ask for the function, and run it in the sandbox on one circuit.

    Args:
        session: the run.
        last: the function before, if there was one.
        wrong: what was not right.
        hint: the person's.
        seen: is told of each answer, also of one that is not accepted.

    Raises:
        Rejected: if no answer was accepted.
    """
    suffix, examples = example_files(session)
    forms = [parsed for text in examples if (parsed := _parsed(text)) is not None]

    def fits(answer: Translator) -> str | None:
        source = "\n".join(answer.lines)
        seen(source)
        try:
            dialect = {"gates": dict.fromkeys(KNOWN, ""), "translator": admitted(source)}
            text = driver.expand(at_hand(session, dialect), *suite(KNOWN)["bit order"], SHOTS, SEED)
        except (Restricted, DriverError) as error:
            return str(error)
        return _unlike(text, forms) if len(forms) == len(examples) else None

    answer = session.ask(
        "translator",
        Translator,
        oracles=[fits],
        documentation=format_told(session, TOLD),
        examples=[text[:SMALL] for text in examples[:EXAMPLES]] or [f"(none; the file's name ends with {suffix})"],
        gates=[(name, what) for name, (_, _, what) in GATES.items()],
        last=last,
        wrong=wrong,
        hint=hint,
    )
    return admitted("\n".join(answer.lines))


def _parsed(text: str) -> Any:
    """What a JSON text of more than a number or a word holds; None where it is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _unlike(text: str, forms: Sequence[Any]) -> str | None:
    """How a text differs in form from the backend's own examples, which are all JSON; None where it does not."""
    try:
        value = json.loads(text)
    except ValueError as error:
        return f"The example is JSON, and what the function gives is not: {error}. It begins: {text[:200]}"
    if forms and type(value) not in {type(form) for form in forms}:
        return f"The example is a JSON {type(forms[0]).__name__}, what the function gives a {type(value).__name__}."
    always = set.intersection(*(set(form) for form in forms)) if isinstance(value, dict) and forms else set()
    if missing := sorted(always - set(value)):
        return f"Every example has the key {missing[0]!r}, and what the function gives has not."
    return None


def explained(session: Session, dialect: Mapping[str, Any], circuits: Sequence[Circuit]) -> str:
    """The smallest wrong part of the first of circuits that comes out wrong, and the file that was written for it."""
    dialect = next((turned for turned in _orders(dialect) if right_of(session, turned, [FLIP])), dialect)
    for circuit in circuits:
        small = narrowed(session, dialect, circuit, failing=True)
        if small is None:
            continue
        try:
            text = driver.expand(at_hand(session, dialect), *small, SHOTS, SEED)
        except DriverError as error:
            return f"For {list(small[1])} on {small[0]} qubits: {error}"
        return f"{difference(session, dialect, small)} The file that your function wrote for it:\n{text[:SHOWN]}"
    return ""


def _orders(dialect: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The dialect in its bit order, and in the other: which it is may not be settled yet."""
    return dialect, {**dialect, "reversed": not dialect["reversed"]}


def widen(session: Session, dialect: dict[str, Any], wrong: dict[str, str]) -> None:
    """Take every gate that the function writes and that circuits show to be right; ask again where one is wrong.

    A gate that stays wrong is noted in ``wrong``, with what showed it.
    """
    for left in reversed(range(AGAIN + 1)):
        found, against = _gates_of(session, dialect)
        if not against or not left:
            break
        told = (
            f"{explained(session, *next(iter(against.values())))} The gates that it gets wrong: {', '.join(against)}."
        )
        try:
            source = function_for(session, dialect["translator"], told, None)
        except Rejected:
            break
        other = {**dialect, "gates": {gate: line_of(gate) for gate in KNOWN}, "translator": source}
        if right_of(session, other, suite(KNOWN).values()):
            dialect.update(other)
    dialect["gates"] = found
    wrong |= dict.fromkeys(against, "translate")
    session.say(f"  the function writes {' '.join(found)}", step="verify.gates", wrong=list(against))


def _gates_of(session: Session, dialect: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """(the gates that come out right with their lines, those that do not with a dialect and circuits to show it)."""
    found = dict(dialect["gates"])
    against: dict[str, Any] = {}
    for gate in GATES:
        if gate in found:
            continue
        candidate = {**dialect, "gates": {**found, gate: line_of(gate)}}
        try:
            driver.expand(at_hand(session, candidate), *_alone(gate), SHOTS, SEED)
        except DriverError:  # it has no word for it
            continue
        try:
            right = wrong_probe(session, candidate, gate) is None
        except DriverError:
            right = False
        if right:
            found = candidate["gates"]
        else:
            against[gate] = (candidate, probes(gate, list(found)))
    return found, against


def _alone(gate: str) -> Circuit:
    qubits, angles, _what = GATES[gate]
    return qubits, [(gate, tuple(range(qubits)), (0.7125,) * angles)]


def again(
    session: Session, dialect: Mapping[str, Any], wrong: str, circuits: Sequence[Circuit]
) -> dict[str, Any] | None:
    """The dialect with another function that gets these circuits and every gate right; None where there is none."""
    try:
        other = {**dialect, "translator": function_for(session, dialect["translator"], wrong, None)}
        fine = right_of(session, other, [*suite(KNOWN).values(), *circuits])
        fine = fine and all(wrong_probe(session, other, gate) is None for gate in other["gates"])
    except (Rejected, DriverError):
        return None
    return other if fine else None

"""Learns how to speak to the backend: a Bell state in its words, run and compared with Qiskit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graph.state import State
from models.errors import Rejected
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.answers import Expectation
from nodes.verify.speech import by_file, by_program, by_source
from nodes.verify.speech.bit_order import doubt
from nodes.verify.speech.by_function import Function, explained, structured
from nodes.verify.speech.translate import at_hand
from nodes.verify.trial import SEED, held, shots_for
from tools import driver
from tools.circuits import bell, distribution, suite
from tools.dialect import DialectError
from tools.driver import DriverError
from tools.filesystem import write_atomic

Learner = Callable[[Session, str, int, str, str | None], list[dict[str, Any]]]
LEARN: dict[str, Learner] = {"module": by_program.learn, "program": by_file.learn, "library": by_source.learn}
TRIES = 3
"""Other examples that a way is tried with before the next way."""
_CIRCUITS = list(suite(["h", "cx"]).values())


@step("verify")
def speak(session: Session, state: State) -> str:
    """Work out the dialect and settle it, bit order included, on a Bell pair and one that tells bit orders apart."""
    known = session.recipe.get("dialect")
    last = ""
    if known:
        try:
            # Its bit order is known too: another one is a change, not to be taken over silently.
            return _doubted(session, known, _settled(session, known, (known["reversed"],)))
        except (DriverError, DialectError) as error:
            last = f"the known dialect no longer works: {error}"
            session.say(f"  {last}", step="verify.speak")
            for piece in ("dialect", "verified_gates", "wrong_gates", "probed"):
                session.recipe.forget(piece)
    expected = _expected(session)
    for way, learn in _ways(session):
        wrong = ""
        for attempt in range(TRIES):
            try:
                dialects = learn(session, way["target"], attempt, wrong, state.get("hint"))
            except (DialectError, DriverError, Rejected) as error:
                wrong = last = _noted(session, way, attempt, error)
                continue
            for dialect in dialects:
                try:
                    sentence = _settled(session, dialect, (dialect["reversed"], not dialect["reversed"]))
                except (DialectError, DriverError) as error:
                    wrong = last = _noted(session, way, attempt, error)
                    if "translator" in dialect and (small := explained(session, dialect, _CIRCUITS)):
                        wrong = small
                    continue
                session.recipe.put("dialect", dialect, sentence)
                session.recipe.put("interface", way, sentence)
                return _doubted(session, dialect, f"{sentence}; {expected}", known)
    raise StepFailed(f"No way was found to run a Bell circuit that agrees with Qiskit. The last: {last}")


def _ways(session: Session) -> Iterator[tuple[dict[str, str], Learner]]:
    """The ways with how their dialect is learned, in order; a function is for a model that can write one."""
    for way in session.recipe.get("ways") or []:
        learn = LEARN[way["kind"]]
        if way["kind"] != "program" or session.asker.form != "free":
            yield way, learn
        else:
            both: list[Learner] = [learn, Function()]
            yield from ((way, each) for each in (reversed(both) if structured(session) else both))


def _expected(session: Session) -> str:
    """What the model expects of a Bell circuit, beside Qiskit's exact distribution; it settles nothing."""
    exact = " and ".join(sorted(distribution(bell())))
    try:
        answer = session.ask(
            "expectation", Expectation, circuit="a Hadamard gate on qubit 0, a controlled NOT from 0 to 1"
        )
    except Rejected as error:
        return f"what the model expects of a Bell circuit was not to be had: {error}"
    if answer.outcomes == exact:
        return f"the model expected {exact}, half each, too"
    return f"the model expected {answer.outcomes}, which is not what Qiskit gives and counts for nothing"


def _noted(session: Session, way: dict[str, str], attempt: int, error: Exception) -> str:
    """Show what was wrong with a try; returns what the next one is told."""
    wrong = str(error)[-600:]
    session.say(f"  {way['target']}, try {attempt + 1}: {wrong[-300:]}", step="verify.speak")
    return wrong


def _doubted(session: Session, dialect: dict[str, Any], sentence: str, before: dict[str, Any] | None = None) -> str:
    """The sentence, with a reservation where the bit order is another than is stated or than it was before.

    What the documents state is asked once for a source.

    The Bell circuit in the backend's words is kept in the run's folder.
    """
    text = driver.expand(at_hand(session, dialect), *bell(), shots_for(session, distribution(bell())), SEED)
    write_atomic(session.run.folder / f"bell{dialect['suffix']}", text)
    asked = [session.recipe.source_sha256, dialect["reversed"]]
    known = session.recipe.get("bit_order")
    if known is None or known["of"] != asked:
        turned = before is not None and before["reversed"] != dialect["reversed"]
        changed = "the bit order is another one than was verified before" if turned else None
        known = {"of": asked, "doubt": doubt(session, dialect) or changed}
        session.recipe.put("bit_order", known, "the documents' sentences beside the experiment")
    return f"RESERVATION: {known['doubt']}; {sentence}" if known["doubt"] else sentence


def _settled(session: Session, dialect: dict[str, Any], orders: Sequence[bool]) -> str:
    """Find the bit order and hold Bell, GHZ and the bit-order circuit to Qiskit's distributions.

    Raises:
        DriverError: if a circuit does not run.
        DialectError: if it runs and is wrong in all of these bit orders.
    """
    circuits = suite(["h", "cx"])
    found = None
    for order in orders:
        found = held(session, {**dialect, "reversed": order}, circuits["bit order"])
        if found.same:
            dialect["reversed"] = order
            break
    else:
        assert found is not None
        raise DialectError(f"The program ran, but H on qubit 0 and CNOT from 0 to 1 {found.in_words()}.")
    for name in ("Bell", "GHZ"):
        found = held(session, dialect, circuits[name])
        if not found.same:
            raise DialectError(f"The program ran, but the {name} state {found.in_words()}.")
    order_words = "first" if dialect["reversed"] else "last"
    return f"Bell and GHZ circuits by Qiskit's distributions ({found.in_words()}); qubit 0 is the {order_words} bit"

"""What single circuits do not tell: whether samples are drawn anew, and whether a circuit leaves something behind."""

from __future__ import annotations

from typing import Any

from graph.state import State
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.verify.trial import SEED, printed, sandboxed_runner, shots_for
from tools import driver
from tools.circuits import Circuit, distribution, statevector, suite
from tools.comparison import compare, compare_states
from tools.driver import DriverError

SPREAD = 5
"""Qubits in an even superposition: two samples of a thousand shots are the same by chance in fewer than one of 1e20."""
SHOTS = 1000
APART = "result:"
"""The line that `configs/templates/print_result.txt` prints before each result."""


@step("verify")
def sampling(session: Session, state: State) -> str:
    """Two seeds have to give two samples, and a second circuit in one process what it gives alone."""
    dialect = session.recipe.get("dialect")
    if dialect is None or not session.recipe.get("verified_gates"):
        raise StepFailed("There are no verified gates to sample with: `verify.gates` was skipped.")
    try:
        fixed, drawn = _seeds(session, dialect)
    except DriverError as error:
        raise StepFailed(f"An even superposition of {SPREAD} qubits could not be run: {error}") from error
    left, second = _second(session, dialect)
    doubts = [text for text in (fixed, left) if text]
    settled = "; ".join(text for text in (drawn, second) if text)
    return f"RESERVATION: {'; '.join(doubts)}" + (f"; {settled}" if settled else "") if doubts else settled


def _seeds(session: Session, dialect: dict[str, Any]) -> tuple[str, str]:
    """(what is wrong, what is right) of the samples of two seeds."""
    even: Circuit = (SPREAD, [("h", (qubit,), ()) for qubit in range(SPREAD)])
    outputs = [printed(session, dialect, even, shots=SHOTS, seed=seed) for seed in (SEED, SEED + 1)]
    samples = [driver.read(dialect, output, SPREAD, SHOTS) for output in outputs]
    if sum(samples[0].values()) < 1.5:
        return "", "it gives probabilities, from which the wrapper samples"
    takes = "⟨seed⟩" in "\n".join(str(part) for part in (*dialect["before"], *dialect["after"], dialect["command"]))
    what = "two seeds" if takes else "two runs"
    if samples[0] == samples[1]:
        return f"{what} gave the same counts of an even superposition: the samples are not drawn anew", ""
    return "", f"{what} gave two samples"


def _second(session: Session, dialect: dict[str, Any]) -> tuple[str, str]:
    """(what is wrong, what is right) of a circuit that follows another in one process of the backend's language."""
    if dialect["kind"] != "program":
        return "", ""
    circuits = suite(["h", "cx"])
    first, second = circuits["GHZ"], circuits["bit order"]
    exact = distribution(second)
    shots = shots_for(session, exact)
    text = "\n".join(driver.expand(dialect, *circuit, shots, SEED) for circuit in (first, second))
    folder = session.shell.workspace / "tmp"
    path = folder / f"second{dialect['suffix']}"
    path.write_text(text)
    command = driver.command_line(dialect, path, second[0], shots, SEED)
    try:
        status, output, _ = sandboxed_runner(session)(command, folder, session.settings.limits.program_s)
        _, apart, last = output.rpartition(f"{APART}\n")
        if status != 0 or not apart:
            return "", ""  # a program that cannot be run twice is run once, as the wrapper does
        if amplitudes := driver.amplitudes(dialect, last, second[0]):
            found = compare_states(amplitudes, statevector(second))
        else:
            limits = session.settings.verify
            numbers = driver.read(dialect, last, second[0], shots)
            found = compare(numbers, exact, significance=limits.significance, tolerance=limits.distance)
    except DriverError as error:
        return f"a second circuit in the same process gives something else than alone: {str(error)[:200]}", ""
    if not found.same:
        return f"a second circuit in the same process {found.in_words()}, though alone it is right", ""
    return "", "a second circuit in the same process is right too"

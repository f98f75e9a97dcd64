"""What a backend gives beside its outcomes: numbers that it names, amplitudes in a file, outcomes in a file."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from nodes.verify.speech import beside
from nodes.verify.speech.by_file import reading_of
from nodes.verify.trial import SEED, held
from tests.nodes.tiny_backend import PROGRAM, begin
from tools import driver
from tools.circuits import bell
from tools.dialect import SHOTS

LAST = 'for i in sorted(counts):\n    print(format(i, "0%db" % n)[::-1], counts[i])\n'
STATE = """
import struct
state = [0j] * (1 << n)
state[0] = 1
for name, *words in lines[1:]:
    if name == "CX":
        c, q = map(int, words)
        state = [state[i ^ (1 << q)] if i >> c & 1 else state[i] for i in range(len(state))]
    else:
        state = one(state, name, int(words[0]), *map(float, words[1:]))
order = [int(format(i, "0%db" % n)[::-1], 2) for i in range(1 << n)]
with open("amplitudes.bin", "wb") as file:
    for i in order:
        file.write(struct.pack("<2d", state[i].real, STATE_SIGN * state[i].imag))
"""
TELLS = """
print("shots:", options.shots)
print("qubits = %d" % n)
print('fidelity: 0.%d' % (990 + n))
print("elapsed time: 0.0125 s")
"""


def changed(folder: Path, more: str = "", last: str = LAST, **answers: Any) -> tuple[Any, dict[str, Any]]:
    """A run of the simulator with something more in its program, and the dialect without what is to be learned."""
    session, _ = begin(folder, **answers)
    assert LAST in PROGRAM
    program = session.tree / "bin" / "wavelet"
    first = program.read_text().partition("\n")[0]
    program.write_text(first + PROGRAM.replace(LAST, more + last).removeprefix("#!PYTHON"))
    return session, dict(session.recipe.get("dialect"))


def test_numbers_that_it_names_and_a_state_that_it_writes_are_learned(tmp_path: Path) -> None:
    session, dialect = changed(tmp_path, TELLS + STATE.replace("STATE_SIGN", "1"))

    said = beside.learn(session, dialect)

    assert "fidelity, elapsed time" in said and "amplitudes.bin" in said
    assert dialect["state_file"] == {"name": "amplitudes.bin", "format": "complex128"}
    plus = (1, [("h", (0,), ()), ("t", (0,), ())])
    found = driver.outcome(dialect, *plus, shots=10, seed=1, folder=tmp_path, state=True)
    assert found.metrics == {"fidelity": 0.991, "elapsed time": 0.0125}  # and not the shots, which it was given
    assert found.state == pytest.approx([0.5**0.5, 0.5 + 0.5j])
    assert sum(found.numbers.values()) == 10


def test_a_file_that_does_not_hold_the_state_is_not_taken_for_it(tmp_path: Path) -> None:
    session, dialect = changed(tmp_path, STATE.replace("STATE_SIGN", "-1"))

    assert beside.learn(session, dialect) == ""
    assert dialect["metrics"] == {} and "state_file" not in dialect


@pytest.mark.parametrize("noise", ["", "print('wrote the results')\n"])
def test_outcomes_that_are_written_to_a_file_are_read_there(tmp_path: Path, noise: str) -> None:
    zero = random.Random(SEED).choices(range(2), [0.5, 0.5], k=SHOTS).count(0)
    outcomes = [{"bits": "000", "number": str(zero)}, {"bits": "110", "number": str(SHOTS - zero)}]
    writes = LAST.replace("counts[i])", "counts[i], file=out)")
    session, dialect = changed(
        tmp_path, "out = open('counts.txt', 'w')\n" + noise, writes, read_counts={"outcomes": outcomes}
    )

    dialect["reading"] = reading_of(session, dialect)

    assert dialect["output_file"] == "counts.txt"
    assert held(session, dialect, bell()).same

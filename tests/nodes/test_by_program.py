from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nodes.verify.answers import Program
from nodes.verify.speech.by_program import _dialect, _dialects
from tools import driver
from tools.dialect import DialectError

MODULE = """
import random
class Circuit:
    def __init__(self, n): self.n, self.ops = n, []
    def had(self, q): self.ops.append(q); return self
    def cn(self, a, b): self.ops.append((a, b)); return self
class Machine:
    def sample(self, circuit, shots, seed=None):
        rng, counts = random.Random(seed), {}
        for _ in range(shots):
            bits = [0] * circuit.n
            for op in circuit.ops:
                if isinstance(op, tuple): bits[op[1]] ^= bits[op[0]]
                else: bits[op] = rng.randint(0, 1)
            key = "".join(map(str, bits))
            counts[key] = counts.get(key, 0) + 1
        return counts
"""


def pieces(**changed: Any) -> Program:
    given = {
        "imports": ["from toy import Circuit, Machine"],
        "circuit": "c = Circuit(5)",
        "more": ["m = Machine()"],
        "hadamard": "c.had(3)",
        "controlled_not": "c.cn(3, 4)",
        "result": "m.sample(c, shots=4321, seed=97)",
    }
    return Program.model_validate(given | changed)


def test_the_pieces_become_a_dialect_that_runs(tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text(MODULE)
    dialect = _dialect(pieces(), sys.executable, "")
    assert dialect["gates"] == {"h": "c.had(⟨a⟩)", "cx": "c.cn(⟨a⟩, ⟨b⟩)"}
    dialect["command"] = f"PYTHONPATH={tmp_path} {dialect['command']}"
    counts = driver.execute(dialect, 3, [("h", (0,), ()), ("cx", (0, 2), ())], shots=500, seed=1, folder=tmp_path)
    assert set(counts) == {"000", "101"} and sum(counts.values()) == 500


@pytest.mark.parametrize(
    "changed",
    [
        {"hadamard": "c = Circuit(5).had(3)"},
        {"hadamard": "c = c + Circuit(5).had(3)", "controlled_not": "c = c + Circuit(5).cn(3, 4)"},
        {
            "hadamard": "first = Circuit(5).had(3)",
            "controlled_not": "second = Circuit(5).cn(3, 4)",
            "result": "counts = m.sample(c + first + second, shots=4321, seed=97)",
        },
        {"result": "counts = m.sample(c, shots=4321, seed=97)"},
        {"result": "print(m.sample(c, shots=4321, seed=97))"},
        {"more": []},
        {"circuit": "c = Circuit(5)\n# H on 3\nc.had(3)\nc.cn(3, 4)"},
        {"more": ["m = Machine()", "m.sample(c, shots=4321, seed=97)"]},
    ],
)
def test_what_small_models_do_is_understood(changed: dict[str, Any]) -> None:
    documentation = "Make it:\n\n    m = Machine()\n"
    assert _dialect(pieces(**changed), "python", documentation) == _dialect(pieces(), "python", "")


def test_what_runs_the_circuit_or_ends_it_comes_after_the_gates() -> None:
    run = pieces(more=["m = Machine()", "found = m.sample(c, shots=4321)"], result="found.counts")
    assert _dialect(run, "python", "")["after"][:2] == ["found = m.sample(c, shots=⟨shots⟩)", "_result = found.counts"]

    call = pieces(circuit="c = Circuit()\nc.size(5)", more=["m = Machine()", "c.measure([0, 1, 2, 3, 4])"])
    first, *others = _dialects(call, "python", "")
    assert first["before"][-3:] == ["c.size(⟨n⟩)", "m = Machine()", "c.measure([⟨all:, ⟩])"]
    assert [other["after"][0] for other in others if "measure" in str(other["after"])] == ["c.measure([⟨all:, ⟩])"] * 2
    assert len(others) == 3  # each with and without the seed

    seeded = pieces(more=["m = Machine()", "c.shuffle(seed=97)"], result="m.sample(c, 4321)")
    assert [any("seed" in str(line) for line in d["before"]) for d in _dialects(seeded, "python", "")[:2]] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"circuit": "c = Circuit(5).had(3)"}, "holds a gate"),
        ({"circuit": "Circuit(5)"}, "give the object a name"),
        ({"more": []}, "name m .* was not made"),
        ({"result": "m.sample(c, 4321"}, "not valid Python"),
        ({"hadamard": "c.had(0)"}, "qubit 3 is missing"),
    ],
)
def test_pieces_that_do_not_fit_together_are_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(DialectError, match=why):
        _dialect(pieces(**changed), "python", "")


PRINTING = (Path(__file__).parents[2] / "configs/templates/print_result.txt").read_text()


@pytest.mark.parametrize(
    "value",
    [
        "{'00': 3, '11': 1}",
        "{(0, 0): 3, (1, 1): 1}",
        "{0: 3, 3: 1}",
        "['00', '00', '11', '00', '00', '00', '11', '00']",
        "[[0, 0], [0, 0], [0, 0], [1, 1], [0, 0], [0, 0], [0, 0], [1, 1]]",
        "[0.75 ** 0.5, 0, 0, 0.5j]",
        "[0.75, 0, 0, 0.25]",
        "type('Result', (), {'frequency': {'00': 3, '11': 1}})()",
    ],
)
def test_counts_samples_probabilities_and_amplitudes_are_printed_alike(value: str) -> None:
    program = f"_result = {value}\n" + PRINTING.replace("⟨n⟩", "2")
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in output.splitlines()]
    numbers = {line[1]: float(line[2]) for line in lines if line[0] == "outcome"}
    state = {line[1]: complex(float(line[2]), float(line[3])) for line in lines if line[0] == "amplitude"}
    assert lines[0] == ["result:"]
    assert not state or state == {"00": pytest.approx(0.75**0.5), "01": 0, "10": 0, "11": 0.5j}
    assert bool(state) == ("j" in value)
    total = sum(numbers.values())
    assert {bits: number / total for bits, number in numbers.items() if number} == pytest.approx(
        {"00": 0.75, "11": 0.25}
    )

"""Mappings that are not direct: every one is driven by a backend that really takes its own words."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from configs import TEMPLATES
from nodes.integrate.metadata import metadata
from nodes.integrate.parameters import parameters
from nodes.integrate.register import register
from tests.nodes.tiny_backend import begin
from tools.adapters import load_adapter
from tools.mapping import problems

ROOT = Path(__file__).resolve().parents[2]
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'
NONE: dict[str, Any] = {"answer": {"option": "none"}}


def pair(option: str, parameter: str, what: str) -> dict[str, Any]:
    """Answers that pair one option with one parameter."""
    return {
        "parameter_option": [{"when": what, "answer": {"option": option}}, NONE],
        "option_parameter": {"parameter": parameter},
    }


def noise(option: str = "--depolarize") -> dict[str, Any]:
    return pair(option, "noise_level", "probability of an error per gate?")


def change(session: Any, *changes: tuple[str, str]) -> None:
    """Change the program that is mapped."""
    program = session.tree / "bin" / "wavelet"
    text = program.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    program.write_text(text)


def mapped(state: Any, session: Any) -> dict[str, Any]:
    """The mapping, which has to be whole, and to be the file of the run."""
    after = parameters(state)
    assert after["failure"] is None, after["failure"]
    found = session.recipe.get("parameters")
    assert problems(found["mapping"]) == []
    told = json.loads((session.run.folder / "parameters.json").read_text())
    assert told["parameters"] == found["mapping"]
    mapping: dict[str, Any] = found["mapping"]
    return mapping


OPTIONS = '"--quiet", action="store_true", help="say less"'
WORDS = ('parser.add_argument("--quiet"', 'parser.add_argument("--opt", OPTIONS)\nparser.add_argument("--quiet"')
STRICT = 'choices=["none", "light", "aggressive"], default="light", help="how much is optimised (default: light)"'
LENIENT = 'metavar="{none,light,aggressive}", help="how much is optimised"'
LEVELS = pair("--opt", "optimization_level", "how much the circuit is optimised") | {
    "level_words": {"0": "none", "1": "light", "2": "aggressive"}
}


def test_a_number_that_is_passed_on_has_its_range_and_default(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **noise())
    change(session, ("error probability per gate", "error probability per gate, from 0 to 0.5 (default 0)"))

    entry = mapped(state, session)["noise_level"]

    assert (entry["backend_param"], entry["transform"]) == ("--depolarize", "direct")
    assert (entry["default"], entry["default_words"]) == (0, "default 0")
    assert entry["validation"] == {"type": "probability", "minimum": 0, "maximum": 0.5}
    assert entry["validation_words"] == "from 0 to 0.5"
    assert "0 left it right" in entry["observed"] and "0.3 by" in entry["observed"]


@pytest.mark.parametrize(
    ("said", "turned", "unit", "transform"),
    [
        ("errors in percent, from 0 to 50", "options.depolarize /= 100", "percent", ("scale", "factor", 100)),
        (
            "fidelity",
            "options.depolarize = 1 - options.depolarize",
            "fidelity",
            ("expression", "expression", "1 - value"),
        ),
    ],
)
def test_a_number_in_another_unit_is_found_by_what_it_does(
    tmp_path: Path, said: str, turned: str, unit: str, transform: tuple[str, str, Any]
) -> None:
    session, state = begin(tmp_path, noise_unit={"unit": unit}, **noise())
    parse = "options = parser.parse_args()\n"
    change(session, ("error probability per gate", said), (parse, f"{parse}{turned}\n"))
    default = 'type=float, default=0, metavar="P"'
    change(session, (default, default.replace("0", "1" if unit == "fidelity" else "0")))

    entry = mapped(state, session)["noise_level"]

    kind, key, value = transform
    assert (entry["transform"], entry[key]) == (kind, value)
    assert entry["observed"]
    if unit == "percent":
        assert entry["validation"]["maximum"] == 0.5


def test_a_unit_that_runs_do_not_bear_out_is_not_taken(tmp_path: Path) -> None:
    session, state = begin(tmp_path, noise_unit={"unit": "fidelity"}, **noise())
    parse = "options = parser.parse_args()\n"
    change(session, (parse, f"{parse}options.depolarize /= 100\n"))  # a hundredth, which nothing says

    entry = mapped(state, session)["noise_level"]

    assert not entry["supported"] and "0.2 did not disturb" in entry["why"]


def test_noise_that_is_the_same_at_every_level_is_not_taken(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **noise())
    parse = "options = parser.parse_args()\n"
    change(session, (parse, f"{parse}options.depolarize = 0.25 * (options.depolarize > 0)\n"))

    entry = mapped(state, session)["noise_level"]

    assert not entry["supported"] and "no more than 0.05" in entry["why"]


def test_a_text_around_the_number(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **noise())
    kind = 'type=lambda text: float(text.split("depol:")[1]), default=0, metavar="MODEL"'
    change(session, ('type=float, default=0, metavar="P"', kind), ("error probability per gate", "such as depol:0.01"))

    entry = mapped(state, session)["noise_level"]

    assert (entry["transform"], entry["template"]) == ("format", "depol:{value}")


def test_words_for_levels_are_tried_and_a_word_that_is_none_is_refused(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **LEVELS)
    change(session, (WORDS[0], WORDS[1].replace("OPTIONS", STRICT)))

    entry = mapped(state, session)["optimization_level"]

    assert (entry["transform"], entry["mapping"]) == ("map", {"0": "none", "1": "light", "2": "aggressive"})
    assert (entry["default"], entry["default_words"]) == (1, "default: light")
    assert entry["validation"] == {"type": "integer", "choices": [0, 1, 2]}
    assert entry["words"] == {"none": 0, "low": 1, "medium": 1, "high": 2}
    assert "a word that does not exist is refused" in entry["observed"]


def test_words_that_the_backend_does_not_look_at_are_not_observed(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **LEVELS)
    change(session, (WORDS[0], WORDS[1].replace("OPTIONS", LENIENT)))

    entry = mapped(state, session)["optimization_level"]

    assert entry["supported"] and entry["transform"] == "map"
    assert entry["observed"] == "" and "taken with 0, 1, 2" in entry["note"]


def test_a_word_that_breaks_the_backend_is_not_allowed(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **LEVELS)
    change(session, (WORDS[0], WORDS[1].replace("OPTIONS", STRICT)))
    change(session, ("n = int(", 'assert options.opt != "aggressive"\nn = int('))

    entry = mapped(state, session)["optimization_level"]

    assert entry["validation"]["choices"] == [0, 1]
    assert "high" not in entry["words"]


def test_levels_that_are_numbers_are_passed_on(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **LEVELS)
    options = 'type=int, choices=range(4), metavar="N", help="how much is optimised, 0..3"'
    change(session, (WORDS[0], WORDS[1].replace("OPTIONS", options)))

    entry = mapped(state, session)["optimization_level"]

    assert entry["transform"] == "direct" and "level_words" not in asked(session)
    assert (entry["validation"]["maximum"], entry["words"]["high"]) == (3, 3)


def test_threads_are_counted(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **pair("--threads", "parallelization", "how many threads"))
    work = (
        "import threading, time\n"
        "for _ in range(options.threads - 1): threading.Thread(target=time.sleep, args=(1,)).start()\n"
        "time.sleep(0.6)\n"
    )
    change(session, ("lines = [", f"{work}lines = ["))

    entry = mapped(state, session)["parallelization"]

    assert "threads of its processes were seen for 1, " in entry["observed"]
    assert entry["validation"] == {"type": "integer", "minimum": 1}


def test_a_switch_for_the_precision_shows_in_the_digits(tmp_path: Path) -> None:
    session, state = begin(
        tmp_path,
        switch_level={"does": "on"},
        **pair("--quiet", "precision", "single or double precision"),
    )
    change(
        session,
        ('"--quiet", action="store_true", help="say less"', '"--quiet", action="store_true", help="use floats"'),
        ("counts = {}\n", PROBABILITIES),
    )
    reading = {"reading": r"^(?P<bits>[01]+) (?P<number>[-+.\de]+)$"}
    session.recipe.put("dialect", session.recipe.get("dialect") | reading, "a test")

    entry = mapped(state, session)["precision"]

    assert (entry["transform"], entry["mapping"]) == ("map", {"single": True, "double": False})
    assert "in single precision" in entry["observed"]
    assert session.recipe.get("parameters")["options"] == {"precision": "--quiet"}


@pytest.mark.parametrize(
    ("chosen", "table"),
    [
        ("off", {"0": True, "1": False, "2": False}),
        ("on", {"0": False, "1": True, "2": True}),
        ("neither", None),
    ],
)
def test_a_switch_for_the_optimisation_is_given_or_not(
    tmp_path: Path, chosen: str, table: dict[str, bool] | None
) -> None:
    paired = pair("--quiet", "optimization_level", "how much the circuit is optimised")
    session, state = begin(tmp_path, switch_level={"does": chosen}, **paired)

    entry = mapped(state, session)["optimization_level"]

    assert entry["supported"] == (table is not None) and entry.get("mapping") == table
    assert entry["observed"] == ""  # nothing that is printed shows it


PROBABILITIES = r"""import struct
for i, p in enumerate(shot_state(0)):
    p = struct.unpack("f", struct.pack("f", p))[0] if options.quiet else p
    print(format(i, "0%db" % n)[::-1], "%.17g" % p)
raise SystemExit
counts = {}
"""


def test_the_wrapper_takes_words_and_percentages_and_checks_the_command(tmp_path: Path) -> None:
    what = "probability of an error per gate?"
    both = {
        "parameter_option": [
            {"when": what, "answer": {"option": "--depolarize"}},
            {"when": "how much the circuit is optimised", "answer": {"option": "--opt"}},
            NONE,
        ],
        "option_parameter": [
            {"when": "--opt", "answer": {"parameter": "optimization_level"}},
            {"answer": {"parameter": "noise_level"}},
        ],
    }
    session, state = begin(tmp_path, **(LEVELS | both))
    change(session, (WORDS[0], WORDS[1].replace("OPTIONS", STRICT)))
    for node in (metadata, parameters, register):
        state = {**state, **node(state)}  # type: ignore[typeddict-item]
        assert state["failure"] is None, state["failure"]
    adapter = load_adapter(tmp_path / "home", "wavelet")

    result = adapter.execute(BELL, {"shots": 400, "noise_level": "40%", "optimization_level": "high"})

    assert result.metadata["options"] == {"noise_level": 0.4, "optimization_level": "aggressive"}
    assert set(result.data["counts"]) - {"00", "11"}
    with pytest.raises(ValueError, match=r"one of 0, 1, 2, or one of the words none, low, medium, high, not 'best'"):
        adapter.execute(BELL, {"optimization_level": "best"})
    module = sys.modules[type(adapter).__module__]
    module.DIALECT["options"]["noise_level"] = "--nosuch ⟨value⟩"  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="does not accept --nosuch; it accepts -h, --shots"):
        adapter.execute(BELL, {"noise_level": 0.1})


MODULE = '''
import cmath, random
class Circuit:
    def __init__(self, n): self.n, self.ops = n, []
    def h(self, q): self.ops.append((q,))
    def cx(self, a, b): self.ops.append((a, b))
class Machine:
    """Runs circuits.

    Args:
        flips: probability that a gate is followed by a flip of one of its qubits.
        verbose: whether it says what it does.
    """
    def __init__(self, name, flips=0.0, *, verbose=False):
        self.flips = flips
    def run(self, circuit, shots=10, seed=None):
        """Count outcomes."""
        rng, counts = random.Random(seed), {}
        for _ in range(shots):
            state = [0j] * (1 << circuit.n)
            state[0] = 1
            for op in circuit.ops:
                q = op[-1]
                if len(op) == 2:
                    state = [state[i ^ (1 << q)] if i >> op[0] & 1 else a for i, a in enumerate(state)]
                else:
                    r = 0.5**0.5
                    state = [
                        r * (state[i & ~(1 << q)] - a) if i >> q & 1 else r * (a + state[i | 1 << q])
                        for i, a in enumerate(state)
                    ]
                if rng.random() < self.flips:
                    e = rng.choice(op)
                    state = [state[i ^ (1 << e)] for i in range(len(state))]
                    if rng.random() < 0.5:
                        state = [-a if i >> e & 1 else a for i, a in enumerate(state)]
            key = rng.choices(range(len(state)), [abs(a) ** 2 for a in state])[0]
            key = format(key, "0%db" % circuit.n)
            counts[key] = counts.get(key, 0) + 1
        return counts
'''


def program(session: Any, folder: Path, before: list[str], result: str, gates: dict[str, str]) -> None:
    """A dialect of a backend that is driven from Python."""
    dialect = {
        "kind": "program",
        "suffix": ".py",
        "before": [f"import sys; sys.path.insert(0, {str(folder)!r})", *before],
        "gates": gates,
        "after": [result, *(TEMPLATES / "print_result.txt").read_text().splitlines()],
        "command": f"{sys.executable} ⟨circuit⟩",
        "reversed": False,
        "reading": r"^outcome (?P<bits>[01]+) (?P<number>[-+.\deE]+)$",
        "amplitudes": r"^amplitude (?P<bits>[01]+) (?P<number>[-+.\deE]+) (?P<imaginary>[-+.\deE]+)$",
    }
    session.recipe.put("dialect", dialect, "a test")
    session.recipe.put("verified_gates", list(gates), "a test")


def toy(session: Any, result: str = "_result = machine.run(c, shots=⟨shots⟩, seed=⟨seed⟩)") -> None:
    (session.tree / "toy.py").write_text(MODULE)
    before = ["import toy", "machine = toy.Machine('m')", "c = toy.Circuit(⟨n⟩)"]
    program(session, session.tree, before, result, {"h": "c.h(⟨a⟩)", "cx": "c.cx(⟨a⟩, ⟨b⟩)"})


def test_an_argument_of_a_call_is_a_parameter(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **noise("flips"))
    toy(session)
    for node in (metadata, parameters, register):
        state = {**state, **node(state)}  # type: ignore[typeddict-item]
        assert state["failure"] is None, state["failure"]

    found = session.recipe.get("parameters")
    entry = found["mapping"]["noise_level"]
    assert (entry["backend_param"], entry["default"], entry["default_words"]) == ("flips", 0, "flips=0.0")
    assert found["inserts"]["noise_level"]["line"] == "machine = toy.Machine('m')"
    assert entry["observed"] and found["mapping"]["shots"]["backend_param"] == "shots"
    shown = next(text for text in shown_to_the_model(session, "parameter_option"))
    assert "flips=0.0  flips: probability that a gate is followed by a flip of one of its qubits.\n" in shown
    assert "verbose=False" in shown and "shots" not in shown and "name" not in shown
    adapter = load_adapter(tmp_path / "home", "wavelet")
    assert set(adapter.execute(BELL, {"shots": 300, "noise_level": "30%"}).data["counts"]) - {"00", "11"}
    assert adapter.execute(BELL, {"shots": 300}).data["counts"].keys() == {"00", "11"}

    asked_before = len(session.asker.transcript.records())
    assert parameters(state)["failure"] is None
    assert len(session.asker.transcript.records()) == asked_before


def test_a_seed_that_the_script_does_not_give_is_found_and_always_given(tmp_path: Path) -> None:
    session, state = begin(tmp_path, **pair("seed", "seed", "start of the random numbers?"))
    toy(session, "_result = machine.run(c, ⟨shots⟩)")

    entry = mapped(state, session)["seed"]

    assert entry["to"] == "seed=⟨seed⟩" and "the same seed gave the same counts" in entry["observed"]
    lines = session.recipe.get("parameters")["lines"]
    assert lines == {"_result = machine.run(c, ⟨shots⟩)": "_result = machine.run(c, ⟨shots⟩, seed=⟨seed⟩)"}


def test_shots_and_seed_may_both_be_missing_from_a_line(tmp_path: Path) -> None:
    session, state = begin(
        tmp_path,
        parameter_option=[
            {"when": "how often the circuit is run", "answer": {"option": "shots"}},
            {"when": "start of the random numbers?", "answer": {"option": "seed"}},
            NONE,
        ],
        option_parameter=[
            {"when": "shots=", "answer": {"parameter": "shots"}},
            {"answer": {"parameter": "seed"}},
        ],
    )
    toy(session, "_result = machine.run(c)")

    found = mapped(state, session)

    assert found["shots"]["observed"] and found["seed"]["observed"]
    whole = "_result = machine.run(c, shots=⟨shots⟩, seed=⟨seed⟩)"
    assert session.recipe.get("parameters")["lines"] == {"_result = machine.run(c)": whole}
    assert mapped(state, session) == found  # as known, by what is seen again


def test_words_of_a_docstring(tmp_path: Path) -> None:
    session, state = begin(
        tmp_path,
        level_words={"single": "complex64", "double": "complex128"},
        **pair("dtype", "precision", "single or double precision"),
    )
    before = ["from pysv import Circuit, Simulator", "simulator = Simulator()", "c = Circuit(⟨n⟩)"]
    gates = {"h": "c.h(⟨a⟩)", "cx": "c.cnot(⟨a⟩, ⟨b⟩)", "t": "c.t(⟨a⟩)", "ry": "c.ry(⟨t⟩, ⟨a⟩)"}
    source = ROOT / "examples" / "backends" / "pysv" / "src"
    package = session.tree / "pysv"
    package.mkdir()
    for path in (source / "pysv").glob("*.py"):
        (package / path.name).write_bytes(path.read_bytes())
    program(session, session.tree, before, "_result = simulator.statevector(c)", gates)

    entry = mapped(state, session)["precision"]

    assert (entry["transform"], entry["mapping"]) == ("map", {"single": "complex64", "double": "complex128"})
    assert (entry["default"], entry["default_words"]) == ("double", "dtype=complex128")
    assert "in single precision" in entry["observed"]


def shown_to_the_model(session: Any, name: str) -> list[str]:
    records = [record for record in session.asker.transcript.records() if record["question"] == name]
    return [record["messages"][-1]["content"] for record in records]


def asked(session: Any) -> list[str]:
    return [record["question"] for record in session.asker.transcript.records()]

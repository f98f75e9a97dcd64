"""An argument that takes an object of the backend's own module, such as a noise model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodes.integrate.mapped import _map_option
from nodes.integrate.objects import _unfit
from nodes.integrate.settable import settable
from nodes.integrate.speech import dialect_of
from nodes.verify.trial import printed
from tests.nodes import tiny_module
from tools.circuits import bell
from tools.driver import read

MODULE = (
    tiny_module.MODULE.replace(
        "def sample(self, circuit, shots, seed=None):",
        "def sample(self, circuit, shots, seed=None, channel=None):",
    ).replace(
        '            key = format(i, "0%db" % circuit.n)\n',
        "            if channel is not None and random.random() < channel.rate:\n"
        "                i = random.randrange(len(weights))\n"
        '            key = format(i, "0%db" % circuit.n)\n',
    )
    + """
class Depolarizing:
    \"\"\"Errors of a rate.\"\"\"
    def __init__(self, rate):
        self.rate = float(rate)

class Quiet:
    def __init__(self, rate):
        self.rate = 0
"""
)
PAIRED: dict[str, Any] = {
    "parameter_option": [
        {"when": "probability of an error per gate?", "answer": {"option": "channel"}},
        {"answer": {"option": "none"}},
    ],
    "option_parameter": {"parameter": "noise_level"},
    "noise_unit": {"unit": "probability"},
}


def mapped(folder: Path, *expressions: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """A run, its dialect with what was found, and the entry of the noise."""
    answers = [{"answer": {"expression": text}, "times": 1} for text in expressions]
    session, _ = tiny_module.begin(folder, module=MODULE, **PAIRED, argument_object=answers)
    found: dict[str, Any] = {"mapping": {}, "options": {}, "inserts": {}, "appended": "", "lines": {}}
    dialect = dialect_of(session)
    _map_option(session, dialect, settable(session, dialect, ""), "noise_level", found)
    session.recipe.put("parameters", found, "a test")
    return session, dialect_of(session), found["mapping"]["noise_level"]


def test_an_object_is_made_of_the_value_and_its_effect_is_observed(tmp_path: Path) -> None:
    session, dialect, entry = mapped(tmp_path, "ripple.Depolarising(0.7125)", "ripple.Depolarizing(rate=0.7125)")

    assert entry["supported"] and entry["to"] == "channel=ripple.Depolarizing(rate=⟨value⟩)" and entry["observed"]
    found = printed(session, dialect, bell(), shots=400, options={"noise_level": 0.9})
    assert len(read(dialect, found, 2, 400)) == 4
    assert len(read(dialect, printed(session, dialect, bell(), shots=400), 2, 400)) == 2  # without it as before


def test_an_object_that_changes_nothing_is_a_reservation(tmp_path: Path) -> None:
    session, dialect, entry = mapped(tmp_path, "ripple.math.sqrt(0.7125)", "ripple.Quiet(0.7125)")

    (refused, _) = [each for each in session.asker.transcript.records() if each["question"] == "argument_object"]
    assert "is not made by the module itself" in refused["oracle"]

    assert not entry["supported"] and "inserts" not in dialect
    assert entry["doubt"].startswith("channel takes an object, and none that was made for it worked")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Depolarizing(0.7125)", "not of the module"),
        ("ripple.Depolarizing(open('x'))", "not of the module"),
        ("ripple.math.__loader__.load_module('os')", "not for use"),
        ("[ripple.Quiet(1) for _ in (1,)]", "more than a call"),
        ("0.7125", "call that makes"),
    ],
)
def test_an_expression_is_no_more_than_calls_with_plain_values(text: str, why: str) -> None:
    assert why in str(_unfit(text, "ripple"))
    assert _unfit("ripple.Depolarizing(rate=-0.5, on=[1, 2])", "ripple") is None

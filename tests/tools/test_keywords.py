from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tools.driver import DriverError, run
from tools.inserts import inserted
from tools.keywords import calls_in, insert

LINES = ["sim = Sim()", "found = sim.run(c, ⟨shots⟩, seed=⟨seed⟩, )", "wéird = f('é', g(x for x in y), *z)"]


def test_calls_with_the_place_of_another_argument() -> None:
    found = calls_in([*LINES, {"each": "m(⟨q⟩)"}, "def f():", "make()(1).run(2)"])

    assert [(call.callee, call.positional, call.given) for call in found] == [
        ("Sim", 0, ()),
        ("sim.run", 2, ("seed",)),
        ("make", 0, ()),
    ]
    assert [call.line[: call.at] for call in found][:2] == ["sim = Sim(", "found = sim.run(c, ⟨shots⟩, seed=⟨seed⟩, "]


def test_several_arguments_fit_in_one_place() -> None:
    one, two = calls_in(LINES[:2])
    inserts = {"a": insert(one, "x"), "b": insert(one, "y"), "c": insert(two, "z"), "d": insert(two, "é")}
    dialect = {"before": LINES[:1], "after": LINES[1:2], "inserts": inserts}

    made, left = inserted(dialect, {"a": "it's", "b": 2, "c": True, "d": 0.5, "e": 1})

    calls = calls_in(
        [line.replace("⟨shots⟩", "9").replace("⟨seed⟩", "9") for line in (*made["before"], *made["after"])]
    )
    assert [call.given for call in calls] == [("y", "x"), ("seed", "é", "z")]
    assert '"it\'s"' in made["before"][0] and left == {"e": 1}


def test_without_a_value_the_script_is_unchanged() -> None:
    dialect = {"before": LINES[:1], "after": [], "inserts": {"a": insert(calls_in(LINES)[0], "x")}}
    assert inserted(dialect, {}) == (dialect, {})
    assert inserted(dialect, None) == (dialect, {})
    assert inserted({"before": []}, {"a": 1}) == ({"before": []}, {"a": 1})


@pytest.mark.parametrize(("options", "wanted"), [({}, "1"), ({"level": 3}, "3")])
def test_the_driver_puts_the_value_into_the_script(tmp_path: Path, options: dict[str, Any], wanted: str) -> None:
    script = ["class Sim:", "    def __init__(self, level=1): self.level = level", "sim = Sim()"]
    dialect = {
        "kind": "program",
        "suffix": ".py",
        "before": script,
        "gates": {},
        "after": ["print(sim.level)"],
        "command": f"{sys.executable} ⟨circuit⟩",
        "inserts": {"level": insert(calls_in(script)[0], "level")},
    }
    assert run(dialect, 1, [], shots=1, seed=1, folder=tmp_path, options=options).strip() == wanted
    with pytest.raises(DriverError, match="no verified option 'nosuch'"):
        run(dialect, 1, [], shots=1, seed=1, folder=tmp_path, options={"nosuch": 1})

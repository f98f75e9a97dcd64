from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.mapping import STANDARD, problems
from tools.transforms import apply, check, evaluate, unknown_options

NOISE: dict[str, Any] = {"transform": "direct", "validation": STANDARD["noise_level"]}
LEVEL: dict[str, Any] = {
    "transform": "map",
    "mapping": {"0": "none", "1": "light", "2": "aggressive"},
    "validation": {"type": "integer", "choices": [0, 1, 2]},
    "words": {"low": 1, "high": 2},
}


@pytest.mark.parametrize(
    ("entry", "value", "wanted"),
    [
        (NOISE, 0.01, 0.01),
        (NOISE, "1%", 0.01),
        (NOISE, "0.5 %", 0.005),
        (NOISE, "0.25", 0.25),
        ({**NOISE, "transform": "scale", "factor": 100}, 0.07, 7),
        ({**NOISE, "transform": "scale", "factor": 100}, "0.5%", 0.5),
        ({**NOISE, "transform": "format", "template": "depol:{value}"}, 0.2, "depol:0.2"),
        ({**NOISE, "transform": "expression", "expression": "1 - value"}, 0.1, 0.9),
        (LEVEL, 1, "light"),
        (LEVEL, "high", "aggressive"),
        (LEVEL, " HIGH ", "aggressive"),
        (LEVEL, "0", "none"),
        ({"transform": "map", "mapping": {"single": True, "double": False}}, "double", False),
        ({"transform": "direct", "validation": STANDARD["shots"]}, "137", 137),
    ],
)
def test_a_value_becomes_the_backends(entry: dict[str, Any], value: Any, wanted: Any) -> None:
    assert check("x", entry, value) is None
    found = apply(entry, value)
    assert found == wanted and type(found) is type(wanted)


@pytest.mark.parametrize(
    ("name", "entry", "value", "why"),
    [
        ("noise_level", NOISE, 1.2, "a probability from 0 to 1, or a percentage such as '1%', not 1.2"),
        ("noise_level", NOISE, "150%", "from 0 to 1"),
        ("noise_level", NOISE, "much", "not 'much'"),
        ("noise_level", NOISE, float("nan"), "from 0 to 1"),
        ("noise_level", NOISE, True, "from 0 to 1"),
        ("shots", {"validation": STANDARD["shots"]}, 0, "a whole number of at least 1, not 0"),
        ("shots", {"validation": STANDARD["shots"]}, 2.5, "a whole number"),
        ("shots", {"validation": STANDARD["shots"]}, "50%", "a whole number"),
        ("timeout", {"validation": STANDARD["timeout"]}, 0, "a number above 0"),
        ("optimization_level", LEVEL, 3, "one of 0, 1, 2, or one of the words low, high, not 3"),
        ("optimization_level", LEVEL, True, "one of 0, 1, 2"),
        ("precision", {"validation": STANDARD["precision"]}, "half", "one of single, double"),
    ],
)
def test_a_value_that_cannot_be_is_said_with_what_can(name: str, entry: dict[str, Any], value: Any, why: str) -> None:
    sentence = check(name, entry, value)
    assert sentence is not None and sentence.startswith(f"`{name}` is ") and why in sentence


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [("value * 100", 25), ("-log10(value) + 1", 1.602), ("max(1, round(value * 6))", 2), ("2 ** (value * 8)", 4)],
)
def test_arithmetic(expression: str, wanted: float) -> None:
    assert evaluate(expression, 0.25) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').getcwd()",
        "value.__class__",
        "[value]",
        "'a' * 3",
        "value if value else 1",
        "other + 1",
        "1 / 0",
        "9 ** 9 ** 9",
        "lambda: 1",
        "max(value, key=abs)",
        "value +",
        "(" * 500 + "value" + ")" * 500,
    ],
)
def test_nothing_but_arithmetic_has_a_value(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        evaluate(expression, 0.25)


@given(st.text(alphabet="value0123456789+-*/() .%,minaxro", max_size=24))
def test_any_expression_has_a_number_or_is_refused(expression: str) -> None:
    try:
        found = evaluate(expression, 0.25)
    except ValueError:
        return
    assert isinstance(found, int | float | complex)


def whole(**changed: Any) -> dict[str, Any]:
    entries = {
        name: {"supported": True, "transform": "direct", "validation": dict(rules)} for name, rules in STANDARD.items()
    }
    return {**entries, **changed}


def test_a_mapping_that_is_whole_has_no_problems() -> None:
    assert problems(whole(optimization_level={**LEVEL, "supported": True})) == []
    assert problems(whole(precision={"supported": False, "why": "no option of it was found"})) == []


@pytest.mark.parametrize(
    ("name", "entry", "why"),
    [
        ("optimization_level", {**LEVEL, "mapping": {"0": "none"}}, "1 is none of 0"),
        ("optimization_level", {**LEVEL, "mapping": {}}, "needs `mapping`"),
        ("optimization_level", {**LEVEL, "default": 7}, "its default 7"),
        ("noise_level", {**NOISE, "transform": "multiply"}, "no transform 'multiply'"),
        ("noise_level", {**NOISE, "transform": "scale", "factor": "ten"}, "no number"),
        ("noise_level", {**NOISE, "transform": "format", "template": "depol"}, "does not hold {value}"),
        ("noise_level", {**NOISE, "transform": "expression", "expression": "open('x')"}, "may not stand"),
        ("noise_level", {**NOISE, "validation": {"type": "number", "minimum": 2, "maximum": 1}}, "above its max"),
        ("noise_level", {**NOISE, "validation": {"type": "colour"}}, "none of the types"),
        ("noise_level", {**NOISE, "supported": False}, "does not say why"),
        ("noise_level", {**NOISE, "supported": "yes"}, "does not say whether"),
        ("colour", {"supported": False, "why": "no"}, "is none of"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said(name: str, entry: dict[str, Any], why: str) -> None:
    found = problems(whole(**{name: {"supported": True, **entry}}))
    assert len(found) == 1 and f"`{name}`" in found[0] and why in found[0]


def test_a_parameter_that_is_missing_is_said() -> None:
    found = whole()
    del found["seed"]
    assert problems(found) == ["`seed` is missing."]


def test_options_that_are_not_known_are_found_in_a_command() -> None:
    command = "/opt/my-sim/bin/sim /tmp/circuit-x1/c.q --shots 10 --noise=-0.5 -n -3 --evil"
    assert unknown_options(command, ["--shots", "--noise", "-n"]) == ["--evil"]

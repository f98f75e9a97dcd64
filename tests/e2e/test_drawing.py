"""The drawing shows every way that a run can take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from graph.routing import END, STEPS, after_carrying_out, after_phase, after_recovery, phase_of
from nodes.recovery.decide import decide
from nodes.recovery.escalate import escalate
from tests.e2e.machine import Machine

PHASES = list(STEPS)
EDGE = re.compile(r"^\t(\S+) (?:-->|-\.->|-\. .*? \.->) (\S+);$", re.MULTILINE)


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> str:
    printed = Machine(tmp_path_factory.mktemp("drawing")).here("graph")
    assert printed.code == 0
    return printed.out.replace("\\3a", ":")


@pytest.fixture(scope="module")
def edges(drawing: str) -> set[tuple[str, str]]:
    return set(EDGE.findall(drawing))


def goals(routed: Any) -> set[str]:
    """What a router may return, or where a node that routes itself may go."""
    (said,) = [get_type_hints(routed)["return"]]
    literal = get_args(said)[0] if get_args(said) and not isinstance(get_args(said)[0], str) else said
    found: set[str] = set()
    for value in get_args(literal):
        found |= set(get_args(value)) if get_args(value) else {value}
    return found


def begin_of(node: str) -> str:
    """The drawn node where one goes in that is drawn with its inside."""
    return f"{node}:__start__" if node in STEPS else "recover:propose" if node == "recover" else node


def test_every_phase_and_step_is_drawn(drawing: str, edges: set[tuple[str, str]]) -> None:
    for phase, steps in STEPS.items():
        assert f"\tsubgraph {phase}\n" in drawing
        for number, step in enumerate(steps):
            assert f"\t{phase}:{step}({step})\n" in drawing
            onward = steps[number + 1] if number + 1 < len(steps) else END
            assert (f"{phase}:__start__", f"{phase}:{step}") in edges
            assert (f"{phase}:{step}", f"{phase}:{onward}") in edges
            assert (f"{phase}:{step}", f"{phase}:{END}") in edges
            assert ((f"{phase}:{step}", f"{phase}:permit") in edges) == ("permit" in (*steps[:number], onward))
    for step in ("propose", "permit", "carry_out"):
        assert f"\trecover:{step}({step})\n" in drawing


def test_the_three_choices_are_drawn(edges: set[tuple[str, str]]) -> None:
    assert ("diagnose", "decide") in edges
    assert goals(decide) == {"retry", "recover", "escalate"}
    assert {goal for origin, goal in edges if origin == "decide"} == {begin_of(goal) for goal in goals(decide)}


@pytest.mark.parametrize(
    ("origin", "router"), [("escalate", escalate), ("recover:__end__", after_recovery), ("retry", phase_of)]
)
def test_every_goal_of_a_router_is_drawn(origin: str, router: Any, edges: set[tuple[str, str]]) -> None:
    wanted = {begin_of(goal) for goal in goals(router)}
    assert len(wanted) >= len(PHASES)
    assert {goal for start, goal in edges if start == origin} == wanted


def test_what_changed_after_the_approval_is_drawn_as_asked_again(edges: set[tuple[str, str]]) -> None:
    wanted = {f"recover:{goal}" for goal in goals(after_carrying_out)}
    assert {goal for origin, goal in edges if origin == "recover:carry_out"} == wanted


def test_a_phase_leads_onward_to_recovery_and_to_the_end(edges: set[tuple[str, str]]) -> None:
    assert goals(after_phase("build")) == {"diagnose", "onward", "stop"}
    for phase, onward in zip(PHASES, [*PHASES[1:], END], strict=True):
        goals_drawn = {goal for origin, goal in edges if origin == f"{phase}:{END}"}
        assert goals_drawn == {"diagnose", begin_of(onward), END}
    assert ("__start__", f"{PHASES[0]}:__start__") in edges


def test_the_drawing_needs_no_state(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.here("graph")
    assert not machine.state.exists()

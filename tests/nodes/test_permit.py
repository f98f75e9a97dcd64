"""What the person is shown before an action leaves the workspace, and what each answer does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from graph.state import Failure, State
from nodes.recovery.permit import permit
from tests.nodes.tiny_backend import begin
from tools.sandbox import protection

INSTALL = {"kind": "install", "text": "install libq", "command": "pkgadd libq", "step": "build.compile"}
FETCH = {"kind": "command", "text": "run `get` first", "command": "get", "network": True, "step": "build.compile"}
SET = {"kind": "variable", "text": "set A=1", "name": "A", "value": "1", "step": "build.compile"}


class Desk:
    """A graph of the one node, for a person at a desk."""

    def __init__(self, folder: Path, level: str = "ask") -> None:
        self.session, self.state = begin(folder)
        self.session.settings = self.session.settings.model_copy(update={"approve": level})
        graph = StateGraph(State)
        graph.add_node("permit", permit)
        graph.add_edge(START, "permit")
        graph.add_edge("permit", END)
        self.graph: Any = graph.compile(checkpointer=InMemorySaver())
        self.number = 0

    def __call__(self, action: dict[str, Any], answer: str | None = None) -> tuple[Any, Any]:
        """The question, None where none is asked, and the state after the answer."""
        self.number += 1
        config: Any = {"configurable": {"thread_id": str(self.number)}}
        failure = Failure(phase="build", step="build.compile", what="", command="make", log=None, status=2)
        found = self.graph.invoke({**self.state, "failure": failure, "action": action}, config)
        if "__interrupt__" not in found:
            return None, found
        question = found["__interrupt__"][0].value
        return question, self.graph.invoke(Command(resume=answer), config) if answer else None


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_question_shows_the_command_its_folder_and_the_environments_difference(desk: Desk) -> None:
    desk.session.recipe.put("variables", {"SIM_ARCH": "x86"}, "set by recovery")
    question, _ = desk(INSTALL)
    assert question["command"] == "pkgadd libq"
    assert question["folder"] == str(desk.session.run.folder)
    assert question["tier"] == 3
    # What was set for the build is not given to what runs with the person's rights.
    assert question["environment"] == {}
    question, _ = desk(FETCH)
    assert question["environment"] == {"SIM_ARCH": "x86"}


@pytest.mark.skipif(protection().name == "none", reason="without a sandbox everything is asked")
def test_what_stays_in_the_workspace_is_not_asked(desk: Desk) -> None:
    for action in (SET, {**FETCH, "network": False}):
        question, found = desk(action)
        assert question is None
        assert found["action"]["permit"].startswith("granted beforehand")


def test_yes_holds_for_this_action_and_yes_to_all_for_all_of_its_kind(desk: Desk) -> None:
    _, found = desk(INSTALL, "yes")
    assert found["action"]["permit"].startswith("granted by the person")
    question, found = desk({**INSTALL, "command": "pkgadd libr"}, "yes to all")
    assert question is not None
    question, found = desk({**INSTALL, "command": "pkgadd libs"})
    assert question is None
    assert found["action"]["permit"] == "granted by the person for all of the kind install"
    question, _ = desk(FETCH)
    assert question is not None


def test_no_and_a_hint_refuse_it_and_the_hint_is_kept(desk: Desk) -> None:
    assert desk(INSTALL, "no")[1]["action"]["permit"] is None
    found = desk(INSTALL, "hint: it is in /opt")[1]
    assert found["action"]["permit"] is None
    assert found["hint"] == "it is in /opt"


def test_an_edited_command_takes_the_place_of_what_was_proposed(desk: Desk) -> None:
    found = desk(INSTALL, "edit: pkgadd libq2")[1]["action"]
    assert (found["kind"], found["command"]) == ("install", "pkgadd libq2")
    network = {"kind": "network", "text": "allow the network", "step": "build.compile"}
    found = desk(network, "edit: make OFFLINE=1")[1]["action"]
    assert (found["kind"], found["old"], found["new"]) == ("replace", "make", "make OFFLINE=1")


def test_a_level_set_beforehand_asks_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "all")
    for action in (INSTALL, FETCH, SET):
        question, found = desk(action)
        assert question is None
        assert found["action"]["permit"] == "granted beforehand (--approve all)"

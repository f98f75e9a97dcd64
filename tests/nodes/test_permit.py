"""What the person is shown before an action leaves the workspace, and what each answer does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from graph.routing import after_carrying_out
from graph.state import Failure, State
from nodes.recovery.carry_out import carry_out
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


EDIT: dict[str, Any] = {
    "kind": "edit",
    "text": "edit a.c",
    "edit": {"file": "a.c", "line": None, "old": "a", "new": "b"},
    "step": "build.compile",
}
RISKY: list[dict[str, Any]] = [
    SET,
    EDIT,
    {**FETCH, "network": False},
    {"kind": "clean", "text": "build anew", "step": "build.compile"},
    {"kind": "replace", "text": "use `make x`", "old": "make", "new": "make x", "step": "verify.tests"},
]


@pytest.mark.skipif(protection().name == "none", reason="without a sandbox everything is asked")
@pytest.mark.parametrize("level", ["ask", "safe", "all"])
@pytest.mark.parametrize("action", RISKY, ids=[action["kind"] for action in RISKY])
def test_what_the_model_itself_calls_a_high_risk_is_asked(action: dict[str, Any], level: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path, level)
    for risk in ("low", "medium", None):
        assert desk({**action, "risk": risk} if risk else action)[0] is None
    question, found = desk({**action, "risk": "high"}, "no")
    if level == "all":
        assert question is None and found["action"]["permit"] == "granted beforehand (--approve all)"
        return
    assert "The model that proposes it says itself that its risk is high." in question["question"]
    assert found["action"]["permit"] is None


def test_that_the_model_calls_it_harmless_spares_no_question(desk: Desk) -> None:
    question, _ = desk({**INSTALL, "risk": "low"})
    assert question is not None and "risk" not in question["question"]


def test_yes_to_all_covers_one_change_and_not_one_that_is_riskier(desk: Desk) -> None:
    assert "this very change" in desk({**EDIT, "risk": "high"}, "yes to all")[0]["yes_to_all"]
    assert desk({**EDIT, "risk": "high", "chance": 3, "seen": "another line"})[0] is None
    assert desk({**EDIT, "risk": "high", "edit": {**EDIT["edit"], "new": "c"}})[0] is not None
    desk(FETCH, "yes to all")
    assert desk(FETCH)[0] is None
    assert desk({**FETCH, "risk": "high"})[0] is not None


def test_yes_holds_for_this_action_alone(desk: Desk) -> None:
    _, found = desk(INSTALL, "yes")
    assert found["action"]["permit"].startswith("granted by the person")
    assert desk(INSTALL)[0] is not None


def test_yes_to_all_holds_for_the_same_command_with_any_package_of_the_index(desk: Desk) -> None:
    manager = {"search": "pkgsearch {word}", "install": "pkgadd -y {package}"}
    (desk.session.run.state / "machine.json").write_text(json.dumps(manager))

    def install(package: str, command: str = "pkgadd -y {}") -> dict[str, Any]:
        return {**INSTALL, "package": package, "command": command.format(package)}

    question, found = desk(install("libr"), "yes to all")
    assert "every `pkgadd -y ⟨package⟩` with a package of this machine's index" in question["yes_to_all"]
    assert found["action"]["permit"].startswith("granted by the person (")
    question, found = desk(install("libs"))
    assert question is None
    assert found["action"]["permit"].startswith("granted by the person for all like it")
    for other in (
        install("libs", "pkgadd -y --root=/opt {}"),
        install("libs", "pkgadd -y {}; reboot"),
        install("--root=/opt"),
        {**install("libs"), "kind": "command", "network": True},
        FETCH,
    ):
        assert desk(other)[0] is not None, other


def test_yes_to_all_to_any_other_command_holds_for_that_command_and_its_environment(desk: Desk) -> None:
    question, _ = desk(FETCH, "yes to all")
    assert question["yes_to_all"].startswith('"yes to all" covers this very command')
    assert desk(FETCH)[0] is None
    assert desk({**FETCH, "command": "get more"})[0] is not None
    desk.session.recipe.put("variables", {"SIM_ARCH": "x86"}, "set by recovery")
    assert desk(FETCH)[0] is not None


CHANGES: dict[str, dict[str, Any]] = {
    "its command": {"command": "touch TAKEN"},
    "its rights": {"kind": "command", "network": False},
    "its text": {"text": "install libq, which is harmless"},
    "a claim that it is approved": {"command": "touch TAKEN", "permit": "granted by the person"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changed_after_the_yes_is_not_carried_out_and_asked_again(change: dict[str, Any], tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    given, taken = tmp_path / "given", tmp_path / "taken"
    _, found = desk({**INSTALL, "command": f"touch {given}"}, "yes")
    change = {**change, **({"command": f"touch {taken}"} if "command" in change else {})}
    state: Any = {**found, "action": {**found["action"], **change}}
    again = carry_out(state)
    assert not given.exists() and not taken.exists()
    assert after_carrying_out({**state, **again}) == "permit"
    question, _ = desk(again["action"])
    assert question is None or "it changed since" in question["question"]
    done = carry_out(found)
    assert given.exists() and done["attempts"][0]["outcome"] == ""
    assert after_carrying_out({**found, **done}) == END


def test_an_environment_that_changed_after_the_yes_asks_again(desk: Desk) -> None:
    _, found = desk({**FETCH, "command": "touch ../given"}, "yes")
    desk.session.recipe.put("variables", {"LD_PRELOAD": "evil.so"}, "set meanwhile")
    again = carry_out(found)
    assert not (desk.session.shell.workspace / "given").exists()
    question, _ = desk(again["action"])
    assert "it changed since" in question["question"]
    assert question["environment"] == {"LD_PRELOAD": "evil.so"}


def test_a_resumed_run_asks_again_what_changed_in_its_checkpoint(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    graph = StateGraph(State)
    for name, node in (("permit", permit), ("carry_out", carry_out)):
        graph.add_node(name, node)
    graph.add_edge(START, "permit")
    graph.add_edge("permit", "carry_out")
    graph.add_conditional_edges("carry_out", after_carrying_out, ["permit", END])
    whole: Any = graph.compile(checkpointer=InMemorySaver(), interrupt_before=["carry_out"])
    config: Any = {"configurable": {"thread_id": "1"}}
    failure = Failure(phase="build", step="build.compile", what="", command="make", log=None, status=2)
    action = {**INSTALL, "command": f"touch {tmp_path}/given"}
    whole.invoke({**desk.state, "failure": failure, "action": action}, config)
    whole.invoke(Command(resume="yes"), config)
    approved = whole.get_state(config).values["action"]
    whole.update_state(config, {"action": {**approved, "command": f"touch {tmp_path}/taken"}}, as_node="permit")
    found = whole.invoke(None, config)
    assert "it changed since" in found["__interrupt__"][0].value["question"]
    assert found["__interrupt__"][0].value["command"] == f"touch {tmp_path}/taken"
    assert not {"given", "taken"} & {path.name for path in tmp_path.iterdir()}


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


def test_what_nothing_shows_to_be_harmless_is_asked_even_where_all_was_allowed(tmp_path: Path) -> None:
    desk, given = Desk(tmp_path, "all"), tmp_path / "given"
    line = f"ls / > {given}"
    refused = desk.session.command(line, name="x", machine=True)
    assert not refused.started and "not asked for, it names /," in refused.in_words
    question, found = desk({**INSTALL, "command": line}, "no")
    assert any(sentence.startswith("Look twice: it names /,") for sentence in question["may_touch"])
    carry_out(found)
    assert not given.exists()
    _, found = desk({**INSTALL, "command": line}, "yes")
    assert not desk.session.command(f"{line}; true", name="x", machine=True).started
    carry_out(found)
    assert "tmp" in given.read_text()


@pytest.mark.parametrize("command", ["rm -r {state}", "pkgadd libq; echo x >> ~/.profile", "tee {state}/runs/x"])
def test_what_is_never_allowed_is_not_asked_for_and_not_done(tmp_path: Path, command: str) -> None:
    desk = Desk(tmp_path)
    line = command.replace("{state}", str(desk.session.run.state))
    for approve in ("ask", "all"):
        desk.session.settings = desk.session.settings.model_copy(update={"approve": approve})
        question, found = desk({**INSTALL, "command": line})
        assert question is None and found["action"]["permit"] is None
        done = carry_out({**found, "action": found["action"]})
        assert done["attempts"][0]["outcome"].startswith("never allowed, whoever says yes: it names ")
    # Nor where the person types it, nor from a recipe that says it was allowed.
    desk.session.settings = desk.session.settings.model_copy(update={"approve": "ask"})
    _, found = desk(INSTALL, f"edit: {line}")
    assert found["action"]["never"]
    finished = desk.session.command(line, name="x", machine=True)
    assert not finished.started and "never allowed" in finished.in_words
    assert desk.session.run.folder.is_dir()

"""An answer of the person holds for what they were shown; what has changed until it is carried out is asked again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from graph.routing import STEPS, after, after_carrying_out
from graph.state import Failure, State
from nodes.integrate.permit import allowed
from nodes.integrate.permit import permit as permit_home
from nodes.integrate.register import register
from nodes.recovery.carry_out import carry_out
from nodes.recovery.permit import permit as permit_action
from nodes.step import NotApproved
from nodes.survey.fetch import fetch
from nodes.survey.permit import permit
from tests.nodes.coded_home import ANSWERS, answered, coded_home
from tests.nodes.tiny_backend import begin
from tools.layout import bases_of, layout_of, places
from tools.sandbox import Protection

ADDRESS = "file:///nowhere/sim.git"
ENTRY = "backends:\n  wavelet:\n    title: Mine\n"


class Steps:
    """The step that asks and the one that carries it out, as their phase has them; it pauses between the two."""

    def __init__(self, state: Any, ask: Callable[..., Any], do: Callable[..., Any], back: Any) -> None:
        graph = StateGraph(State)
        graph.add_node("permit", ask)
        graph.add_node("do", do)
        graph.add_edge(START, "permit")
        graph.add_conditional_edges("permit", lambda s: END if s.get("stopped") else "do", ["do", END])
        graph.add_conditional_edges("do", back, ["permit", END])
        self.graph: Any = graph.compile(checkpointer=InMemorySaver(), interrupt_before=["do"])
        self.config: Any = {"configurable": {"thread_id": "1"}}
        self.first = state

    def go(self, answer: str | None = None) -> Any:
        """On to the next question, whose words are returned, or to the state at the next pause or at the end."""
        given = Command(resume=answer) if answer else self.first
        self.first = None
        found = self.graph.invoke(given, self.config)
        return found["__interrupt__"][0].value if found.get("__interrupt__") else found


@pytest.fixture
def survey(tmp_path: Path) -> Steps:
    session, state = begin(tmp_path)
    session.settings = session.settings.model_copy(update={"approve": "ask"})
    return Steps({**state, "source": ADDRESS}, permit, fetch, after("fetch", STEPS["survey"]))


def test_fetching_shows_its_command_and_is_done_after_a_yes(survey: Steps, tmp_path: Path) -> None:
    question = survey.go()
    assert question["question"].startswith(f"The source {ADDRESS} is fetched over the network.")
    assert question["command"].startswith("git clone ") and f" {ADDRESS} " in question["command"]
    assert question["folder"] == str(tmp_path / "state" / "workspaces" / "wavelet")
    survey.go("yes")
    assert "cannot be cloned" in survey.go()["failure"]["what"]


def test_another_source_than_the_approved_one_is_asked_for_and_not_fetched(survey: Steps, tmp_path: Path) -> None:
    survey.go()
    survey.go("yes")
    other = ADDRESS.replace("sim", "evil")
    survey.graph.update_state(survey.config, {"source": other})
    assert f" {other} " in survey.go()["command"]
    assert list(tmp_path.glob("state/runs/*/logs/*")) == []
    assert survey.go("no")["stopped"]


def test_another_protection_than_at_the_yes_is_asked_for(survey: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    survey.go()
    survey.go("yes")
    gone = Protection("none", "it was taken away")
    for name in ("nodes.survey.permit.protection", "tools.sandbox.protection"):
        monkeypatch.setattr(name, lambda: gone)
    assert "No sandbox protects this machine (it was taken away)" in survey.go()["question"]


def test_what_changes_while_the_question_waits_is_no_part_of_the_yes(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    session.settings = session.settings.model_copy(update={"approve": "ask"})
    survey = Steps({**state, "source": ADDRESS}, permit, fetch, after("fetch", STEPS["survey"]))
    assert survey.go()["environment"] == {}
    session.recipe.put("variables", {"GIT_SSH_COMMAND": "evil"}, "set meanwhile")
    survey.go("yes")
    assert survey.go()["environment"] == {"GIT_SSH_COMMAND": "evil"}
    assert list(tmp_path.glob("state/runs/*/logs/*")) == []


def test_the_same_holds_for_what_recovery_does(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    session.settings = session.settings.model_copy(update={"approve": "ask"})
    failure = Failure(phase="build", step="build.compile", what="", command="make", log=None, status=2)
    action = {"kind": "command", "text": "get", "command": "touch given", "network": True, "step": "build.compile"}
    recovery = Steps({**state, "failure": failure, "action": action}, permit_action, carry_out, after_carrying_out)
    assert recovery.go()["environment"] == {}
    session.recipe.put("variables", {"SIM_ARCH": "evil"}, "set meanwhile")
    recovery.go("yes")
    again = recovery.go()
    assert again["environment"] == {"SIM_ARCH": "evil"} and "it changed since" in again["question"]
    assert not (session.tree / "given").exists()
    recovery.go("yes")
    recovery.go()
    assert (session.tree / "given").exists()


def home_with(folder: Path, text: str) -> Path:
    path = folder / "home" / "config" / "default.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def at_home(folder: Path, **answers: Any) -> Steps:
    session, state = begin(folder, **answers)
    for piece in ("metadata", "parameters"):
        session.recipe.put(piece, {}, "written for a test")
    return Steps(state, permit_home, register, after("register", STEPS["integrate"]))


def other_title(path: Path) -> None:
    path.write_text(path.read_text().replace("Mine", "Yours"))


def other_file(path: Path) -> None:
    elsewhere = path.parents[2] / "elsewhere.yaml"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("while_it_waits", [False, True])
@pytest.mark.parametrize("change", [other_title, other_file])
def test_an_entry_that_is_another_than_at_the_yes_is_asked_for(
    change: Callable[[Path], None], while_it_waits: bool, tmp_path: Path
) -> None:
    path = home_with(tmp_path, ENTRY)
    steps = at_home(tmp_path)
    assert "{'title': 'Mine'}" in steps.go()["question"]
    if while_it_waits:
        change(path)
    steps.go("yes")
    if not while_it_waits:
        change(path)
    before = path.read_bytes()
    again = steps.go()
    assert "update the entry of 'wavelet'" in again["question"]
    assert ("{'title': 'Yours'}" in again["question"]) == (change is other_title)
    assert path.read_bytes() == before


def test_an_entry_that_was_written_since_is_asked_for(tmp_path: Path) -> None:
    steps = at_home(tmp_path)
    assert steps.go()["at"] is None
    home_with(tmp_path, ENTRY)
    assert "update the entry of 'wavelet'" in steps.go()["question"]


def test_a_registry_that_only_the_model_finds_is_asked_for_before_the_checks(tmp_path: Path) -> None:
    home = coded_home(tmp_path / "home")
    methods = "".join(f"\n    @abstractmethod\n    def draw_{n}(self, circuit): ...\n" for n in range(7))
    view = f"from abc import ABC, abstractmethod\n\n\nclass View(ABC):{methods}"
    (home / "src" / "orchestra" / "view.py").write_text(view)
    steps = at_home(tmp_path, **ANSWERS, base_class={"base": "Port"})
    assert steps.go()["at"] is None
    question = steps.go()["question"]
    assert "+ from orchestra.ports.wavelet_adapter import WaveletAdapter" in question and "behind Dummy" in question


def test_code_that_is_another_than_at_the_yes_is_asked_for_but_for_lines_of_ours(tmp_path: Path) -> None:
    home = coded_home(tmp_path / "home")
    hub = home / "src" / "orchestra" / "hub.py"
    session, _ = begin(tmp_path)
    answered(session, home, yes=True)
    registry = places(layout_of(home, bases_of(home)[0]))["registry"]
    approved = allowed(session, home, registry)
    text = hub.read_text()
    hub.write_text(text.replace("        Dummy,\n", "        Dummy,\n        Sloth,  # made by Rigil\n"))
    assert approved == allowed(session, home, registry) != ""
    hub.write_text(f"{text}\nimport evil\n")
    with pytest.raises(NotApproved):
        allowed(session, home, registry)

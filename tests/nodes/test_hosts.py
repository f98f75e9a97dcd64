"""What the person is asked when a command wants to reach a host, and that it is asked once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from configs.settings import load_settings, settings_file
from graph.state import Attempt, Failure, State
from graph.wiring import _graph
from nodes.asked import settle
from nodes.grants import grant_hosts, grant_network
from nodes.operate.hosts import hosts_told
from nodes.recovery.candidates import NETWORK, candidates, plain
from nodes.recovery.carry_out import carry_out
from nodes.recovery.decide import decide
from nodes.recovery.diagnose import diagnose
from nodes.recovery.facts import beside_http, facts
from nodes.recovery.propose import propose
from nodes.session import Session
from nodes.survey.fetch import fetch
from nodes.survey.permit import _question
from nodes.survey.permit import permit as survey_permit
from tests.nodes.test_permit import Desk
from tests.nodes.tiny_backend import begin
from tests.tools.web import Web, web
from tools import sandbox
from tools.sandbox import Protection, held_to_hosts, protection
from tools.traffic import kept

pytestmark = pytest.mark.skipif(not held_to_hosts(), reason=f"no bubblewrap here: {protection().why}")

GET = """
import urllib.request
for line in open("sources.txt"):
    print(urllib.request.urlopen(line.strip(), timeout=20).read().decode())
"""
"""The command names no host: what it reads does."""


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with web(monkeypatch) as made:
        yield made


class Build:
    """A run of the build alone, whose only command fetches; without a model, and with few attempts."""

    def __init__(self, folder: Path, host: Web, level: str = "ask") -> None:
        self.session, self.state = begin(folder)
        few = self.session.settings.budget.model_copy(update={"attempts": 1})
        self.session.settings = self.session.settings.model_copy(update={"approve": level, "budget": few})
        self.session.asker.form = "none"
        python = self.session.shell.workspace / "python" / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        self.session.recipe.put("python_files", ["bin/python"], "written for a test")
        self.command = f"{sys.executable} get.py"
        plan = {"configure": [], "build": [self.command], "strategy": "clean"}
        self.session.recipe.put("build", plan, "written for a test")
        (self.session.tree / "get.py").write_text(GET)
        self.one, self.two = (f"{name}.example:{host.port}" for name in ("one", "two"))
        (self.session.tree / "sources.txt").write_text(f"http://{self.one}/a\nhttp://{self.two}/b\n")
        self.graph: Any = _graph({"build": ("compile",)}, InMemorySaver(), "a build")
        self.number = 0

    def __call__(self, *answers: str) -> tuple[list[str], Any]:
        """The questions that were asked, each with its sentences, and the state at the end."""
        self.number += 1
        config: Any = {"configurable": {"thread_id": str(self.number)}, "recursion_limit": 200}
        asked = []
        given: Any = {"run": self.session.run.id, "source": self.state["source"], "until": "build"}
        left = iter(answers)
        while True:
            found = self.graph.invoke(given, config)
            if "__interrupt__" not in found:
                return asked, found
            question = found["__interrupt__"][0].value
            asked.append(question)
            given = Command(resume=next(left))


def questions(asked: list[Any]) -> list[str]:
    return [question["question"] for question in asked]


def test_a_host_is_asked_for_once_and_remembered(tmp_path: Path, host: Web) -> None:
    settings_file().write_text("# mine\nverify: {random_circuits: 2}\n")
    build = Build(tmp_path, host)
    asked, found = build("yes", "yes", "always")
    assert questions(asked) == [
        f"May Rigil do this? {NETWORK}",
        f"May commands that fetch reach {build.one}?",
        f"May commands that fetch reach {build.two}?",
    ]
    assert "It may ask for hosts, and reaches none: you are asked about each." in asked[0]["may_touch"]
    assert asked[1]["answers"] == ["yes", "always", "no"] and asked[1]["command"] == build.command
    assert f"It may reach {build.one} by HTTP and HTTPS; you are asked about any other host." in asked[1]["may_touch"]
    assert found["failure"] is None and "build.compile" in found["reached"]
    assert host.heads[-1]["Host"] == build.two
    failures = [attempt["failure"] for attempt in found["attempts"]]
    assert f"It wanted to reach {build.one}, which it may not." in failures[1]
    assert hosts_told(build.session) == [
        f"hosts reached: {build.one}, {build.two}",
        f"hosts refused: {build.one}, {build.two}",
    ]
    assert settings_file().read_text().startswith("# mine\nverify: {random_circuits: 2}\n")
    assert load_settings().network.hosts == (build.two,)

    assert questions(build()[0]) == [], "it was answered in this run"

    again = Build(tmp_path, host)
    again.session.recipe.forget("fixes")
    assert again.session.run.id != build.session.run.id
    asked, found = again("yes", "yes")
    assert questions(asked)[1:] == [f"May commands that fetch reach {build.one}?"]
    assert found["failure"] is None


def test_no_is_remembered_too_and_leads_on(tmp_path: Path, host: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.recovery.actions.PAUSE_S", 0)
    build = Build(tmp_path, host)
    asked, found = build("yes", "no", "retry", "stop")
    assert questions(asked)[1] == f"May commands that fetch reach {build.one}?"
    assert [question["kind"] for question in asked] == ["permit", "permit", "escalation", "escalation"]
    assert f"It wanted to reach {build.one}, which it may not." in asked[3]["question"]
    assert found["stopped"] and host.heads == []


def test_a_level_given_beforehand_covers_hosts_and_asks_for_what_is_inside(tmp_path: Path, host: Web) -> None:
    build = Build(tmp_path, host, "safe")
    assert build.session.hosts == ("*",)
    # By their names they are hosts as any, by their addresses they are this machine.
    asked, _ = build("yes", "no", "stop")
    assert questions(asked)[:2] == [f"May commands that fetch reach {name}?" for name in (build.one, build.two)]
    assert "It may reach every host of the internet, by HTTP and HTTPS alone." in asked[0]["may_touch"]

    build = Build(tmp_path, host, "all")
    build.session.recipe.forget("fixes")
    asked, found = build()
    assert asked == [] and found["failure"] is None
    assert f"hosts reached: {build.one}, {build.two}" in hosts_told(build.session)


def first(line: str) -> dict[str, Any]:
    """The action that runs a command before the build, with the network."""
    told = {"kind": "command", "text": f"run `{line}` first", "command": line}
    return {**told, "network": True, "step": "build.compile"}


def test_what_an_approved_command_names_is_allowed_with_it(tmp_path: Path, host: Web) -> None:
    desk = Desk(tmp_path)
    place = f"one.example:{host.port}"
    line = f"curl -sSf http://{place}/a -o ../got"
    question, found = desk(first(line), "yes")
    assert f"It may reach {place} by HTTP and HTTPS; you are asked about any other host." in question["may_touch"]
    assert carry_out(found)["attempts"][0]["outcome"] == ""
    assert (desk.session.shell.workspace / "got").read_text() == f"GET /a at {place}\n"


def test_a_command_of_recovery_that_is_refused_a_host_runs_again_with_it(tmp_path: Path, host: Web) -> None:
    desk = Desk(tmp_path)
    place = f"one.example:{host.port}"
    (desk.session.tree / "get.py").write_text(GET)
    (desk.session.tree / "sources.txt").write_text(f"http://{place}/a\n")
    line = f"{sys.executable} get.py"
    done: list[Attempt] = carry_out(desk(first(line), "yes")[1])["attempts"]
    assert done[0]["outcome"] == f"it failed: it may not reach {place}"
    failure = Failure(phase="build", step="build.compile", what="", command="make", log=None, status=2)
    offered = candidates(desk.session, failure, done)
    text = plain(desk.session, failure, offered, done)
    assert text == f"run `{line}` first, which reaches {place}"
    question, found = desk({**offered[text], "text": text}, "yes")
    assert question["question"] == f"May commands that fetch reach {place}?" and question["command"] == line
    assert carry_out(found)["attempts"][0]["outcome"] == ""
    assert len(host.heads) == 1


def fetching(folder: Path, source: str, *, allowed: bool = True) -> tuple[Session, Any]:
    session, state = begin(folder)
    session.settings = session.settings.model_copy(update={"approve": "ask"})
    session.recipe.forget("survey")
    session.run.update(source=source)
    if allowed:
        asks = _question(session, source)
        assert asks is not None
        settle(session, asks["sha256"], yes=True)
    return session, {**state, "source": source}


def test_a_source_is_fetched_from_its_host_and_another_is_asked_for(tmp_path: Path, host: Web) -> None:
    place, other = f"one.example:{host.port}", f"two.example:{host.port}"
    session, state = fetching(tmp_path, f"http://{place}/moved/a.git")
    assert session.hosts == (place,)
    state |= fetch(state)
    assert f"It wanted to reach {other}, which it may not." in state["failure"]["what"]
    assert kept(state["failure"]["log"]).reached == (place,)
    state |= diagnose(state)
    assert decide(state).goto == "recover"
    action = propose(state)["action"]
    assert (action["kind"], action["host"], action["step"]) == ("host", other, "survey.fetch")
    grant_hosts(session, [other])
    again = fetch({**state, "failure": None})["failure"]
    assert "cannot be cloned" in again["what"], "it was fetched again without another question"
    assert kept(sorted(session.run.logs.glob("*-clone.log"))[-1]).reached == (place, other)


def test_a_source_is_cloned_from_the_host_that_its_address_names(tmp_path: Path, host: Web) -> None:
    made = tmp_path / "projects" / "a"
    made.mkdir(parents=True)
    (made / "a.c").write_text("int a;\n")
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    for command in (["init", "-q"], ["add", "a.c"], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=made, check=True)
    host.projects = made.parent
    session, state = fetching(tmp_path, f"http://one.example:{host.port}/git/a/.git")
    state |= fetch(state)
    assert state["failure"] is None, state["failure"]
    assert (session.tree / "a.c").read_text() == "int a;\n"
    assert hosts_told(session) == [f"hosts reached: one.example:{host.port}"]


def test_where_hosts_cannot_be_held_down_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    landlock = Protection("landlock", "for a test")
    monkeypatch.setattr(sandbox, "_walls", lambda: ((), landlock))
    monkeypatch.setattr("nodes.survey.permit.protection", lambda: landlock)
    session, state = fetching(tmp_path, "https://one.example/a.git", allowed=False)
    graph = StateGraph(State)
    graph.add_node("permit", survey_permit)
    graph.add_edge(START, "permit")
    config: Any = {"configurable": {"thread_id": "1"}}
    found = graph.compile(checkpointer=InMemorySaver()).invoke(state, config)
    assert "what fetches it is not held to that host here" in found["__interrupt__"][0].value["question"]
    session.command(["true"], name="x", network=True)
    assert "were not held to hosts here" in hosts_told(session)[0]


@pytest.mark.parametrize("source", ["git@one.example:a/b", "ssh://git@one.example/a", "git://one.example/a"])
def test_a_source_that_no_proxy_leads_to_says_so(source: str, tmp_path: Path) -> None:
    _, state = fetching(tmp_path, source)
    what = fetch(state)["failure"]["what"]
    assert "ssh and other protocols do not work in the sandbox" in what and "https address" in what


def test_what_else_wants_the_network_is_told_why_it_has_none(
    tmp_path: Path, host: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodes.recovery.actions.PAUSE_S", 0)
    build = Build(tmp_path, host)
    grant_network(build.session, "build.compile")
    script = "import socket\nsocket.create_connection(('one.example', 22), 5)\n"
    (build.session.tree / "get.py").write_text(script)
    asked, found = build("stop")
    assert "ssh and other protocols do not work in the sandbox" in asked[0]["question"]
    assert "ssh and other protocols do not work in the sandbox" in facts(build.session, found["failure"])
    # What has no network at all is told nothing of protocols.
    build.session.run.update(network_granted=[])
    log = str(build.session.command([sys.executable, "get.py"], name="none").log)
    assert beside_http(log) == ""


def test_a_submodule_by_ssh_is_told_apart(tmp_path: Path, host: Web) -> None:
    """A stand-in for git, which would need a key and an ssh server to fail by ssh alone."""
    session, state = fetching(tmp_path, f"http://one.example:{host.port}/git/a/.git")
    program = session.shell.workspace / "home" / ".local" / "bin" / "git"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c 'import socket; socket.create_connection((\"a.example\", 22))'\n"
    )
    program.chmod(0o755)
    what = fetch(state)["failure"]["what"]
    assert "cannot be cloned" in what and "ssh and other protocols do not work in the sandbox" in what

"""Homes of ProximA that Rigil did not make: the adapter follows what is found there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command
from ruamel.yaml import YAML

from graph.routing import STEPS, after
from graph.state import State
from nodes.execute.unseen import unseen
from nodes.integrate.metadata import metadata
from nodes.integrate.parameters import parameters
from nodes.integrate.permit import permit
from nodes.integrate.register import register
from tests.nodes.coded_home import ANSWERS, answered, coded_home
from tests.nodes.tiny_backend import begin
from tools.proxima import backends
from tools.registration import remove
from tools.wrapper import home_file

NODES = (metadata, parameters, register, unseen)
QUESTIONS = {"role_method", "record_fields", "enum_member", "base_class"}


def done(state: Any) -> Any:
    for node in NODES:
        state = {**state, **node(state)}
        assert state["failure"] is None, state["failure"]["what"]
    return state


def granted(folder: Path, **answers: Any) -> tuple[Any, Any]:
    """A run that may put its adapter into the code of a registry."""
    session, state = begin(folder, **answers)
    answered(session, folder / "home", yes=True)
    return session, state


def asking(state: Any) -> tuple[Any, dict[str, Any], str]:
    """A graph of the two steps that ask and register, run up to its question: the graph, its config, the question."""
    wired = StateGraph(State)
    wired.add_node("permit", permit)
    wired.add_node("register", register)
    wired.add_edge(START, "permit")
    wired.add_edge("permit", "register")
    wired.add_conditional_edges("register", after("register", STEPS["integrate"]), ["permit", END])
    graph = wired.compile(checkpointer=InMemorySaver())
    config: dict[str, Any] = {"configurable": {"thread_id": "1"}}
    found = graph.invoke(state, config)
    return graph, config, found["__interrupt__"][0].value["question"]


def asked(session: Any) -> set[str]:
    return {record["question"] for record in session.asker.transcript.records()}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".bak-" not in path.name}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return coded_home(tmp_path / "home")


def test_an_adapter_follows_another_base_class_and_its_registry(tmp_path: Path, home: Path) -> None:
    session, state = granted(tmp_path, **ANSWERS)

    state = done(state)

    assert asked(session) >= QUESTIONS - {"base_class"}
    assert "its code lists it" in state["reached"]["execute.unseen"]
    program = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from orchestra.hub import hub\n"
        "from orchestra.ports.kinds import Holding\n"
        "port = hub.find('wavelet')\n"
        "text = 'OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; x q[1];'\n"
        "port.simulate(text, {'shots': 20})\n"
        "found = port.outcome()\n"
        "print(json.dumps([found.samples, found.nshots, found.simulator, port.limits().qubit_limit,\n"
        "  port.limits().noisy, port.limits().colour, port.holds(Holding.LOOSE), port.holds(Holding.DENSE),\n"
        "  port.refuses(text), port.refuses('OPENQASM 2.0; qreg q[40];')]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", program, str(home / "src")], capture_output=True, text=True, check=True, cwd="/"
    )
    samples, shots, name, limit, noisy, colour, other, dense, fine, refused = json.loads(ran.stdout)
    assert (samples, shots, name, limit) == ({"010": 20}, 20, "wavelet", 12)
    assert (noisy, colour, other, dense, fine) == (True, "grey", True, False, None)
    assert "at most 12" in refused


def test_what_was_put_into_its_code_is_taken_out_again(tmp_path: Path, home: Path) -> None:
    before = contents(home)
    _session, state = granted(tmp_path, **ANSWERS)
    done(state)
    assert "Wavelet" in (home / "src" / "orchestra" / "hub.py").read_text()
    entry = YAML(typ="safe").load(home / "configs" / "default.yaml")["backends"]["wavelet"]
    assert entry["max_qubits"] == 12
    assert not (home / "backends.json").exists() and backends(home)["wavelet"]["class"] == "WaveletAdapter"

    remove(home, "wavelet")

    left = contents(home)
    assert {path: left.get(path) for path in before} == before
    assert {Path(path).name for path in set(left) - set(before)} <= {".rigil.lock"}


def test_registering_again_asks_nothing_and_changes_no_file(tmp_path: Path, home: Path) -> None:
    session, state = granted(tmp_path, **ANSWERS)
    done(state)
    before, calls = contents(home), len(session.asker.transcript.records())

    done(state)

    assert contents(home) == before
    assert len(session.asker.transcript.records()) == calls


def test_a_wrapper_that_changed_is_checked_anew(tmp_path: Path, home: Path) -> None:
    session, state = granted(tmp_path, **ANSWERS)
    done(state)
    installed = (home / "src" / "orchestra" / "ports" / "wavelet_adapter.py").read_text()
    session.recipe.put("dialect", {**session.recipe.get("dialect"), "reversed": False}, "a test")

    failure = register(state)["failure"]

    assert failure and "wrapper" in failure["what"]
    assert (home / "src" / "orchestra" / "ports" / "wavelet_adapter.py").read_text() == installed


def test_a_registry_without_a_list_takes_it_by_a_call(tmp_path: Path, home: Path) -> None:
    hub = home / "src" / "orchestra" / "hub.py"
    text = hub.read_text().replace("[\n        Dummy,\n    ]", "[Dummy]")
    hub.write_text(text)
    _session, state = granted(tmp_path, **ANSWERS)

    state = done(state)

    assert hub.read_text() == text
    assert "by a call" in state["reached"]["execute.unseen"]


def test_a_package_of_the_same_base_class_costs_no_question(tmp_path: Path) -> None:
    ports = tmp_path / "home" / "src" / "proxima" / "backends"
    ports.mkdir(parents=True)
    (ports.parent / "__init__.py").write_text("")
    (ports / "__init__.py").write_text("from proxima.backends.base import BaseBackendAdapter\n")
    (ports / "base.py").write_text(home_file("proxima_base.py.jinja"))
    registry = (
        "from proxima.backends.base import BaseBackendAdapter\n\n\nclass Registry:\n"
        "    def __init__(self):\n        self.known = {}\n\n"
        "    def register(self, adapter: BaseBackendAdapter) -> None:\n"
        "        self.known[adapter.get_name()] = adapter\n\n"
        "    def get(self, name: str) -> BaseBackendAdapter:\n        return self.known[name]\n"
    )
    (ports / "registry.py").write_text(registry)
    session, state = begin(tmp_path)

    state = done(state)

    assert not asked(session) & QUESTIONS
    assert "by a call" in state["reached"]["execute.unseen"]
    assert (ports / "wavelet_adapter.py").exists()


def test_a_method_that_no_adapter_can_have_is_said(tmp_path: Path, home: Path) -> None:
    base = home / "src" / "orchestra" / "ports" / "base.py"
    base.write_text(base.read_text() + "\n    @abstractmethod\n    def licence(self) -> str: ...\n")
    _session, state = granted(tmp_path, **ANSWERS)
    for node in (metadata, parameters, register):
        state = {**state, **node(state)}  # type: ignore[typeddict-item]

    assert state["failure"] and "asks for `licence() -> str`" in state["failure"]["what"]


def test_the_class_to_derive_from_is_asked_where_there_are_two(tmp_path: Path, home: Path) -> None:
    methods = "".join(f"\n    @abstractmethod\n    def draw_{n}(self, circuit): ...\n" for n in range(7))
    view = f"from abc import ABC, abstractmethod\n\n\nclass View(ABC):{methods}"
    (home / "src" / "orchestra" / "view.py").write_text(view)
    session, state = granted(tmp_path, **ANSWERS, base_class={"base": "Port"})

    done(state)

    assert "base_class" in asked(session)


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_registrys_code_is_changed_only_after_a_yes(tmp_path: Path, home: Path, answer: str) -> None:
    hub = home / "src" / "orchestra" / "hub.py"
    before = hub.read_text()
    _session, state = begin(tmp_path, **ANSWERS)
    for node in (metadata, parameters):
        state = {**state, **node(state)}  # type: ignore[typeddict-item]

    graph, config, question = asking(state)
    assert f"the code of {hub}, behind Dummy" in question
    assert hub.read_text() == before
    state = graph.invoke(Command(resume=answer), config)

    assert state["failure"] is None
    assert (hub.read_text() == before) == (answer == "no")
    assert (home / "src" / "orchestra" / "ports" / "wavelet_adapter.py").exists()


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_persons_entry_is_updated_only_after_a_yes(tmp_path: Path, answer: str) -> None:
    text = "backends:\n  wavelet:\n    title: Mine   # by hand\n    max_qubits: 3\n"
    config_path = tmp_path / "home" / "config" / "default.yaml"
    config_path.parent.mkdir(parents=True)
    config_path.write_text(text)
    _session, state = begin(tmp_path)
    for node in (metadata, parameters):
        state = {**state, **node(state)}  # type: ignore[typeddict-item]

    graph, config, question = asking(state)
    assert "update the entry of 'wavelet'" in question
    state = graph.invoke(Command(resume=answer), config)

    if answer == "no":
        assert state["failure"] and "Rigil did not enter" in state["failure"]["what"]
        assert config_path.read_text() == text
        return
    assert state["failure"] is None
    entry = YAML(typ="safe").load(config_path)["backends"]["wavelet"]
    assert (entry["title"], entry["max_qubits"], entry["executable"]) == ("Mine", 12, "wavelet")
    assert "title: Mine   # by hand" in config_path.read_text()
    remove(tmp_path / "home", "wavelet")
    assert YAML(typ="safe").load(config_path) == YAML(typ="safe").load(text)

"""Puts the nodes together: a subgraph per phase, and one recovery for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.routing import (
    JOB_STEPS,
    PERMIT,
    STEPS,
    after,
    after_carrying_out,
    after_phase,
    after_recovery,
    asks,
    entry,
    following,
    phase_of,
)
from graph.state import Input, State
from nodes.build.compile import compile
from nodes.build.inspect import inspect
from nodes.build.replay import replay
from nodes.build.strategy import strategy
from nodes.execute.advice import advice
from nodes.execute.job import job
from nodes.execute.unseen import unseen
from nodes.integrate.metadata import metadata
from nodes.integrate.parameters import parameters
from nodes.integrate.permit import permit as permit_home
from nodes.integrate.register import register
from nodes.operate.health import health
from nodes.operate.report import report
from nodes.recovery.carry_out import carry_out
from nodes.recovery.decide import decide
from nodes.recovery.diagnose import diagnose
from nodes.recovery.escalate import escalate
from nodes.recovery.permit import permit as permit_action
from nodes.recovery.propose import propose
from nodes.recovery.retry import retry
from nodes.survey.begin import begin
from nodes.survey.fetch import fetch
from nodes.survey.permit import permit
from nodes.survey.read import read
from nodes.verify.benchmark import benchmark
from nodes.verify.discover import discover
from nodes.verify.gates import gates
from nodes.verify.interface import interface
from nodes.verify.sampling import sampling
from nodes.verify.speak import speak
from nodes.verify.tests import tests

Compiled = CompiledStateGraph[State, None, Input, State]

NODES: dict[str, dict[str, Callable[..., Any]]] = {
    "survey": {"begin": begin, "permit": permit, "fetch": fetch, "read": read},
    "build": {"strategy": strategy, "compile": compile, "inspect": inspect, "replay": replay},
    "verify": {
        "discover": discover,
        "tests": tests,
        "interface": interface,
        "speak": speak,
        "gates": gates,
        "sampling": sampling,
        "benchmark": benchmark,
    },
    "integrate": {"metadata": metadata, "parameters": parameters, "permit": permit_home, "register": register},
    "execute": {"unseen": unseen, "advice": advice, "job": job},
    "operate": {"health": health, "report": report},
}


def _phase(name: str, steps: tuple[str, ...]) -> CompiledStateGraph[Any, Any, Any, Any]:
    """A phase as a chain of its steps, entered at the step that the state names."""
    graph = StateGraph(State)
    for step in steps:
        graph.add_node(step, NODES[name][step])
        onward = following(steps, step)
        goals = dict.fromkeys([onward, END, *([PERMIT] if asks(steps, step) else [])])
        graph.add_conditional_edges(step, after(step, steps), list(goals))
    graph.add_conditional_edges(START, entry(name, steps), [*steps, END])
    return graph.compile()


def _recover() -> CompiledStateGraph[Any, Any, Any, Any]:
    graph = StateGraph(State)
    graph.add_node("propose", propose)
    graph.add_node("permit", permit_action)
    graph.add_node("carry_out", carry_out)
    graph.add_edge(START, "propose")
    graph.add_edge("propose", "permit")
    graph.add_edge("permit", "carry_out")
    graph.add_conditional_edges("carry_out", after_carrying_out, ["permit", END])
    return graph.compile()


def build_graph(checkpointer: BaseCheckpointSaver[Any] | None = None) -> Compiled:
    """The whole graph; without a checkpointer where the server brings its own."""
    return _graph(STEPS, checkpointer, "rigil")


def build_job_graph(checkpointer: BaseCheckpointSaver[Any] | None = None) -> Compiled:
    """The graph of an attended job: it runs, and what goes wrong goes through the same recovery."""
    return _graph(JOB_STEPS, checkpointer, "rigil-job")


def _graph(steps: Mapping[str, tuple[str, ...]], checkpointer: BaseCheckpointSaver[Any] | None, name: str) -> Compiled:
    graph = StateGraph(State, input_schema=Input)
    phases = list(steps)
    for phase, onward in zip(phases, [*phases[1:], END], strict=True):
        graph.add_node(phase, _phase(phase, steps[phase]))
        graph.add_conditional_edges(phase, after_phase(phase), {"diagnose": "diagnose", "onward": onward, "stop": END})
    graph.add_edge(START, phases[0])
    graph.add_node("diagnose", diagnose)
    graph.add_node("decide", decide)
    graph.add_node("retry", retry)
    graph.add_node("recover", _recover())
    graph.add_node("escalate", escalate, destinations=(*phases, END))
    graph.add_edge("diagnose", "decide")
    graph.add_conditional_edges("retry", phase_of, phases)
    graph.add_conditional_edges("recover", after_recovery, [*phases, "diagnose", "escalate"])
    return graph.compile(checkpointer=checkpointer, name=name)

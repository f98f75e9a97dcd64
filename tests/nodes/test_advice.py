"""The step that asks once up to how long a person should wait for a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodes.execute.advice import advice
from nodes.session import Session
from tests.nodes.tiny_backend import README, begin
from tools.proxima import backends, ensure_home
from tools.registration import register
from tools.wrapper import HEADER

QUOTE = "A run of 12 qubits takes a few seconds."
PLAIN = {"says": "nothing of it is said", "progress": "nothing", "ended": "process", "wait": "1 minute"}
GROWTH = {"start_up_s": 0.05, "slope": 1.0, "intercept": -20.0, "word": "doubles", "sentence": "it doubles"}


def asked(tmp_path: Path, *answers: dict[str, Any], growth: dict[str, Any] | None = None) -> tuple[Session, Any]:
    """A registered backend, and a model that gives these answers one after the other."""
    rules = [{"when": "Not accepted", "answer": answers[-1]}, {"answer": answers[0]}] if answers else []
    session, state = begin(tmp_path, run_advice=rules)
    (session.tree / "README.md").write_text(f"{README}{QUOTE}\n")
    home = tmp_path / "home"
    ensure_home(home)
    facts = {"module": "wavelet_adapter", "class": "Wavelet"}
    register(home, "wavelet", facts=facts, config={"path": "/w"}, wrapper=f'"""{HEADER}: wavelet."""\n')
    session.recipe.put("registration", {"home": str(home), "name": "wavelet", "checks": []}, "given")
    sizes = [{"qubits": 6, "gates": 90, "wall_s": {"median": 0.06}}]
    session.recipe.put("benchmark", {"key": "k", "results": {"sizes": sizes, "growth": growth}}, "given")
    return session, state


def entered(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = backends(tmp_path / "home")["wavelet"]["advice"]
    return found


def test_the_advice_is_entered_with_the_measured_speed_and_asked_once(tmp_path: Path) -> None:
    session, state = asked(tmp_path, {**PLAIN, "says": QUOTE, "wait": "10 minutes"}, growth=GROWTH)

    sentence = advice(state)["reached"]["execute.advice"]

    assert sentence.startswith("waiting is advised up to 10 minutes; it shows nothing before the result;")
    speed = {"start_up_s": 0.05, "slope": 1.0, "intercept": -20.0}
    told = {"quote": QUOTE, "progress": "nothing", "ended": "process", "wait_s": 600}
    assert entered(tmp_path) == {**told, "speed": speed}
    advice(state)
    assert len(session.asker.transcript.records()) == 1
    evidence = session.asker.transcript.records()[0]["messages"][1]["content"]
    assert "6 qubits and 90 gates in 0.06" in evidence and "it doubles" in evidence


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"says": "It takes hours."}, "says"),
        ({"progress": "lines"}, "Choose the sentence that says that it prints lines"),
        ({"ended": "service", "says": QUOTE}, "It was observed that when its process ended"),
    ],
)
def test_a_claim_that_nothing_bears_out_is_sent_back(tmp_path: Path, wrong: dict[str, Any], why: str) -> None:
    session, state = asked(tmp_path, {**PLAIN, **wrong}, PLAIN)

    assert advice(state)["failure"] is None

    _, second = session.asker.transcript.records()
    assert why in str(second["messages"])
    assert entered(tmp_path)["quote"] == ""


def test_where_nothing_is_accepted_runs_are_waited_for(tmp_path: Path) -> None:
    session, state = asked(tmp_path, {**PLAIN, "ended": "file"}, growth=GROWTH)

    assert "`rigil run` waits" in advice(state)["reached"]["execute.advice"]

    assert entered(tmp_path)["wait_s"] is None
    calls = len(session.asker.transcript.records())
    advice(state)
    assert len(session.asker.transcript.records()) == calls


@pytest.mark.parametrize("growth", [None, {**GROWTH, "word": "cannot be told"}])
def test_a_growth_that_cannot_be_told_is_no_speed(tmp_path: Path, growth: dict[str, Any] | None) -> None:
    _, state = asked(tmp_path, PLAIN, growth=growth)
    advice(state)
    assert entered(tmp_path)["speed"] is None


def test_documents_that_changed_are_read_again(tmp_path: Path) -> None:
    session, state = asked(tmp_path, {**PLAIN, "says": QUOTE})
    advice(state)
    (session.tree / "README.md").write_text(README)
    advice(state)
    assert len(session.asker.transcript.records()) > 1


def test_an_unregistered_backend_is_not_asked_about(tmp_path: Path) -> None:
    _, state = begin(tmp_path)
    assert advice(state)["reached"]["execute.advice"] == "not asked: the backend is not registered"

"""The nodes of recovery, on a failure that is real, with a scripted model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from graph.state import Attempt, Failure
from nodes.grants import grant_network
from nodes.recovery.candidates import NETWORK, OTHER, candidates
from nodes.recovery.decide import decide
from nodes.recovery.propose import propose
from tests.nodes.tiny_backend import begin

REFUSED = f"fetching https://example.org/x\n{os.strerror(101)}\n"


def failed(session: Any, log_text: str, command: str = "make check") -> Failure:
    log = session.run.logs / "002-tests.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(log_text)
    return Failure(phase="verify", step="verify.tests", what="No test passed.", command=command, log=str(log))


def diagnosed(kind: str, quote: str) -> dict[str, Any]:
    return {"kind": kind, "cause": "It failed.", "quote": quote, "file": "", "line": None, "fix": "", "automatic": True}


def questions(session: Any) -> list[str]:
    return [record["question"] for record in session.asker.transcript.records()]


def test_a_refused_network_is_offered_to_the_person_without_a_question(tmp_path: Path) -> None:
    session, state = begin(tmp_path, decide={"choice": "escalate"})
    state["failure"] = failed(session, REFUSED)
    state["diagnosis"] = diagnosed("no_network", REFUSED.splitlines()[1])

    assert decide(state).goto == "recover"
    assert propose(state)["action"]["text"] == NETWORK
    assert questions(session) == []

    # Once it has the network, the same words are a matter of judgement.
    grant_network(session, "verify.tests")
    assert decide(state).goto == "escalate"
    assert questions(session) == ["decide"]


def test_a_command_that_gets_what_is_missing_goes_before_the_failed_one(tmp_path: Path) -> None:
    session, state = begin(
        tmp_path,
        action={"action": OTHER, "risk": "low", "chance": 80},
        new_command={"command": "./get-the-checker"},
        place={"does": "installs the checker", "place": "before"},
    )
    state["failure"] = failed(session, "checker: not found\n")
    state["diagnosis"] = diagnosed("something_missing", "checker: not found")

    action = propose(state)["action"]

    assert (action["kind"], action["command"]) == ("command", "./get-the-checker")
    assert action["text"] == "run `./get-the-checker` first"
    done = Attempt(step="verify.tests", failure="", signature="x", action=action, outcome="then the same failure")
    assert propose({**state, "attempts": [done]})["action"] is None


def test_a_command_that_does_the_same_takes_its_place(tmp_path: Path) -> None:
    session, state = begin(
        tmp_path,
        action={"action": OTHER, "risk": "low", "chance": 80},
        new_command={"command": "make -C src check"},
        place={"does": "runs the checks in another folder", "place": "instead"},
    )
    state["failure"] = failed(session, "make: *** No rule to make target 'check'.\n")
    state["diagnosis"] = diagnosed("wrong_command", "make: *** No rule to make target 'check'.")

    action = propose(state)["action"]

    assert (action["kind"], action["old"], action["new"]) == ("replace", "make check", "make -C src check")


def test_what_the_documents_state_is_offered_where_its_program_is_there(tmp_path: Path) -> None:
    session, state = begin(tmp_path, action={"action": "none of them", "risk": "low", "chance": 1})
    survey = session.recipe.get("survey")
    survey["commands"]["dependency"] = ["sh get-it.sh", "no-such-program-here install it"]
    session.recipe.put("survey", survey, "written for a test")
    state["failure"] = failed(session, "checker: not found\n")
    texts = list(candidates(session, state["failure"], []))

    assert "run `sh get-it.sh`, which the documents state" in texts
    assert not any("no-such-program-here" in text for text in texts)

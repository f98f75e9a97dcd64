"""The words of a report are held to its facts, and a bad end is told on a page, in Markdown and in HTML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.state import Failure
from nodes.operate.grounded import ungrounded
from nodes.operate.report import write_report
from tests.nodes.tiny_backend import begin
from tools.machine import machine

FACTS = "`make` failed. It ended with exit status 2.\n  12| gate.c:7: fatal error: wave.h: No such file or directory"


@pytest.mark.parametrize(
    ("prose", "why"),
    [
        ("The compiler did not find wave.h, which line 12 names, and make ended with exit status 2.", None),
        ("It failed in line 13.", "The facts show no line 13."),
        ("It failed after 40 seconds.", "The number 40 does not stand in the facts."),
        ("The file noise.c is broken.", "The facts name no file 'noise.c'."),
        ("Try --with-wave.", "The facts name no option '--with-wave'."),
        ("It failed three times.", "The number 'three' does not stand in the facts."),
        ("It said “no wave today”.", "'no wave today' does not stand in the facts word for word. Do not quote it."),
    ],
)
def test_prose_names_nothing_that_the_facts_do_not(prose: str, why: str | None) -> None:
    assert ungrounded(prose, FACTS) == why


def summary(what: str) -> dict[str, str]:
    return {
        "what": what,
        "why": "The compiler did not find a header.",
        "effect": "There is no program yet.",
        "analysis": "The source includes a header that is not there, so that the compiler gave up.",
    }


def failed(folder: Path, **answers: Any) -> tuple[Any, dict[str, Any]]:
    session, state = begin(folder, **answers)
    log = session.run.logs / "001-build.log"
    log.write_text("cc -c gate.c\n" * 400 + "gate.c:7: fatal error: wave.h: No such file or directory\nmake: stopped\n")
    failure = Failure(
        phase="build", step="build.compile", what="`make` failed.", command="make", log=str(log), status=2
    )
    session.run.record("build.compile", "failed", failed="build.compile", machine=machine(session.run.folder))
    return session, {**state, "failure": failure}


def test_a_bad_end_is_told_by_facts_with_the_models_words_that_hold(tmp_path: Path) -> None:
    session, state = failed(
        tmp_path,
        report_summary=[
            {"when": "Not accepted", "answer": summary("The build stopped, because a header is missing.")},
            {"answer": summary("The build stopped after 77 seconds.")},
        ],
        annotate_excerpt={"notes": [{"line": 401, "says": "The header wave.h was not found."}]},
        next_steps={"steps": ["Find out which package holds wave.h and install it."]},
        noise_lines={"noise": [1]},
    )
    write_report(session, state)
    text = session.run.report.read_text()
    assert "The build stopped, because a header is missing." in text and "77 seconds" not in text
    assert "line 401: The header wave.h was not found." in text
    assert "400 of the 402 lines are noise" in text
    assert "Find out which package holds wave.h" in text
    assert "exit status: 2" in text and "rigil report" in text
    for suffix in (".md", ".html"):
        assert "The build stopped, because a header is missing." in session.run.report.with_suffix(suffix).read_text()
    asked = [json.loads(line)["question"] for line in session.run.transcript.read_text().splitlines()]
    write_report(session, state)
    again = [json.loads(line)["question"] for line in session.run.transcript.read_text().splitlines()]
    assert again == asked  # the same facts are not asked about twice


def test_without_words_that_hold_the_facts_stand_alone(tmp_path: Path) -> None:
    session, state = failed(
        tmp_path,
        report_summary=summary("It took 99 days."),
        annotate_excerpt={"notes": [{"line": 9999, "says": "There is no such line."}]},
        next_steps={"steps": ["Use --magic."]},
        noise_lines={"noise": [8]},
    )
    write_report(session, state)
    text = session.run.report.read_text()
    assert "99 days" not in text and "--magic" not in text
    assert "build.compile failed" in text and "wave.h: No such file or directory" in text

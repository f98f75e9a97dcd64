"""Both agents on a case, with models that know what to say: their claims, their costs, their check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from ruamel.yaml import YAML

from benchmarks.broken_builds import react_agent
from benchmarks.broken_builds.case import load, load_all
from benchmarks.broken_builds.place import Place, skipped, surroundings
from benchmarks.broken_builds.result import Result, Trial
from benchmarks.broken_builds.rigil_agent import ROOT
from benchmarks.broken_builds.run import tried, write
from benchmarks.broken_builds.table import head, line, totals
from configs.settings import load_settings

ANSWERS = ROOT / "tests" / "e2e" / "answers.yaml"
COMMANDS = {
    "sort_command": [{"when": "\nmake\n", "answer": {"kind": "build"}}, {"answer": {"kind": "run"}}],
    "propose_command": {"commands": ["./sampler"]},
}


def rigil(name: str, folder: Path, **answers: Any) -> Result:
    if why := skipped(load(name)):
        pytest.skip(why)
    script = folder / "answers.yaml"
    with script.open("w") as file:
        YAML(typ="safe").dump(YAML(typ="safe").load(ANSWERS) | COMMANDS | answers, file)
    (folder / "case").mkdir()
    return tried("rigil", load(name), folder / "case", f"scripted:{script}", 120, {})


def test_rigil_leaves_a_sound_project_alone(tmp_path: Path) -> None:
    result = rigil("make-noisy-output", tmp_path)
    assert (result.outcome, result.works, result.trial.attempts) == ("verified", True, 0), result
    assert result.trial.calls >= 2 and result.trial.tokens > 0
    assert not result.needless


def test_rigil_hands_a_hopeless_project_over(tmp_path: Path) -> None:
    diagnosis = {"kind": "something_missing", "cause": "The vendor's kit is not there.", "fix": "Get it.", "file": ""}
    quote = "fatal error: qvendor_qpu.h: No such file or directory"
    result = rigil(
        "make-vendor-header",
        tmp_path,
        diagnosis={**diagnosis, "quote": quote, "line": None, "automatic": False},
        decide={"choice": "escalate"},
    )
    assert (result.outcome, result.works) == ("escalated rightly", False), result
    assert "qvendor_qpu.h" in result.trial.diagnosis


def test_rigils_attempts_are_counted_and_its_mending_is_checked(tmp_path: Path) -> None:
    quote = "fatal error: qrand.h: No such file or directory"
    diagnosis = {"kind": "something_missing", "cause": "qrand.h is not there.", "fix": "Install it.", "file": ""}
    result = rigil(
        "cmake-missing-header",
        tmp_path,
        diagnosis={**diagnosis, "quote": quote, "line": None, "automatic": True},
        describe={"summary": "A sampler.", "key_files": ["CMakeLists.txt"]},
        sort_command=[
            {"when": "\ncmake --build", "answer": {"kind": "build"}},
            {"when": "\ncmake -S", "answer": {"kind": "configure"}},
            {"answer": {"kind": "run"}},
        ],
    )
    assert (result.outcome, result.works, result.trial.attempts) == ("verified", True, 1), result


class Talker(GenericFakeChatModel):
    """Says its lines, and calls the tool as they say."""

    def bind_tools(self, tools: Any, **options: Any) -> Talker:
        return self


def calls(command: str) -> AIMessage:
    usage = {"input_tokens": 90, "output_tokens": 10, "total_tokens": 100}
    tool = {"name": "run_shell", "args": {"command": command}, "id": command, "type": "tool_call"}
    return AIMessage("", tool_calls=[tool], usage_metadata=usage)


def react(name: str, folder: Path, *said: AIMessage) -> Result:
    case = load(name)
    place = Place(case, folder)
    model: Iterator[AIMessage] = iter(said)
    with surroundings(place.environment):
        trial = react_agent.run(place, Talker(messages=model), load_settings(), 120)
    home = react_agent.workspace(place)
    return Result("react", case, trial, place.passes(home / "tree", home))


def test_the_baseline_mends_with_its_tool(tmp_path: Path) -> None:
    said = calls("make"), calls("pkgadd libqrand-dev"), calls("make SYSTEM_QRAND=1"), AIMessage("It is done.\n\nBUILT")
    result = react("make-missing-submodule", tmp_path, *said)
    assert result.outcome == "verified", result
    assert result.trial[2:5] == (3, 4, 300)
    transcript = [json.loads(text) for text in (tmp_path / "transcript.jsonl").read_text().splitlines()]
    assert [message["type"] for message in transcript] == ["ai", "tool"] * 3 + ["ai"]
    assert "qrand.h" in transcript[1]["content"] and "libqrand-dev is installed" in transcript[3]["content"]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("BUILT", "false claim"),
        ("**CANNOT**: qvendor_qpu.h is proprietary", "escalated rightly"),
        ("I give up", "no end"),
    ],
)
def test_the_baseline_is_not_believed(said: str, outcome: str, tmp_path: Path) -> None:
    result = react("make-vendor-header", tmp_path, AIMessage(said))
    assert result.outcome == outcome, result


def test_the_results_are_told(tmp_path: Path) -> None:
    case = next(case for case in load_all() if case.kind == "sound")
    trial = Trial("built", attempts=1, calls=3, tokens=70, seconds=2.5)
    results = [Result("rigil", case, trial, True), Result("rigil", case, trial, False, "not on this machine: ninja")]
    assert "a sound project was recovered" in line(results[0])
    assert "not on this machine" in line(results[1])
    assert len(head()) < 130
    text = totals(results)
    assert "sound: verified          1 of 1" in text and "sound ones recovered       1" in text
    write(tmp_path / "out.json", "some:model", results)
    told = json.loads((tmp_path / "out.json").read_text())
    assert [one["outcome"] for one in told["results"]] == ["verified", "skipped"]

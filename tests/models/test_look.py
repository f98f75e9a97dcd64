"""A look around with tools: bounded, told in the transcript, and only by models that can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.look import calls_tools, look
from tests.models.chat_server import ChatServer, Raw, Status, Text
from tests.models.conftest import AskerMaker


def read_log(offset: int) -> str:
    """Read the log."""
    return f"line {offset} of the log"


def tools() -> list[Any]:
    from langchain_core.tools import StructuredTool

    return [StructuredTool.from_function(read_log)]


def scripted(tmp_path: Path, make_asker: AskerMaker, rules: Any) -> Any:
    path = tmp_path / "script.yaml"
    path.write_text(json.dumps({"look": rules}))
    return make_asker(f"scripted:{path}")


def calling(name: str, arguments: dict[str, Any]) -> Raw:
    call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
    body = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
    return Raw(json.dumps(body).encode())


def test_what_the_tools_showed_comes_back_and_every_request_is_in_the_transcript(
    tmp_path: Path, make_asker: AskerMaker
) -> None:
    rules = [{"calls": [{"name": "read_log", "args": {"offset": 40}}], "times": 1}, {"text": "DONE"}]
    asker = scripted(tmp_path, make_asker, rules)
    seen = look(asker, "diagnosis", "make failed", tools(), 4)
    assert seen == "read_log(offset=40):\nline 40 of the log"
    records = make_asker.transcript.records()
    assert [record["question"] for record in records] == ["diagnosis (look)"] * 2
    assert "line 40 of the log" in json.dumps(records[1]["messages"])
    assert asker.budget.transcript.totals().calls == 2


def test_it_is_bounded_and_a_tool_that_is_not_there_is_said(tmp_path: Path, make_asker: AskerMaker) -> None:
    rules = [
        {"calls": [{"name": "no_such", "args": {}}, {"name": "read_log", "args": {"offset": "x"}}], "times": 1},
        {"calls": [{"name": "read_log", "args": {"offset": 1}}]},
    ]
    asker = scripted(tmp_path, make_asker, rules)
    seen = look(asker, "diagnosis", "make failed", tools(), 3)
    assert seen.count("read_log(") == 2
    assert "Not possible" in seen
    assert "There is no tool 'no_such'" in json.dumps(make_asker.transcript.records()[1]["messages"])


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        (calling("note", {"number": 7}), True),
        (calling("note", {"number": 8}), False),
        (Text("I would call note with 7."), False),
    ],
)
def test_whether_a_model_calls_tools_is_found_out_once(
    tmp_path: Path, make_asker: AskerMaker, server: ChatServer, step: Any, wanted: bool
) -> None:
    server.steps = [step]
    asker = make_asker(f"openai:m@{server.url}")
    assert calls_tools(asker, tmp_path) is wanted
    assert calls_tools(asker, tmp_path) is wanted
    assert len(server.requests) == 1
    assert server.requests[0]["tools"][0]["function"]["name"] == "note"


def test_a_model_that_does_not_answer_is_not_judged(tmp_path: Path, make_asker: AskerMaker, server: ChatServer) -> None:
    server.steps = [Status(500)]
    asker = make_asker(f"openai:m@{server.url}")
    assert calls_tools(asker, tmp_path) is False
    assert not (tmp_path / "models.json").exists()
    assert look(asker, "diagnosis", "make failed", tools(), 3) == ""


def test_the_catalogue_says_it_of_the_embedded_model(tmp_path: Path, make_asker: AskerMaker) -> None:
    asker = make_asker("embedded:qwen2.5-coder-1.5b")
    assert calls_tools(asker, tmp_path) is False
    assert make_asker.transcript.records() == []

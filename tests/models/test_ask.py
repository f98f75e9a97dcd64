from __future__ import annotations

import json
import socket
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any, Literal

import jinja2
import pytest
from pydantic import BaseModel, Field

from models.ask import Asker
from models.errors import BudgetSpent, ModelUnreachable, Rejected
from tests.models.chat_server import ChatServer, Drop, Raw, Silence, Status, Step, Text
from tests.models.conftest import AskerMaker

PROMPT = """---
max_tokens: 77
---
Say what failed. Kinds:
{% for o in options.kind %}
- {{ o }}
{% endfor %}
=====
{{ log | fence("build log") }}
What failed?
"""

MISSING = '{"kind": "missing", "name": "Eigen"}'
SYNTAX = '{"kind": "syntax", "name": ""}'


class Diagnosis(BaseModel):
    kind: Literal["missing", "syntax"] = Field(json_schema_extra={"options": {"missing": "not installed"}})
    name: str


def not_syntax(diagnosis: Diagnosis) -> str | None:
    return "The compiler accepted the source." if diagnosis.kind == "syntax" else None


@pytest.fixture(autouse=True)
def diagnosis_prompt(prompts: Path) -> None:
    (prompts / "diagnosis.md").write_text(PROMPT)


@pytest.fixture
def asker(server: ChatServer, make_asker: AskerMaker) -> Asker:
    return make_asker(f"openai:hand@{server.url}", model_call={"timeout_s": 20, "tries": 3})


def ask(asker: Asker, log: str = "Eigen: no such file", **options: Any) -> Diagnosis:
    return asker.ask("diagnosis", Diagnosis, log=log, **options)


def messages(request: dict[str, Any]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in request["messages"]]


def test_an_answer_comes_back_typed_and_the_request_says_what_was_asked(asker: Asker, server: ChatServer) -> None:
    server.steps = [Text(MISSING)]
    assert ask(asker) == Diagnosis(kind="missing", name="Eigen")
    (request,) = server.requests
    assert messages(request) == [
        ("system", "Question: diagnosis\nSay what failed. Kinds:\n- missing: not installed\n- syntax"),
        ("user", "build log:\n```\nEigen: no such file\n```\nWhat failed?"),
    ]
    assert request["max_tokens"] == 77
    assert request["temperature"] == 0
    assert request["response_format"]["type"] == "json_schema"
    schema = request["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["kind"]["enum"] == ["missing", "syntax"]
    assert schema["additionalProperties"] is False
    assert "not installed" not in json.dumps(schema)


def test_the_front_is_the_same_bytes_for_every_call(asker: Asker, server: ChatServer) -> None:
    server.steps = [Text(MISSING)]
    ask(asker, "one")
    ask(asker, "{{ options.kind }} two")
    fronts = [request["messages"][0]["content"].encode() for request in server.requests]
    assert fronts[0] == fronts[1]
    assert "{{ options.kind }} two" in server.requests[1]["messages"][1]["content"]


def test_evidence_that_the_prompt_names_must_be_given(asker: Asker, server: ChatServer) -> None:
    with pytest.raises(jinja2.UndefinedError, match="log"):
        asker.ask("diagnosis", Diagnosis)
    assert server.requests == []


def test_an_oracle_sends_its_sentence_back_once(asker: Asker, server: ChatServer) -> None:
    server.steps = [Text(SYNTAX), Text(MISSING)]
    assert ask(asker, oracles=[not_syntax]).kind == "missing"
    first, second = map(messages, server.requests)
    assert second == [
        *first,
        ("assistant", SYNTAX),
        ("user", "Not accepted: The compiler accepted the source. Answer again."),
    ]
    assert [record["oracle"] for record in asker.transcript.records()] == [
        "The compiler accepted the source.",
        None,
    ]


def test_a_second_refusal_is_final(asker: Asker, server: ChatServer) -> None:
    server.steps = [Text(SYNTAX)]
    with pytest.raises(Rejected) as caught:
        ask(asker, oracles=[lambda _: None, not_syntax])
    assert len(server.requests) == 2
    assert caught.value.question == "diagnosis"
    assert caught.value.answer_json == SYNTAX
    assert caught.value.sentence == "The compiler accepted the source."


def test_the_first_oracle_that_refuses_decides(asker: Asker, server: ChatServer) -> None:
    server.steps = [Text(SYNTAX)]
    with pytest.raises(Rejected, match="First"):
        ask(asker, oracles=[lambda _: "First.", lambda _: "Second."])


@pytest.mark.parametrize(
    "text",
    [
        f"Sure, here it is:\n```json\n{MISSING}\n```\nAnything else?",
        f"<think>The set {{a, b}} or {SYNTAX} maybe</think>\n{MISSING}",
        f"  {MISSING}\n\n{{not json}}",
    ],
)
def test_the_object_is_found_in_what_stands_around_it(asker: Asker, server: ChatServer, text: str) -> None:
    server.steps = [Text(text)]
    assert ask(asker).name == "Eigen"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ('{"kind": "missing", "na', "no JSON object"),
        ('{"kind": "weather", "name": ""}', "`kind`: Input should be 'missing' or 'syntax'"),
        ("I cannot say.", "no JSON object"),
        ("[1, 2]", "no JSON object"),
        ("", "no JSON object"),
    ],
)
def test_an_answer_that_does_not_parse_is_repaired_once(
    asker: Asker, server: ChatServer, bad: str, sentence: str
) -> None:
    server.steps = [Text(bad), Text(MISSING)]
    assert ask(asker).name == "Eigen"
    assert messages(server.requests[1])[-2] == ("assistant", bad or "(nothing)")
    assert sentence in messages(server.requests[1])[-1][1]
    first, second = asker.transcript.records()
    assert (first["parsed"], second["parsed"]) == (False, True)
    assert sentence in first["invalid"]

    server.steps = [Text(bad)]
    with pytest.raises(Rejected, match="diagnosis"):
        ask(asker)
    assert len(server.requests) == 4


def test_an_answer_that_was_cut_off_is_invalid_even_where_it_parses(asker: Asker, server: ChatServer) -> None:
    server.steps = [Text(MISSING, finish="length")]
    with pytest.raises(Rejected, match="cut off"):
        ask(asker)
    (record, _) = asker.transcript.records()
    assert record["answer"] == MISSING
    assert (record["input_tokens"], record["output_tokens"]) == (100, 10)


def test_repair_and_oracle_each_have_their_one_chance(asker: Asker, server: ChatServer) -> None:
    server.steps = [Text("What?"), Text(SYNTAX), Text(MISSING)]
    assert ask(asker, oracles=[not_syntax]).kind == "missing"
    assert len(server.requests) == 3


def test_a_server_without_schemas_gets_the_schema_in_words(asker: Asker, server: ChatServer) -> None:
    server.refuses_schema = True
    server.steps = [Text(f"Of course!\n{MISSING}")]
    assert ask(asker).name == "Eigen"
    refused, plain = server.requests
    assert "response_format" in refused and "response_format" not in plain
    assert messages(plain)[0] == messages(refused)[0]
    assert '"enum": ["missing", "syntax"]' in messages(plain)[1][1]

    ask(asker)
    assert len(server.requests) == 3, "the refusal is remembered"


def test_a_request_that_is_refused_either_way_is_unreachable(asker: Asker, server: ChatServer) -> None:
    server.steps = [Status(400, "max_tokens must be smaller")]
    with pytest.raises(ModelUnreachable, match="max_tokens must be smaller"):
        ask(asker)
    assert len(server.requests) == 2


def test_a_prompt_that_does_not_fit_is_rejected(asker: Asker, server: ChatServer) -> None:
    server.steps = [Status(400, "the request exceeds the available context size")]
    with pytest.raises(Rejected, match="does not fit"):
        ask(asker)
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [Status(500), Status(503), Status(429), Drop(), Raw(b'{"id": "1', 500)])
def test_faults_that_pass_are_tried_again(
    asker: Asker, server: ChatServer, make_asker: AskerMaker, fault: Step
) -> None:
    server.steps = [fault, fault, Text(MISSING)]
    assert ask(asker).name == "Eigen"
    assert len(server.requests) == 3
    assert len(make_asker.waits) == 2
    assert 0 < make_asker.waits[0] < make_asker.waits[1] + 1
    first, second, third = asker.transcript.records()
    assert first["error"] and second["error"] and "error" not in third
    assert asker.transcript.totals().calls == 1


@pytest.mark.parametrize("fault", [Status(500), Status(429), Drop(), Raw(b'{"id": "1', 500)])
def test_faults_that_stay_end_after_the_tries_that_are_allowed(asker: Asker, server: ChatServer, fault: Step) -> None:
    server.steps = [fault]
    with pytest.raises(ModelUnreachable, match="rigil resume"):
        ask(asker)
    assert len(server.requests) == 3


def test_the_last_try_goes_without_the_schema_where_the_server_broke_each_time(
    asker: Asker, server: ChatServer
) -> None:
    server.steps = [Status(500, "the output does not match"), Status(500), Text(f"Well: {MISSING}")]
    assert ask(asker).name == "Eigen"
    first, second, third = server.requests
    assert "response_format" in first and "response_format" in second and "response_format" not in third
    assert '"enum": ["missing", "syntax"]' in messages(third)[1][1]
    ask(asker)
    assert "response_format" in server.requests[3], "it is no refusal that would be remembered"


def test_a_refused_connection(make_asker: AskerMaker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    asker = make_asker(f"openai:hand@http://127.0.0.1:{port}/v1", model_call={"timeout_s": 20, "tries": 2})
    with pytest.raises(ModelUnreachable, match=r"hand.*Check that its server runs.*refused"):
        ask(asker)
    assert len(asker.transcript.records()) == 2


def test_a_server_that_says_nothing(make_asker: AskerMaker, server: ChatServer) -> None:
    server.steps = [Silence()]
    asker = make_asker(f"openai:hand@{server.url}", model_call={"timeout_s": 0.2, "tries": 2})
    with pytest.raises(ModelUnreachable, match="did not answer"):
        ask(asker)
    assert len(server.requests) == 2


def test_retry_after_is_honoured_in_seconds_and_as_a_date(
    asker: Asker, server: ChatServer, make_asker: AskerMaker
) -> None:
    date = formatdate(time.time() + 90, usegmt=True)
    server.steps = [
        Status(429, headers=(("Retry-After", "7"),)),
        Status(503, headers=(("Retry-After", date),)),
        Text(MISSING),
    ]
    ask(asker)
    assert make_asker.waits[0] == 7
    assert 60 < make_asker.waits[1] <= 90


def test_a_wait_beyond_patience_is_not_waited(asker: Asker, server: ChatServer, make_asker: AskerMaker) -> None:
    server.steps = [Status(429, headers=(("Retry-After", "3600"),))]
    with pytest.raises(ModelUnreachable, match="asks to wait 3600 s"):
        ask(asker)
    assert (len(server.requests), make_asker.waits) == (1, [])


def test_no_wait_goes_past_the_budget(make_asker: AskerMaker, server: ChatServer) -> None:
    server.steps = [Status(429, headers=(("Retry-After", "30"),))]
    asker = make_asker(f"openai:hand@{server.url}", started=time.time() - 80, budget={"seconds": 100})
    with pytest.raises(ModelUnreachable):
        ask(asker)
    assert make_asker.waits == []


@pytest.mark.parametrize(("code", "advice"), [(401, "key"), (403, "key"), (404, "name and address")])
def test_what_no_try_can_mend_ends_at_once_with_advice(
    asker: Asker, server: ChatServer, code: int, advice: str
) -> None:
    server.steps = [Status(code, "nope")]
    with pytest.raises(ModelUnreachable, match=f"{advice}.*nope"):
        ask(asker)
    assert len(server.requests) == 1


def test_the_budget_is_checked_before_every_request(make_asker: AskerMaker, server: ChatServer) -> None:
    server.steps = [Text(SYNTAX)]
    asker = make_asker(f"openai:hand@{server.url}", budget={"calls": 1})
    with pytest.raises(BudgetSpent, match="1 calls"):
        ask(asker, oracles=[not_syntax])
    assert len(server.requests) == 1


def test_every_request_is_in_the_transcript(asker: Asker, server: ChatServer) -> None:
    server.steps = [Text(MISSING)]
    before = time.time()
    ask(asker)
    ask(asker, quiet=True)
    first, second = asker.transcript.records()
    assert before <= first.pop("time") <= second["time"] <= time.time()
    assert first.pop("seconds") > 0
    assert first.pop("messages") == server.requests[0]["messages"]
    assert first == {
        "n": 1,
        "question": "diagnosis",
        "model": f"openai:hand@{server.url}",
        "schema": "Diagnosis",
        "answer": MISSING,
        "parsed": True,
        "oracle": None,
        "input_tokens": 100,
        "output_tokens": 10,
    }
    assert (second["n"], second["quiet"]) == (2, True)


def test_tokens_are_estimated_where_the_server_counts_none(asker: Asker, server: ChatServer) -> None:
    server.counts_tokens = False
    server.steps = [Text(MISSING)]
    ask(asker, "x" * 4000)
    (record,) = asker.transcript.records()
    assert 1000 < record["input_tokens"] < 1100
    assert record["output_tokens"] == len(MISSING) // 4


def test_no_model_is_made_before_the_first_question(make_asker: AskerMaker) -> None:
    asker = make_asker("anthropic:no-key-for-it")
    assert asker.form == "small"

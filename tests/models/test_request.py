"""One request through a provider whose wire format and errors are its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from configs.settings import load_settings
from models.providers import make_chat_model
from models.request import Failure, Reply, send
from tests.models.chat_server import ChatServer, Raw, Status

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MESSAGES = [{"role": "system", "content": "front"}, {"role": "user", "content": "evidence"}]
SCHEMA = {"title": "A", "type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


@pytest.fixture
def gemini(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> BaseChatModel:
    monkeypatch.setenv("GEMINI_API_KEY", "k")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    return make_chat_model("google:gemini-x", load_settings())


def generated(text: str, reason: str) -> Raw:
    body = {
        "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": reason}],
        "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10},
    }
    return Raw(json.dumps(body).encode())


@pytest.mark.parametrize(("reason", "truncated"), [("STOP", False), ("MAX_TOKENS", True)])
def test_gemini_gets_the_schema_and_the_limit(
    gemini: BaseChatModel, server: ChatServer, reason: str, truncated: bool
) -> None:
    server.steps = [generated('{"a": "b"}', reason)]
    assert send(gemini, MESSAGES, 33, SCHEMA) == Reply('{"a": "b"}', truncated, 7, 3)
    settings = server.requests[0]["generationConfig"]
    assert settings["maxOutputTokens"] == 33
    assert settings["responseJsonSchema"] == SCHEMA
    assert settings["temperature"] == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, "refused"), (401, "closed"), (403, "closed"), (404, "closed"), (429, "again"), (503, "again")],
)
def test_what_gemini_refuses_is_told_apart(gemini: BaseChatModel, server: ChatServer, code: int, kind: str) -> None:
    server.steps = [Status(code, headers=(("retry-after", "9"),))]
    with pytest.raises(Failure) as caught:
        send(gemini, MESSAGES, 33, SCHEMA)
    assert (caught.value.kind, caught.value.status) == (kind, code)
    assert caught.value.wait_s == (9 if kind == "again" else None)
    assert len(server.requests) == 1


def test_what_is_no_failed_request_stays_what_it_is(gemini: BaseChatModel) -> None:
    with pytest.raises(ValueError, match="Invalid input type"):
        send(gemini, object(), 33, SCHEMA)  # type: ignore[arg-type]

from __future__ import annotations

from pathlib import Path

import pytest

from configs.settings import load_settings
from models.errors import ModelError
from models.providers import make_chat_model
from tests.models.chat_server import ChatServer, Status, Text

SETTINGS = load_settings()


@pytest.mark.parametrize(
    ("spec", "variable"),
    [
        ("openai:gpt-x", "OPENAI_API_KEY"),
        ("google:gemini-x", "GOOGLE_API_KEY or GEMINI_API_KEY"),
    ],
)
def test_a_missing_key_is_named(spec: str, variable: str) -> None:
    with pytest.raises(ModelError, match=f"set {variable}"):
        make_chat_model(spec, SETTINGS)


def test_an_extra_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "langchain_anthropic", None)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    with pytest.raises(ModelError, match=r"pip install 'rigil\[anthropic\]'"):
        make_chat_model("anthropic:claude-x", SETTINGS)


def test_a_script_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelError, match=r"/no/such\.yaml is not there"):
        make_chat_model("scripted:/no/such.yaml", SETTINGS)


def test_an_embedded_model_that_was_not_fetched_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"rigil models pull embedded:qwen2\.5-coder-1\.5b"):
        make_chat_model("embedded:qwen2.5-coder-1.5b", SETTINGS)
    with pytest.raises(ModelError, match="no file for embedded:unheard-of"):
        make_chat_model("embedded:unheard-of", SETTINGS)


def test_the_address_in_the_name_is_used_with_no_key(server: ChatServer) -> None:
    server.steps = [Text("hello")]
    assert make_chat_model(f"openai:m@{server.url}", SETTINGS).invoke("hi").text == "hello"
    assert server.requests[0]["model"] == "m"


def test_the_address_and_the_key_of_the_environment_are_used(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "k-123")
    server.steps = [Text("hello")]
    assert make_chat_model("openai:m", SETTINGS).invoke("hi").text == "hello"
    assert server.headers[0]["authorization"] == "Bearer k-123"


@pytest.mark.parametrize("form", ["{host}:{port}", "http://{host}:{port}", "0.0.0.0:{port}"])
def test_ollama_is_found_by_its_host_variable(server: ChatServer, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("OLLAMA_HOST", form.format(host="127.0.0.1", port=server.http.server_port))
    server.steps = [Text("hello")]
    assert make_chat_model("ollama:m", SETTINGS).invoke("hi").text == "hello"


def test_the_usual_address_of_ollama() -> None:
    model = make_chat_model("ollama:m", SETTINGS)
    assert getattr(model, "openai_api_base", None) == "http://127.0.0.1:11434/v1"


def test_a_client_makes_one_try(server: ChatServer) -> None:
    server.steps = [Status(500)]
    with pytest.raises(Exception, match="by hand"):
        make_chat_model(f"openai:m@{server.url}", SETTINGS).invoke("hi")
    assert len(server.requests) == 1

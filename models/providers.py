"""From ``provider:name`` to a LangChain chat model."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from configs.settings import Settings
from models.catalogue import ModelEntry, entry, providers
from models.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def make_chat_model(
    spec: str, settings: Settings, *, log: Path | None = None, threads: int | None = None
) -> BaseChatModel:
    """The chat model for ``provider:name`` or ``openai:name@http://host/v1``, at temperature 0.

    It makes one try per request; trying again is the business of whoever asks.

    Args:
        spec: as in the setting ``model``.
        settings: for the timeout of one request.
        log: a file for what a model that runs in this process says when it starts.
        threads: how many such a model has; see `models.embedded.embedded_model`.

    Raises:
        ModelError: if the provider is unknown or not installed, a key is missing, or a file is not there.
    """
    model = entry(spec)
    timeout_s = settings.model_call.timeout_s
    match model.provider:
        case "openai" | "ollama":
            return _openai(model, timeout_s)
        case "google":
            return _google(model, timeout_s)
        case "anthropic":
            return _anthropic(model, timeout_s)
        case "embedded":
            from models.embedded import embedded_model

            return embedded_model(model, timeout_s=timeout_s, log=log, threads=threads)
        case "scripted":
            return _scripted(model)
    raise ModelError(f"The catalogue names the provider {model.provider}, but nothing makes its models.")


def _key(model: ModelEntry) -> SecretStr:
    variables = providers()[model.provider].keys
    for variable in variables:
        if key := os.environ.get(variable):
            return SecretStr(key)
    raise ModelError(
        f"{model.spec} needs a key: set {' or '.join(variables)} in the environment, or use another model with --model."
    )


def _address(model: ModelEntry) -> str | None:
    """The base URL of an OpenAI-compatible server; a bare ``host:port`` is completed."""
    provider = providers()[model.provider]
    given = os.environ.get(provider.address_variable or "")
    if model.base_url or not given:
        return model.base_url or provider.base_url
    if "://" in given:
        return given if provider.base_url is None or given.endswith("/v1") else f"{given.rstrip('/')}/v1"
    host, _, port = given.partition(":")
    return f"http://{host.replace('0.0.0.0', '127.0.0.1')}:{port or 11434}/v1"


def _openai(model: ModelEntry, timeout_s: float) -> BaseChatModel:
    """OpenAI itself, or a server that speaks its API; such a server needs no key unless it says so."""
    from langchain_openai import ChatOpenAI
    from langchain_openai.chat_models.base import BaseChatOpenAI

    from models.deadline import client

    address = _address(model)
    if address is None:
        return ChatOpenAI(
            model=model.name,
            api_key=_key(model),
            temperature=0,
            timeout=timeout_s,
            max_retries=0,
            http_client=client(timeout_s),
        )
    key = next(filter(None, map(os.environ.get, providers()[model.provider].keys)), "none")
    # ChatOpenAI would rename max_tokens to what only newer servers know.
    return BaseChatOpenAI(
        model=model.name,
        base_url=address,
        api_key=SecretStr(key),
        temperature=0,
        timeout=timeout_s,
        max_retries=0,
        http_client=client(timeout_s),
        use_responses_api=False,
    )


def _google(model: ModelEntry, timeout_s: float) -> BaseChatModel:
    from langchain_google_genai import ChatGoogleGenerativeAI

    # Here 1 means one try; 0 would mean the client's own default of several.
    return ChatGoogleGenerativeAI(
        model=model.name, api_key=_key(model), temperature=0, timeout=timeout_s, max_retries=1
    )


def _anthropic(model: ModelEntry, timeout_s: float) -> BaseChatModel:
    try:
        package = importlib.import_module("langchain_anthropic")
    except ModuleNotFoundError as error:
        raise ModelError(
            f"{model.spec} needs the extra `anthropic`: python -m pip install 'rigil[anthropic]'"
        ) from error
    made: BaseChatModel = package.ChatAnthropic(
        model=model.name, api_key=_key(model), temperature=0, timeout=timeout_s, max_retries=0
    )
    return made


def _scripted(model: ModelEntry) -> BaseChatModel:
    from models.scripted import ScriptedChatModel

    path = Path(model.name).expanduser()
    if not path.is_file():
        raise ModelError(f"{path} is not there; scripted: takes the path of a YAML file.")
    return ScriptedChatModel(path=path)

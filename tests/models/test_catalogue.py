from __future__ import annotations

import pytest

from models.catalogue import HubSource, WheelSource, entries, entry, providers
from models.errors import ModelError


def test_the_embedded_model_is_described_in_full() -> None:
    model = entry("embedded:qwen2.5-coder-1.5b")
    assert model.form == "small"
    assert model.bytes == 1_117_320_768
    assert model.sha256 == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    hub, wheels = model.sources
    assert isinstance(hub, HubSource) and hub.huggingface == "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF"
    assert isinstance(wheels, WheelSource) and wheels.parts == 22
    assert wheels.member.format(part=7) == "data/part07.bin"


def test_every_entry_of_the_catalogue_is_valid() -> None:
    assert "embedded:qwen2.5-coder-1.5b" in [model.spec for model in entries()]


@pytest.mark.parametrize(
    ("spec", "provider", "name", "base_url"),
    [
        ("openai:gpt-x", "openai", "gpt-x", None),
        (
            "openai:org/name:free@https://host.example/v1",
            "openai",
            "org/name:free",
            "https://host.example/v1",
        ),
        ("ollama:qwen2.5-coder:7b", "ollama", "qwen2.5-coder:7b", None),
        ("scripted:/tmp/a b@c.yaml", "scripted", "/tmp/a b@c.yaml", None),
    ],
)
def test_a_name_that_the_catalogue_lacks_is_fine(spec: str, provider: str, name: str, base_url: str | None) -> None:
    model = entry(spec)
    assert (model.provider, model.name, model.base_url, model.form) == (provider, name, base_url, "free")


@pytest.mark.parametrize("spec", ["cohere:x", "gpt-x", "", "openai:", ":x"])
def test_an_unknown_provider_is_answered_with_the_known_ones(spec: str) -> None:
    with pytest.raises(ModelError) as caught:
        entry(spec)
    assert all(provider in str(caught.value) for provider in providers())

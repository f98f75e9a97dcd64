"""Settings: packaged defaults, then the person's file, then the environment."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML

from configs import FOLDER

Approval = Literal["ask", "safe", "all"]


class SettingsError(ValueError):
    """A settings file that cannot be used; the message says which line to mend."""


class Section(BaseModel):
    """A group of settings; a key that does not exist is an error, not a silent nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Budget(Section):
    """What one run may spend before it escalates."""

    attempts: int = Field(ge=1)
    calls: int = Field(ge=1)
    tokens: int = Field(ge=1)
    seconds: float = Field(gt=0)


class Limits(Section):
    """What one command may take."""

    command_s: float = Field(gt=0)
    test_s: float = Field(gt=0)
    program_s: float = Field(gt=0)
    output_mib: int = Field(ge=1)
    memory_gib: float = Field(ge=0)
    processes: int = Field(ge=0)
    file_gib: float = Field(ge=0)
    cpu_s: int = Field(ge=0)


def _named(host: str) -> str:
    if not re.fullmatch(
        r"(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?(:\d{1,5})?|\[[0-9a-fA-F:.]+\](:\d{1,5})?", host
    ):
        raise ValueError(f"{host!r} names no host; write HOST, HOST:PORT or *.DOMAIN")
    return host


class Network(Section):
    """What commands may reach once they were granted the network."""

    hosts: tuple[Annotated[str, AfterValidator(_named)], ...]


class Tests(Section):
    """How the backend's own tests are found and run."""

    listing_s: float = Field(gt=0)
    one_s: float = Field(gt=0)
    one_by_one: int = Field(ge=1)
    alone: int = Field(ge=0)
    again: int = Field(ge=1, le=3)
    words: tuple[str, ...]


class ModelCall(Section):
    """How one request to a model is made."""

    timeout_s: float = Field(gt=0)
    tries: int = Field(ge=1)


class Look(Section):
    """A look around with tools before a question, for models that call tools well."""

    calls: int = Field(ge=0)


class Verify(Section):
    """When a measured distribution counts as wrong."""

    power: float = Field(gt=0, lt=1)
    significance: float = Field(gt=0, lt=1)
    distance: float = Field(gt=0, lt=1)
    random_circuits: int = Field(ge=0)
    """Random circuits that a wrapper has to get right before it is installed."""


class Benchmark(Section):
    """What measuring a backend's speed may take."""

    seconds: float = Field(ge=0)
    """Wall time of the whole measurement, the reference included; 0: nothing is measured."""
    repeats: int = Field(ge=1)
    """Timed runs of each circuit, after one that warms up."""


class Jobs(Section):
    """What a batch scheduler is told of a job; what is empty is left to it."""

    minutes: int = Field(ge=1)
    queue: str
    account: str


class Health(Section):
    """How a registered backend is watched over."""

    max_age_s: float = Field(ge=0)
    """`rigil run` repeats a check that is older; 0: it never checks."""
    history: int = Field(ge=1)
    """Checks that are kept in the registry."""
    slower: float = Field(gt=1)
    """Times its usual time, from which a check that passes is called degraded."""


class Keep(Section):
    """What is kept of what is over."""

    runs: int = Field(ge=0)
    """Finished runs that are kept, the newest; 0: all."""


class Progress(Section):
    """How a model reads a running build."""

    live: bool
    share: float = Field(gt=0, le=1)
    warning_words: tuple[str, ...]
    seconds_remote: float = Field(gt=0)
    seconds_embedded: float = Field(gt=0)


class Watch(Section):
    """How a running command is watched."""

    seconds_remote: float = Field(gt=0)
    still_s: float = Field(gt=0)
    intervene: Literal["offer", "stop"]


class Excerpt(Section):
    """How much of a log a model is shown."""

    lines: int = Field(ge=5)
    characters: int = Field(ge=400)
    failure_words: tuple[str, ...]


class Settings(Section):
    """All settings of a run. Times are in seconds, sizes in the unit that the name says."""

    model: str
    """``provider:name`` of the chat model."""
    approve: Approval
    budget: Budget
    limits: Limits
    network: Network
    tests: Tests
    model_call: ModelCall
    look: Look
    verify: Verify
    benchmark: Benchmark
    jobs: Jobs
    health: Health
    keep: Keep
    progress: Progress
    watch: Watch
    excerpt: Excerpt


def state_folder() -> Path:
    """Where runs, recipes, workspaces and checkpoints lie (``RIGIL_STATE`` overrides it)."""
    return Path(os.environ.get("RIGIL_STATE") or platformdirs.user_state_path("rigil")).expanduser().absolute()


def cache_folder() -> Path:
    """Where model files lie, shared by all checkouts (``RIGIL_CACHE`` overrides it)."""
    return Path(os.environ.get("RIGIL_CACHE") or platformdirs.user_cache_path("rigil")).expanduser().absolute()


def settings_file() -> Path:
    """The person's own settings file (``RIGIL_SETTINGS`` overrides it); it need not exist."""
    default = platformdirs.user_config_path("rigil") / "settings.yaml"
    return Path(os.environ.get("RIGIL_SETTINGS") or default).expanduser().absolute()


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    return base | {
        key: _merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in over.items()
    }


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; ``overrides`` that are not None go before everything else.

    Raises:
        SettingsError: if the person's file is not YAML or holds an unknown or impossible setting.
    """
    yaml = YAML(typ="safe")
    values = yaml.load(FOLDER / "settings.yaml")
    path = settings_file()
    if path.exists():
        try:
            own = yaml.load(path) or {}
        except Exception as error:
            raise SettingsError(f"{path} is not valid YAML: {error}") from error
        if not isinstance(own, dict):
            raise SettingsError(f"{path} must hold `name: value` lines, as configs/settings.yaml does.")
        values = _merged(values, own)
    if model := os.environ.get("RIGIL_MODEL"):
        values["model"] = model
    values = _merged(values, {key: value for key, value in overrides.items() if value is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(f"Setting `{where}`: {first['msg']}. Mend it in {path}.") from error

"""What a checkpoint holds: decisions, attempts and paths, as plain JSON. Logs and evidence lie in the run's folder."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

Choice = Literal["retry", "recover", "escalate"]


class Failure(TypedDict):
    """A step that did not do what its oracle asks."""

    phase: str
    step: str
    """``phase.step``, where the graph goes back to."""
    what: str
    """One sentence: what the oracle saw."""
    command: str | None
    log: str | None
    """Path of the log that shows it."""


class Attempt(TypedDict):
    """One try at mending a failed step."""

    step: str
    failure: str
    """The failure's ``what`` before the attempt."""
    signature: str
    """Hash that two failures share where the same thing failed in the same way."""
    action: dict[str, Any]
    outcome: str


def ended(attempt: Attempt, outcome: str) -> Attempt:
    """The attempt with what came of it."""
    return Attempt(**{**attempt, "outcome": outcome})


class Input(TypedDict, total=False):
    """What a run starts from; only ``source`` has to be given."""

    source: str
    """A folder, a git address or a source archive."""
    name: str
    """The backend's name; the source's name where it is not given."""
    model: str
    """``provider:name``; the setting where it is not given."""
    approve: str
    """``ask``, ``safe`` or ``all``; the setting where it is not given."""
    proxima_home: str
    until: str
    """The phase after which the run ends; all phases where it is not given."""
    run: str
    """Id of a run folder that was already made."""


class State(Input, total=False):
    """The whole state. Every key is overwritten, never appended to, so that subgraphs can share them."""

    at: str | None
    """The step to begin with in the phase that comes next; None for its first."""
    failure: Failure | None
    diagnosis: dict[str, Any] | None
    choice: Choice | None
    action: dict[str, Any] | None
    """What recovery is about to do, with ``permit`` once the person or the settings granted it."""
    attempts: list[Attempt]
    reached: dict[str, str]
    """Step -> the sentence of the oracle that settled it."""
    skipped: list[str]
    hint: str | None
    """What the person said last, for the next question."""
    stopped: bool

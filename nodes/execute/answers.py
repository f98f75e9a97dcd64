"""What is asked about running circuits on a backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

NOTHING_SAID = "nothing of it is said"
WAITS = {"10 seconds": 10, "1 minute": 60, "10 minutes": 600, "1 hour": 3600}
"""Up to how long a person may be advised to wait, in seconds."""
PROGRESS = {
    "lines": "it prints lines while it runs",
    "file": "it writes a file while it runs",
    "nothing": "it shows nothing before the result",
}
ENDED = {
    "process": "its process ends, with the result",
    "file": "its process ends at once and a file appears later",
    "service": "its process ends at once and something has to be asked",
}


def advice_among(sentences: Sequence[str]) -> type[BaseModel]:
    """How a run is best followed, and which sentence of the documents says something of it."""
    literal: Any = Literal
    shown: Any = {"options": dict(PROGRESS)}
    seen: Any = {"options": dict(ENDED)}
    return create_model(
        "RunAdvice",
        says=literal[(*sentences, NOTHING_SAID)],
        progress=(literal[tuple(PROGRESS)], Field(json_schema_extra=shown)),
        ended=(literal[tuple(ENDED)], Field(json_schema_extra=seen)),
        wait=literal[tuple(WAITS)],
    )

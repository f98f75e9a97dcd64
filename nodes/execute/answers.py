"""What is asked about running circuits on a backend."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

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


class RunAdvice(BaseModel):
    """How a run on this simulator is best followed."""

    quote: str = Field(max_length=240)
    """Copied from the documents; empty where they say nothing of it."""
    progress: Literal["lines", "file", "nothing"] = Field(json_schema_extra={"options": dict(PROGRESS)})
    ended: Literal["process", "file", "service"] = Field(json_schema_extra={"options": dict(ENDED)})
    wait: Literal["10 seconds", "1 minute", "10 minutes", "1 hour"]

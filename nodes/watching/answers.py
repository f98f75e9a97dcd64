"""What a running command's watcher asks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

Health = Literal["healthy", "watch", "intervene"]


class ProcessHealth(BaseModel):
    """How a running command is."""

    rests_on: str = Field(max_length=200)
    """What shows it: a row of the samples, a line of the log or a fact, copied."""
    health: Health = Field(
        json_schema_extra={
            "options": {
                "healthy": "it does what is expected, or may well do so in silence",
                "watch": "something is unusual, and waiting will show what it comes to",
                "intervene": "it is stuck, goes round in circles or will run out of memory: waiting would help nothing",
            }
        }
    )

"""What a build asks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Strategy(BaseModel):
    """How to build where an earlier build left its files."""

    strategy: Literal["incremental", "reconfigure", "clean"] = Field(
        json_schema_extra={
            "options": {
                "incremental": "run the build only; it compiles what changed",
                "reconfigure": "run all commands again over what is there",
                "clean": "remove what the earlier build made and run all commands",
            }
        }
    )


class BuildProgress(BaseModel):
    """What a running build says of itself."""

    doing: str = Field(max_length=120)
    """What is being made, copied from the newest line."""
    words: str = Field(max_length=60)
    """The words that tell how far it is, copied, or nothing."""
    done: int | None = Field(ge=0)
    total: int | None = Field(ge=1)

"""What a build asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

STRATEGIES = {
    "incremental": "run the build only; it compiles what changed",
    "reconfigure": "run all commands again over what is there",
    "clean": "remove what the earlier build made and run all commands",
}
"""How to build where an earlier build left its files, the weakest first."""


def strategy_among(options: Sequence[str], files: Sequence[str]) -> type[BaseModel]:
    """An answer with a ``strategy`` out of the options and the ``files`` that it rests on, out of those that count."""
    literal: Any = Literal
    described: Any = {"options": {name: STRATEGIES[name] for name in options}}
    file: Any = literal[tuple(files)] if files else str
    return create_model(
        "Strategy",
        strategy=(literal[tuple(options)], Field(json_schema_extra=described)),
        files=(list[file], Field(max_length=5 if files else 0)),
    )


class BuildProgress(BaseModel):
    """What a running build says of itself."""

    doing: str = Field(max_length=120)
    """What is being made, copied from the newest line."""
    words: str = Field(max_length=60)
    """The words that tell how far it is, copied, or nothing."""
    done: int | None = Field(ge=0)
    total: int | None = Field(ge=1)
    warnings: list[str] = Field(max_length=3)
    """Lines that warn, copied."""
    errors: list[str] = Field(max_length=3)
    """Lines that tell of a failure, copied."""
    go_on: Literal["continue", "abort"] = Field(
        json_schema_extra={
            "options": {
                "continue": "it works, or may still work",
                "abort": "it hangs, or goes on failing in the same way: waiting would help nothing",
            }
        }
    )

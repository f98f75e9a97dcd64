"""What the survey asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

CommandKind = Literal["release", "dependency", "source", "configure", "build", "test", "run", "other"]


class Command(BaseModel):
    """What a command line of a document is for."""

    kind: CommandKind = Field(
        json_schema_extra={
            "options": {
                "release": "installs a published copy of this project instead of building these sources",
                "dependency": "installs something else that the project needs",
                "source": "gets the sources or goes into their folder",
                "configure": "prepares the build",
                "build": "builds these sources, or installs them from this folder",
                "test": "runs the project's tests",
                "run": "runs the built program",
                "other": "anything else, or not a command",
            }
        }
    )


class Description(BaseModel):
    """What the project is."""

    summary: str = Field(max_length=240)
    """One sentence."""
    key_files: list[str] = Field(max_length=6)
    """The files that say how it is built."""


def description_of(files: Sequence[str]) -> type[Description]:
    """A Description whose key files are some of the files."""
    literal: Any = Literal
    name: Any = literal[tuple(files)]
    listed: Any = list[name]
    return create_model("Description", __base__=Description, key_files=(listed, Field(max_length=6)))


class Proposal(BaseModel):
    """Commands for a purpose that no document states."""

    commands: list[str] = Field(max_length=4)
    """In order; empty where the project has nothing for this purpose."""

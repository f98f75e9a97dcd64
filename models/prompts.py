"""Prompts: a Markdown file per question, rendered so that its beginning never changes."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field

from models.errors import ModelError
from models.fencing import fence

if TYPE_CHECKING:
    from jinja2 import Environment, Template


class FrontMatter(BaseModel):
    """The head of a prompt file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_tokens: int = Field(ge=1)
    """The longest answer, some 40 tokens more than it needs."""


class Prompt(NamedTuple):
    """A question as it stands in its file, not yet rendered."""

    name: str
    settings: FrontMatter
    front: Template
    user: Template

    def render(self, answer: type[BaseModel], evidence: Mapping[str, Any]) -> list[dict[str, str]]:
        """The system and the user message.

        The system message depends on the question and the answer type alone, so that a server's prompt
        cache can serve it.

        Raises:
            jinja2.UndefinedError: if the template names evidence that was not given.
        """
        listed = SimpleNamespace(**options(answer))
        front = f"Question: {self.name}\n{self.front.render(options=listed)}"
        return [
            {"role": "system", "content": front.strip()},
            {"role": "user", "content": self.user.render(options=listed, **evidence).strip()},
        ]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["fence"] = fence
    return environment


@cache
def load_prompt(folder: Path, name: str) -> Prompt:
    """Read ``NAME.md``: front matter between ``---`` lines, the front, ``=====``, the user's part.

    Raises:
        ModelError: if there is no such file or it is not in this form.
    """
    from ruamel.yaml import YAML

    path = folder / f"{name}.md"
    try:
        _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
        front, user = body.split("\n=====\n")
        settings = FrontMatter.model_validate(YAML(typ="safe").load(head))
    except (FileNotFoundError, ValueError) as error:
        raise ModelError(
            f"{path} must be a prompt: `---`, settings, `---`, the front, `=====`, the user's part ({error})."
        ) from error
    parse = _environment().from_string
    return Prompt(name, settings, parse(front), parse(user))


def options(answer: type[BaseModel]) -> dict[str, list[str]]:
    """What each field may be, as ``value`` or ``value: description``, for fields with fixed values.

    Fields of nested models are listed under their own names too. Descriptions come from
    ``Field(json_schema_extra={"options": {value: description}})``.
    """
    listed: dict[str, list[str]] = {}
    for name, field in answer.model_fields.items():
        extra = field.json_schema_extra
        described = extra.get("options", {}) if isinstance(extra, dict) else {}
        words: Mapping[str, Any] = described if isinstance(described, dict) else {}
        for kind in _inner_types(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                listed = options(kind) | listed
            elif values := _values(kind):
                listed[name] = [f"{value}: {words[value]}" if value in words else value for value in values]
    return listed


def _inner_types(annotation: Any) -> Iterator[Any]:
    """The type itself, or those inside a list, a union, ``Annotated`` and the like."""
    if get_origin(annotation) in (None, Literal):
        yield annotation
        return
    for inner in get_args(annotation):
        yield from _inner_types(inner)


def _values(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return [str(member.value) for member in kind]
    return []

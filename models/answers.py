"""From an answer type to a schema, and from a model's text to an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

A = TypeVar("A", bound=BaseModel)


class InvalidAnswer(ValueError):
    """The text holds no answer of the type; the message is a sentence for the model."""


def schema_of(answer: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema that a server is asked to enforce: closed objects, nothing meant for prompts."""
    closed: dict[str, Any] = _closed(answer.model_json_schema())
    return closed


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    named = {"properties", "$defs"}
    made = {
        key: {name: _closed(part) for name, part in value.items()} if key in named else _closed(value)
        for key, value in schema.items()
        if key != "options"
    }
    return {"additionalProperties": False} | made if "properties" in made else made


def parse_answer(text: str, answer: type[A]) -> A:
    """The last JSON object in the text that is an answer of the type, whatever stands around it.

    Raises:
        InvalidAnswer: if there is none.
    """
    why = "It holds no JSON object."
    found: A | None = None
    for candidate in _objects(text):
        if not _is_text(candidate):
            why = "It holds a character that is no text."
            continue
        try:
            found = answer.model_validate(candidate)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the object"
            why = f"`{where}`: {first['msg']}."
    if found is None:
        raise InvalidAnswer(f"The answer must be one JSON object of the form asked for. {why}")
    return found


def _is_text(value: Any) -> bool:
    """Whether all strings in it can be written to a file and given to a command: no NUL, no half of a pair."""
    if isinstance(value, dict):
        return all(_is_text(key) and _is_text(part) for key, part in value.items())
    if isinstance(value, list):
        return all(map(_is_text, value))
    return not isinstance(value, str) or not re.search("[\x00\ud800-\udfff]", value)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Every outermost JSON object in the text."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        except RecursionError:
            return  # so deep is no answer, and what is inside of it is not one either
        else:
            yield value
        at = text.find("{", end)

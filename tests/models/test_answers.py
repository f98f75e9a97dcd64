from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from models.answers import InvalidAnswer, parse_answer, schema_of


class Inner(BaseModel):
    options: list[str]
    kind: Literal["x"] = Field("x", json_schema_extra={"options": {"x": "described"}})


class Outer(BaseModel):
    title: str
    inner: list[Inner]
    maybe: int | None = None


def test_schemas_are_closed_at_every_level_and_hold_no_descriptions_of_options() -> None:
    schema = schema_of(Outer)
    inner = schema["$defs"]["Inner"]
    assert schema["title"] == "Outer"
    assert schema["additionalProperties"] is inner["additionalProperties"] is False
    assert list(schema["properties"]) == ["title", "inner", "maybe"]
    assert list(inner["properties"]) == ["options", "kind"], "a field may be named options"
    assert "described" not in str(schema)


def test_the_last_object_that_fits_is_the_answer() -> None:
    text = '{"title": "draft", "inner": []} and then {"title": "final", "inner": []}, as in {"other": 1}'
    assert parse_answer(text, Outer).title == "final"


def test_braces_in_strings_do_not_end_an_object() -> None:
    assert parse_answer('x {"title": "a } b { c", "inner": []} y', Outer).title == "a } b { c"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON object"),
        ("{" * 50, "no JSON object"),
        ('{"title": 3, "inner": []}', "`title`"),
        ('{"title": "a", "inner": [{"options": "b"}]}', r"`inner\.0\.options`"),
    ],
)
def test_what_is_no_answer_says_why(text: str, why: str) -> None:
    with pytest.raises(InvalidAnswer, match=why):
        parse_answer(text, Outer)

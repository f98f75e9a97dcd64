from __future__ import annotations

import enum
import string
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from models.errors import ModelError
from models.prompts import load_prompt, options


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    size: Literal["big", "small"] = Field(json_schema_extra={"options": {"big": "over 1 m"}})


class Thing(BaseModel):
    colour: Colour | None = None
    parts: list[Part] = []
    sort: Annotated[Literal["a", 1], Field(json_schema_extra={"options": {"a": "the first"}})] = "a"
    items: Literal["few", "many"] = "few"
    name: str = ""


def test_options_come_from_the_answer_type_nested_ones_too() -> None:
    assert options(Thing) == {
        "colour": ["red", "blue"],
        "size": ["big: over 1 m", "small"],
        "sort": ["a: the first", "1"],
        "items": ["few", "many"],
    }


def test_a_field_named_as_a_method_of_dict_is_listed(prompts: Path) -> None:
    (prompts / "q.md").write_text("---\nmax_tokens: 5\n---\n{{ options.items | join(', ') }}\n=====\nSo?\n")
    system, _ = load_prompt(prompts, "q").render(Thing, {})
    assert system["content"] == "Question: q\nfew, many"


def test_options_can_stand_in_the_users_part(prompts: Path) -> None:
    (prompts / "q.md").write_text("---\nmax_tokens: 5\n---\nF\n=====\n{{ options.size | join(', ') }}\n")
    assert load_prompt(prompts, "q").render(Thing, {})[1]["content"] == "big: over 1 m, small"


def test_the_front_sees_no_evidence(prompts: Path) -> None:
    (prompts / "q.md").write_text("---\nmax_tokens: 5\n---\n{{ log }}\n=====\n{{ log }}\n")
    with pytest.raises(Exception, match="'log' is undefined"):
        load_prompt(prompts, "q").render(Thing, {"log": "x"})


@pytest.mark.parametrize(
    "text",
    [
        "no front matter",
        "---\nmax_tokens: 5\n---\nno line of equals signs\n",
        "---\nmax_tokens: 5\n---\na\n=====\nb\n=====\nc\n",
        "---\nmax_tokens: 0\n---\na\n=====\nb\n",
        "---\nmaximum: 5\n---\na\n=====\nb\n",
    ],
)
def test_a_malformed_prompt_names_its_file(prompts: Path, text: str) -> None:
    (prompts / "bad.md").write_text(text)
    with pytest.raises(ModelError, match=r"bad\.md"):
        load_prompt(prompts, "bad")


def test_a_missing_prompt_names_its_file(prompts: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.md"):
        load_prompt(prompts, "absent")


def test_a_prompt_may_hold_horizontal_rules(prompts: Path) -> None:
    rule = "a\n---\nb"
    (prompts / "q.md").write_text(f"---\nmax_tokens: 5\n---\n{rule}\n=====\n{string.ascii_letters}\n")
    assert load_prompt(prompts, "q").render(Thing, {})[0]["content"] == f"Question: q\n{rule}"

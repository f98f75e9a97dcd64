"""A hundred seeded answers of garbage to every question: none crashes, and none is accepted that is no valid one."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import BaseModel, TypeAdapter

from configs.settings import load_settings
from models.answers import parse_answer
from models.ask import Asker
from models.budget import Budget
from models.errors import ModelError
from models.transcript import Transcript
from tests.survival.faulty import garbage
from tests.survival.questions import Asked, asked, prompts, right

EVERY = asked()


class Babbling(BaseChatModel):
    """A model that says what it is given, one after the other."""

    texts: list[str]

    @property
    def _llm_type(self) -> str:
        return "babbling"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        message = AIMessage(self.texts.pop(0), response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=message)])


def test_every_prompt_has_an_answer_type_that_is_tried_here() -> None:
    made = {one.question for one in EVERY if one.answer}
    assert prompts() - made == set(), "no call of ask was found whose answer type could be made"
    assert [one for one in EVERY if one.answer is None] == []
    assert {one.question for one in EVERY} <= prompts()


@pytest.mark.parametrize("count", [20, pytest.param(100, marks=pytest.mark.whole)])
@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.question} {one.place}")
def test_garbage_is_refused_and_a_right_answer_is_still_taken(
    one: Asked, count: int, tmp_path: Path, record_property: Any
) -> None:
    kind = one.answer
    assert kind is not None
    valid = json.dumps(right(kind))
    assert parse_answer(valid, kind), "the garbage is made of an answer that would be accepted"
    (tmp_path / f"{one.question}.md").write_text("---\nmax_tokens: 50\n---\nF\n=====\nQ\n")
    settings = load_settings(model="openai:babbling@http://127.0.0.1:9/v1", budget={"calls": 1000, "tokens": 10**9})
    transcript = Transcript(tmp_path)
    rng = random.Random(f"{one.question} {one.place}")
    said = [garbage(rng, valid) for _ in range(count)]
    model = Babbling(texts=list(said))
    asker = Asker(
        lambda: model, settings, transcript, Budget(settings.budget, transcript, 4e9), "free", prompts=tmp_path
    )
    accepted = []
    while model.texts:
        model.texts += [""] * (len(model.texts) == 1)  # an answer that is refused is asked for once more
        try:
            accepted.append(asker.ask(one.question, kind))
        except ModelError:
            continue

    records = transcript.records()
    taken = [record["answer"] for record in records if record["parsed"]]
    assert len(accepted) == len(taken) and len(records) >= count
    for text, answer in zip(taken, accepted, strict=True):
        assert holds(answer, text, kind)
    model.texts.append(valid)
    assert asker.ask(one.question, kind) == parse_answer(valid, kind)
    record_property("garbage answers taken", len(said))


def holds(answer: BaseModel, text: str, kind: type[BaseModel]) -> bool:
    """Whether an accepted answer is of its type still when it is checked anew, and can be kept and read again."""
    again = TypeAdapter(kind).validate_json(answer.model_dump_json(by_alias=True))
    return again == answer and "\0" not in answer.model_dump_json() and "{" in text

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_core.exceptions import ModelError as LangChainModelError
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from pydantic import BaseModel

from models.errors import ModelError, ModelUnreachable
from models.scripted import FAULTS, ScriptedChatModel
from tests.models.conftest import AskerMaker

SCRIPT = """
colour: {name: red}
note: |-
  just text
size:
  - {when: "Not accepted", answer: {name: large}}
  - {when: elephant, times: 2, answer: {name: big}}
  - {when: elephant, text: "raw {"}
  - {when: mouse, answer: {name: small}}
"""


class Named(BaseModel):
    name: str


@pytest.fixture
def model(tmp_path: Path) -> ScriptedChatModel:
    path = tmp_path / "script.yaml"
    path.write_text(SCRIPT)
    return ScriptedChatModel(path=path)


def said(model: Any, question: str, *user: str) -> Any:
    return model.invoke([SystemMessage(f"Question: {question}\nFront"), *map(HumanMessage, user)])


def test_an_answer_by_its_question(model: ScriptedChatModel) -> None:
    answer = said(model, "colour", "x" * 40)
    assert isinstance(answer, AIMessage)
    assert answer.text == '{"name": "red"}'
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["input_tokens"] > 10
    assert said(model, "note", "").text == "just text"


def test_the_first_rule_that_matches_is_used_until_it_is_used_up(model: ScriptedChatModel) -> None:
    texts = [said(model, "size", "an elephant").text for _ in range(4)]
    assert texts == ['{"name": "big"}', '{"name": "big"}', "raw {", "raw {"]
    assert said(model, "size", "a mouse").text == '{"name": "small"}'
    assert said(model, "size", "an elephant", "Not accepted: no.").text == '{"name": "large"}'


def test_uses_are_counted_across_models_on_the_same_script(model: ScriptedChatModel) -> None:
    said(model, "size", "elephant"), said(model, "size", "elephant")
    assert said(ScriptedChatModel(path=model.path), "size", "elephant").text == "raw {"


def test_what_no_rule_answers_is_named_with_its_prompt(model: ScriptedChatModel) -> None:
    with pytest.raises(ModelError, match=r"no answer left for `size`.*a flea") as caught:
        said(model, "size", f"a flea{'.' * 1000}")
    assert len(str(caught.value)) < 500
    with pytest.raises(ModelError, match="`weather`"):
        said(model, "weather", "")


def test_a_script_must_be_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- a\n")
    with pytest.raises(ModelError, match="must map"):
        said(ScriptedChatModel(path=tmp_path / "list.yaml"), "a", "")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_what_a_provider_would_raise(tmp_path: Path, make_asker: AskerMaker, fault: str | int) -> None:
    path = tmp_path / f"{fault}.yaml"
    path.write_text(f"q:\n  - {{raise: {fault}, times: 2}}\n  - {{answer: {{name: up again}}}}\n")
    with pytest.raises(LangChainModelError) as caught:
        said(ScriptedChatModel(path=path), "q", "")
    assert caught.value.is_retryable

    (make_asker.prompts / "q.md").write_text("---\nmax_tokens: 9\n---\nF\n=====\nU\n")
    asker = make_asker(f"scripted:{path}")
    assert asker.ask("q", Named).name == "up again"
    assert len(make_asker.waits) == 1


def test_a_fault_that_stays_makes_the_model_unreachable(tmp_path: Path, make_asker: AskerMaker) -> None:
    path = tmp_path / "down.yaml"
    path.write_text("q: [{raise: refused}]\n")
    (make_asker.prompts / "q.md").write_text("---\nmax_tokens: 9\n---\nF\n=====\nU\n")
    with pytest.raises(ModelUnreachable, match=r"down\.yaml did not answer"):
        make_asker(f"scripted:{path}").ask("q", Named)


def test_tools_and_structured_output_are_taken_as_any_model_takes_them(model: ScriptedChatModel) -> None:
    assert said(model.bind_tools([Named]), "colour", "").text == '{"name": "red"}'
    assert said(model.with_structured_output(Named.model_json_schema()), "colour", "") == {"name": "red"}
    both = said(model.with_structured_output(Named, include_raw=True), "colour", "")
    assert (both["raw"].text, both["parsed"]) == ('{"name": "red"}', {"name": "red"})

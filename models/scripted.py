"""A model whose answers stand in a YAML file: for tests, and for replaying a run by hand."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.exceptions import (
    ModelAPIError,
    ModelConnectionError,
    ModelRateLimitError,
    ModelTimeoutError,
)
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import BaseTool
from ruamel.yaml import YAML
from typing_extensions import override

from models.errors import ModelError

FAULTS: dict[str | int, type[Exception]] = {
    "timeout": ModelTimeoutError,
    "refused": ModelConnectionError,
    429: ModelRateLimitError,
    500: ModelAPIError,
}
"""What ``raise:`` in a rule may say, and the error that a provider would raise for it."""

_used: Counter[tuple[Path, str, int]] = Counter()
_used_lock = threading.Lock()


@cache
def _script(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rules by question; an answer on its own is one rule without conditions."""
    script = YAML(typ="safe").load(path)
    if not isinstance(script, dict):
        raise ModelError(f"{path} must map the names of questions to answers or lists of rules.")
    rules = {}
    for question, answer in script.items():
        if isinstance(answer, list):
            rules[question] = answer
        elif isinstance(answer, str):
            rules[question] = [{"text": answer}]
        else:
            rules[question] = [{"answer": answer}]
    return rules


class ScriptedChatModel(BaseChatModel):
    """Answers each question from a YAML file.

    The file maps the name of a question (``Question: NAME``, the first line of the system message) to an
    answer, or to a list of rules of which the first that matches is used::

        build_diagnosis:
          - {when: "Eigen", times: 1, answer: {kind: missing_dependency}}
          - {raise: timeout, times: 2}
          - {calls: [{name: read_log, args: {offset: 40}}], times: 1}
          - {text: "not JSON at all"}

    ``when`` is a part of any of the user's messages; a rule with ``times`` is used up after that many uses
    in this process; ``raise`` is one of ``FAULTS``; ``calls`` are calls of tools. Tokens are counted as four
    characters each.
    """

    path: Path

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @override
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        rule = self._rule(messages)
        calls = [
            {"id": f"call-{len(messages)}-{n}", "type": "tool_call", **call}
            for n, call in enumerate(rule.get("calls", []))
        ]
        text = "" if calls else rule["text"] if "text" in rule else json.dumps(rule["answer"], ensure_ascii=False)
        tokens_in, tokens_out = sum(len(m.text) for m in messages) // 4 + 1, len(text) // 4 + 1
        message = AIMessage(
            text,
            tool_calls=calls,
            usage_metadata={
                "input_tokens": tokens_in,
                "output_tokens": tokens_out,
                "total_tokens": tokens_in + tokens_out,
            },
            response_metadata={"finish_reason": "stop", "model_name": self.path.name},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _rule(self, messages: list[BaseMessage]) -> dict[str, Any]:
        front = next((m.text for m in messages if m.type == "system"), "")
        question = front.partition("\n")[0].removeprefix("Question: ").strip()
        evidence = "\n".join(m.text for m in messages if m.type == "human")
        for number, rule in enumerate(_script(self.path.absolute()).get(question, [])):
            if rule.get("when", "") in evidence and self._use(question, number, rule.get("times")):
                if "raise" in rule:
                    raise FAULTS[rule["raise"]](f"scripted: {rule['raise']}")
                return rule
        raise ModelError(f"{self.path} has no answer left for `{question}`, asked with: {evidence[:300]}")

    def _use(self, question: str, number: int, times: int | None) -> bool:
        key = (self.path.absolute(), question, number)
        with _used_lock:
            if times is not None and _used[key] >= times:
                return False
            _used[key] += 1
            return True

    @override
    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The same model: a script decides what is said, whatever tools there are."""
        return self.bind(**kwargs)

    @override
    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """The script's answer, parsed as JSON; with ``include_raw`` beside the message that held it."""
        if not include_raw:
            return self | JsonOutputParser()
        return self | RunnableLambda(lambda raw: {"raw": raw, "parsed": json.loads(raw.text), "parsing_error": None})

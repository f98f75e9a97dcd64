"""``ask``: the only way to a model. A typed question, checked by oracles, within the budget."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel

from configs import PROMPTS
from configs.settings import Settings
from models.answers import InvalidAnswer, parse_answer, schema_of
from models.budget import Budget
from models.catalogue import Form
from models.errors import ModelUnreachable, Rejected
from models.prompts import Prompt, load_prompt
from models.request import Failure, Message, Reply, send
from models.transcript import Transcript

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from tenacity import RetryCallState

A = TypeVar("A", bound=BaseModel)

Oracle = Callable[[A], str | None]
"""A check of an answer: None accepts it, a sentence for the model says why not."""

BROKEN = 500
"""The HTTP status of a server's own error (RFC 9110, 15.6.1)."""
PATIENCE_S = 120.0
"""The longest wait between two tries; a server that asks for more is out of reach for now."""
REPEATED = 4000
"""Characters of a refused answer that go back with the reason; a longer one would crowd out the question."""


class Asker:
    """Asks a model the questions of one run.

    Args:
        model_factory: makes the chat model; called at the first question, so a run that asks none loads none.
        settings: for the model's name and the tries that one request has.
        transcript: gets a record of every request.
        budget: checked before every request.
        form: ``small`` or ``free``, what the model can be asked for (see ``models.catalogue``).
        prompts: folder of the questions.
        sleep: waits the given seconds between two tries.
    """

    def __init__(
        self,
        model_factory: Callable[[], BaseChatModel],
        settings: Settings,
        transcript: Transcript,
        budget: Budget,
        form: Form,
        *,
        prompts: Path = PROMPTS,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self.settings = settings
        self.transcript = transcript
        self.budget = budget
        self.form = form
        self._factory = model_factory
        self._making = threading.Lock()
        self._made: BaseChatModel | None = None
        self._prompts = prompts
        self._sleep = sleep
        self._without_schema: set[str] = set()

    def ask(
        self,
        question: str,
        answer: type[A],
        *,
        oracles: Sequence[Oracle[A]] = (),
        quiet: bool = False,
        **evidence: Any,
    ) -> A:
        """Ask one question and return its accepted answer.

        An answer that does not parse goes back to the model once, and so does one that an oracle refuses,
        each with a sentence that says why.

        Args:
            question: name of the prompt file.
            answer: the answer's type.
            oracles: checks of the answer, in order; the first that refuses decides.
            quiet: marks the record as routine, for those who show a run.
            evidence: what the prompt's user part names.

        Raises:
            Rejected: if the answer was not accepted, or the evidence is too long for the model.
            ModelUnreachable: if no answer came; the run can be resumed.
            BudgetSpent: if the run may make no more calls.
        """
        if self.form == "none":
            raise Rejected(question, "", f"{self.settings.model} asks no model.")
        prompt = load_prompt(self._prompts, question)
        messages: list[Message] = prompt.render(answer, evidence)
        conversation = messages
        returned: set[str] = set()
        while True:
            reply, record = self._reply(prompt, conversation, answer)
            verdict = _judge(reply, answer, oracles)
            record |= {"parsed": verdict.refused_by != "invalid", "oracle": None} | verdict.record()
            self.transcript.append(record | {"quiet": True} if quiet else record)
            if verdict.answer is not None:
                return verdict.answer
            if verdict.refused_by in returned:
                raise Rejected(question, reply.text, verdict.sentence)
            returned.add(verdict.refused_by)
            conversation = [
                *messages,
                {"role": "assistant", "content": reply.text[:REPEATED] or "(nothing)"},
                {"role": "user", "content": f"Not accepted: {verdict.sentence} Answer again."},
            ]

    def _reply(self, prompt: Prompt, messages: list[Message], answer: type[BaseModel]) -> tuple[Reply, dict[str, Any]]:
        """The model's reply and its record; the schema goes in words where the server refused it."""
        schema = schema_of(answer)
        try:
            if prompt.name not in self._without_schema:
                try:
                    return self._persistently(prompt, messages, schema, enforced=True)
                except Failure as failure:
                    if failure.kind != "refused":
                        raise
            reply = self._persistently(prompt, _with_schema(messages, schema), schema, enforced=False)
            self._without_schema.add(prompt.name)
            return reply
        except Failure as failure:
            if failure.kind == "long":
                raise Rejected(prompt.name, "", f"The prompt does not fit the model ({failure}).") from failure
            raise ModelUnreachable(self._advice(failure)) from failure

    def _persistently(
        self, prompt: Prompt, messages: list[Message], schema: dict[str, Any], *, enforced: bool
    ) -> tuple[Reply, dict[str, Any]]:
        from tenacity import Retrying, retry_if_exception, wait_exponential_jitter

        backoff = wait_exponential_jitter(initial=1, max=60)

        def wait(state: RetryCallState) -> float:
            failure = state.outcome and state.outcome.exception()
            asked = failure.wait_s if isinstance(failure, Failure) else None
            return backoff(state) if asked is None else asked

        def stop(state: RetryCallState) -> bool:
            longest = min(PATIENCE_S, self.budget.seconds_left)
            return state.attempt_number >= self.settings.model_call.tries or state.upcoming_sleep > longest

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, Failure) and error.kind == "again"),
            stop=stop,
            wait=wait,
            sleep=self._sleep,
            reraise=True,
        )
        failed: list[Failure] = []

        def one_try() -> tuple[Reply, dict[str, Any]]:
            # A server may fail at enforcing the schema, each time on the same answer: the last try goes without.
            last = len(failed) + 1 == self.settings.model_call.tries
            loose = enforced and last and bool(failed) and all(failure.status == BROKEN for failure in failed)
            try:
                return self._once(
                    prompt, _with_schema(messages, schema) if loose else messages, schema, not loose and enforced
                )
            except Failure as failure:
                failed.append(failure)
                raise

        return retrying(one_try)

    def _once(
        self, prompt: Prompt, messages: list[Message], schema: dict[str, Any], enforced: bool
    ) -> tuple[Reply, dict[str, Any]]:
        """One request. One that fails is recorded here, one that succeeds once it is judged."""
        self.budget.check()
        model = self.model()
        record: dict[str, Any] = {
            "time": time.time(),
            "question": prompt.name,
            "model": self.settings.model,
            "schema": schema["title"],
            "messages": messages,
        }
        began = time.monotonic()
        try:
            reply = send(model, messages, prompt.settings.max_tokens, schema if enforced else None)
        except Failure as failure:
            self.transcript.append(record | {"error": str(failure), "seconds": time.monotonic() - began})
            raise
        return reply, record | {
            "answer": reply.text,
            "input_tokens": reply.input_tokens,
            "output_tokens": reply.output_tokens,
            "seconds": time.monotonic() - began,
        }

    def model(self) -> BaseChatModel:
        """The chat model, made at the first use."""
        with self._making:
            if self._made is None:
                self._made = self._factory()
            return self._made

    def _advice(self, failure: Failure) -> str:
        """What happened and what the person can do."""
        if failure.status in (401, 403):
            advice = "refused the key. Check the key that the environment holds for it."
        elif failure.status == 404:
            advice = "is not there under this name and address. Check both."
        elif failure.status == 429:
            wait = f" It asks to wait {failure.wait_s:.0f} s." if failure.wait_s else ""
            advice = f"allows no more requests for now.{wait}"
        elif failure.kind == "again":
            advice = "did not answer. Check that its server runs and that its address is right."
        else:
            advice = "does not accept the request."
        return (
            f"The model {self.settings.model} {advice} It said: {failure}\n"
            "`rigil resume` goes on where this run stopped; --model names another model."
        )


class _Verdict(NamedTuple, Generic[A]):
    answer: A | None
    refused_by: Literal["", "invalid", "oracle"] = ""
    sentence: str = ""

    def record(self) -> dict[str, Any]:
        return {self.refused_by: self.sentence} if self.refused_by else {}


def _judge(reply: Reply, answer: type[A], oracles: Sequence[Oracle[A]]) -> _Verdict[A]:
    if reply.truncated:
        return _Verdict(None, "invalid", "The answer was cut off because it was too long.")
    try:
        parsed = parse_answer(reply.text, answer)
    except InvalidAnswer as error:
        return _Verdict(None, "invalid", str(error))
    for oracle in oracles:
        if sentence := oracle(parsed):
            return _Verdict(None, "oracle", sentence)
    return _Verdict(parsed)


def _with_schema(messages: list[Message], schema: dict[str, Any]) -> list[Message]:
    """The same conversation for a server that enforces no schema: it stands at the end instead."""
    *before, last = messages
    form = json.dumps(schema, ensure_ascii=False)
    return [
        *before,
        last | {"content": f"{last['content']}\n\nAnswer with one JSON object of this schema:\n{form}"},
    ]

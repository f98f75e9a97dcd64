"""One request to a chat model: what came back, or what went wrong, whoever the provider is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Message = dict[str, str]
"""``{"role": "system" | "user" | "assistant", "content": text}``"""


MOST_CHARACTERS = 100_000
"""Of a reply; no answer is longer, so that one counts as cut off."""


MISREAD = (LookupError, TypeError, AttributeError)
"""What a client raises for a body in which it does not find what it looks for."""


class Reply(NamedTuple):
    """What the model said. Where the server counts no tokens they are estimated, four characters each."""

    text: str
    truncated: bool
    input_tokens: int
    output_tokens: int


class Failure(Exception):
    """A request that brought no answer.

    Attributes:
        kind: ``again`` where another try may succeed, ``refused`` where the server does not accept the
            request's form, ``long`` where the prompt does not fit, ``closed`` where no try can succeed.
        status: the HTTP status, None where there was none.
        wait_s: how long the server asks to wait, in seconds, None where it does not say.
    """

    def __init__(
        self,
        kind: Literal["again", "refused", "long", "closed"],
        reason: str,
        *,
        status: int | None = None,
        wait_s: float | None = None,
    ):
        super().__init__(reason)
        self.kind = kind
        self.status = status
        self.wait_s = wait_s


def send(model: BaseChatModel, messages: list[Message], max_tokens: int, schema: dict[str, Any] | None) -> Reply:
    """Make one request, with the answer's JSON schema enforced by the server where one is given.

    Raises:
        Failure: if no answer came.
    """
    extra: dict[str, Any] = limited(model, max_tokens)
    if schema is not None:
        named = {"name": schema["title"], "schema": schema}
        extra["response_format"] = {"type": "json_schema", "json_schema": named}
    try:
        message = model.invoke(messages, **extra)
    except Exception as error:
        # OpenAI's client raises for an answer that was cut off, and carries it.
        if completion := getattr(error, "completion", None):
            return _cut_off(completion)
        if failure := failure_of(error):
            raise failure from error
        if isinstance(error, MISREAD):
            reason = f"its answer cannot be read ({type(error).__name__}: {error})"
            raise Failure("again", reason[:400]) from error
        raise
    usage = message.usage_metadata or {
        "input_tokens": sum(len(sent["content"]) for sent in messages) // 4,
        "output_tokens": len(message.text) // 4,
    }
    ended = message.response_metadata.get("finish_reason") or message.response_metadata.get("stop_reason")
    truncated = str(ended).lower() in ("length", "max_tokens")
    return _reply(message.text, truncated, usage["input_tokens"], usage["output_tokens"])


def _reply(text: str, truncated: bool, input_tokens: int, output_tokens: int) -> Reply:
    """A reply of text that can be written to a file, not longer than is allowed."""
    whole = text[:MOST_CHARACTERS].encode("utf-8", "replace").decode()
    return Reply(whole, truncated or len(text) > MOST_CHARACTERS, input_tokens, output_tokens)


def limited(model: BaseChatModel, max_tokens: int) -> dict[str, int]:
    """The option for the longest answer, as the provider's client calls it."""
    return {"max_output_tokens" if hasattr(model, "max_output_tokens") else "max_tokens": max_tokens}


def _cut_off(completion: Any) -> Reply:
    text, usage = completion.choices[0].message.content or "", completion.usage
    return _reply(text, True, usage.prompt_tokens if usage else 0, usage.completion_tokens if usage else 0)


def failure_of(error: Exception) -> Failure | None:
    """What the error means, by its HTTP status or its kind; None for one that is no failed request."""
    from langchain_core.exceptions import ContextOverflowError, ModelError

    causes = list(_causes(error))
    status = next(filter(None, map(_status, causes)), None)
    reason = _reason(causes, status)
    if isinstance(error, ContextOverflowError) or (status in (400, 413) and "context" in reason):
        return Failure("long", reason, status=status)
    if status in (400, 422):
        return Failure("refused", reason, status=status)
    if status in (408, 409, 429) or (status or 0) >= 500:
        return Failure("again", reason, status=status, wait_s=_retry_after(causes))
    if status is not None or (isinstance(error, ModelError) and not error.is_retryable):
        return Failure("closed", reason, status=status)
    if any(map(_is_transient, causes)):
        return Failure("again", reason)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _status(error: BaseException) -> int | None:
    found = getattr(error, "status_code", None) or getattr(error, "code", None)
    return found if isinstance(found, int) and 400 <= found < 600 else None


def _reason(causes: list[BaseException], status: int | None) -> str:
    """The innermost error that says anything, which is the one that names the cause."""
    said = next((text for cause in reversed(causes) if (text := " ".join(str(cause).split()))), "no reason given")
    known = status is None or str(status) in said
    return said[:400] if known else f"HTTP {status}: {said[:400]}"


def _is_transient(error: BaseException) -> bool:
    """Connections and timeouts by the names that HTTP clients share; JSONDecodeError is a torn body."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(
        getattr(error, "is_retryable", False)
        or isinstance(error, ConnectionError | TimeoutError)
        or names & {"TransportError", "APIConnectionError", "JSONDecodeError"}
    )


def _retry_after(causes: list[BaseException]) -> float | None:
    """Seconds of the ``Retry-After`` header (RFC 9110, 10.2.3), given as a number or a date."""
    from email.utils import parsedate_to_datetime
    from time import time

    for cause in causes:
        headers = getattr(getattr(cause, "response", None), "headers", None)
        value = headers.get("retry-after") if headers is not None else None
        if not value:
            continue
        try:
            seconds = float(value)
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time()
            except ValueError:
                continue  # neither: as if it did not say
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None

"""A short look around with tools before a question, by a model that calls tools well."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.ask import Asker
from models.catalogue import entry
from models.request import failure_of, limited

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.tools import BaseTool

INVITED = (
    "You read why a command failed. Before you are asked what is wrong you may look around with the tools, with at "
    "most {most} calls. Look only for what is not shown here. Once you have seen enough, say DONE."
)
PROBE = "Call the tool `note` with the number 7."
ANSWER = 500
"""Tokens of a reply that calls tools."""


def look(asker: Asker, question: str, shown: str, tools: Sequence[BaseTool], most: int) -> str:
    """Let the model use tools; returns what they showed, as text for the question that follows.

    It is a help and no more: where a request fails, what was seen so far is returned.

    Args:
        asker: the way to the model; its budget and transcript count these requests too.
        question: whose look it is, in the transcript.
        shown: what the model knows already.
        tools: what it may use.
        most: calls of tools at the most.
    """
    from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage

    by_name = {tool.name: tool for tool in tools}
    front = f"Question: look\n{INVITED.format(most=most)}"
    messages: list[BaseMessage] = [SystemMessage(front), HumanMessage(shown)]
    seen: list[str] = []
    used = 0
    while used < most:
        reply = _request(asker, question, messages, tools)
        if reply is None or not reply.tool_calls:
            break
        messages.append(reply)
        for call in reply.tool_calls:
            tool = by_name.get(call["name"])
            arguments = ", ".join(f"{key}={value!r}" for key, value in call["args"].items())
            used += 1
            if used > most:
                said = "No more calls."
            elif tool is None:
                said = f"There is no tool {call['name']!r}."
            else:
                said = _used(tool, call["args"])
                seen.append(f"{call['name']}({arguments}):\n{said}")
            messages.append(ToolMessage(said, tool_call_id=call["id"]))
    return "\n\n".join(seen)


def _used(tool: BaseTool, arguments: dict[str, Any]) -> str:
    from pydantic import ValidationError

    try:
        return str(tool.invoke(arguments))
    except ValidationError as error:
        return f"Not possible: {error.errors()[0]['msg']}"


def calls_tools(asker: Asker, state: Path) -> bool:
    """Whether the model calls tools well: as the catalogue says, or found out once and kept in the state folder."""
    from langchain_core.messages import HumanMessage, SystemMessage
    from langchain_core.tools import StructuredTool

    spec = asker.settings.model
    stated = entry(spec).tools
    if stated is not None:
        return stated
    path = state / "models.json"
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if spec not in known:

        def note(number: int) -> str:
            """Note a number."""
            return str(number)

        tool = StructuredTool.from_function(note)
        front = "Question: probe\nYou use tools where you are told to."
        reply = _request(asker, "probe", [SystemMessage(front), HumanMessage(PROBE)], [tool])
        if reply is None:
            return False  # it did not answer, which says nothing of what it can
        called = [(call["name"], call["args"]) for call in reply.tool_calls]
        known[spec] = {"tools": called == [("note", {"number": 7})]}
        _keep(path, known)
    return bool(known[spec]["tools"])


def _keep(path: Path, known: dict[str, Any]) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(json.dumps(known, indent=2) + "\n")
    beside.replace(path)


def _request(
    asker: Asker, question: str, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]
) -> AIMessage | None:
    """One request with tools, in the transcript and the budget; None where it brought no answer."""
    asker.budget.check()
    began = time.monotonic()
    record: dict[str, Any] = {
        "time": time.time(),
        "question": f"{question} (look)",
        "model": asker.settings.model,
        "messages": [{"role": message.type, "content": message.text} for message in messages],
    }
    try:
        model = asker.model()
        bound: Any = model.bind_tools(list(tools)).bind(**limited(model, ANSWER))
        reply = bound.invoke(list(messages))
    except Exception as error:
        if failure := failure_of(error):
            asker.transcript.append(record | {"error": str(failure), "seconds": time.monotonic() - began})
            return None
        raise
    usage = reply.usage_metadata or {"input_tokens": 0, "output_tokens": 0}
    asker.transcript.append(
        record
        | {
            "answer": reply.text or json.dumps([[call["name"], call["args"]] for call in reply.tool_calls]),
            "parsed": True,
            "oracle": None,
            "input_tokens": usage["input_tokens"],
            "output_tokens": usage["output_tokens"],
            "seconds": time.monotonic() - began,
        }
    )
    found: AIMessage = reply
    return found

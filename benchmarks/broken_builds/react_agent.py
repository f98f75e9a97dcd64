"""The baseline on one case: LangGraph's prebuilt loop of one model and one shell tool."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.broken_builds.case import HERE
from benchmarks.broken_builds.machine import MANAGER
from benchmarks.broken_builds.place import Place, surroundings
from benchmarks.broken_builds.result import Claim, Trial
from configs.settings import Settings, load_settings
from models.providers import make_chat_model
from tools.excerpts import tail
from tools.sandbox import Permit
from tools.shell import Shell

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PROMPT = (HERE / "react_prompt.md").read_text()
CLIPPED = 4000
"""Characters of a command's output that the model is shown, of its end."""
CLAIMS: dict[str, Claim] = {"BUILT": "built", "CANNOT": "cannot"}


def workspace(place: Place) -> Path:
    """The workspace, made beside the source."""
    return place.folder / "work"


def attempt(place: Place, model: str, limit_s: float) -> Trial:
    """Let the loop build the case's project in a copy at ``tree``, within the budget of the settings."""
    with surroundings(place.environment):
        settings = load_settings(model=model)
        return run(place, make_chat_model(model, settings, log=place.folder / "model.log"), settings, limit_s)


def run(place: Place, model: BaseChatModel, settings: Settings, limit_s: float) -> Trial:
    """The loop itself, with any chat model."""
    from langchain_core.messages import AIMessage
    from langgraph.checkpoint.memory import InMemorySaver

    home = workspace(place)
    home.mkdir()
    place.source.rename(home / "tree")
    place.with_python(home)
    shell = place.shell(home)
    began = time.monotonic()
    limit_s = min(limit_s, settings.budget.seconds)
    agent = _agent(model, _shell_tool(shell, home / "tree", began + limit_s), InMemorySaver())
    config = {"configurable": {"thread_id": "1"}, "recursion_limit": 2 * settings.budget.calls + 2}
    begin: Any = {"messages": [("user", PROMPT.format(folder=home / "tree"))]}
    calls = tokens = commands = 0
    said, note, tries = "", "", 0
    while True:
        try:
            for update in agent.stream(begin, config, stream_mode="updates"):
                for message in (message for part in update.values() for message in part["messages"]):
                    if not isinstance(message, AIMessage):
                        continue
                    calls, tries, said = calls + 1, 0, str(message.text)
                    tokens += (message.usage_metadata or {}).get("total_tokens", 0)
                    commands += len(message.tool_calls)
                note = _spent(settings, calls, tokens, time.monotonic() - began, limit_s)
                if note:
                    break
            break
        except Exception as error:  # a provider's own kind: as with Rigil, the request is made again
            begin, tries = None, tries + 1
            note = f"{type(error).__name__}: {error}"[:300]
            if tries >= settings.model_call.tries:
                break
            time.sleep(min(2.0**tries, 20))
    word, _, reason = _last_line(said).partition(":")
    claim = "none" if note else CLAIMS.get(word.strip("*` ."), "none")
    return Trial(claim, reason or said, commands, calls, tokens, time.monotonic() - began, note)


def _agent(model: BaseChatModel, tool: Any, memory: Any) -> Any:
    from langgraph.prebuilt import create_react_agent

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it moved to a package that is not a dependency of ours
        return create_react_agent(model, [tool], checkpointer=memory)


def _shell_tool(shell: Shell, tree: Path, end: float) -> Any:
    from langchain_core.tools import tool

    @tool
    def run_shell(command: str) -> str:
        """Run a shell command in the project's folder; returns its exit status and the end of its output."""
        installs = command.split()[:1] == MANAGER["install"].split()[:1]
        permit = Permit(shell.workspace, network=True, machine=installs)
        seconds = max(1.0, min(shell.settings.limits.command_s, end - time.monotonic()))
        finished = shell.run(command, name="react", cwd=tree, permit=permit, timeout_s=seconds)
        return f"{finished.in_words}\n{tail(finished.log, 200)[-CLIPPED:]}"

    return run_shell


def _spent(settings: Settings, calls: int, tokens: int, seconds: float, limit_s: float) -> str:
    """Which part of the budget is used up, or nothing."""
    if calls >= settings.budget.calls:
        return "the calls were used up"
    if tokens >= settings.budget.tokens:
        return "the tokens were used up"
    return "stopped at the wall limit" if seconds >= limit_s else ""


def _last_line(text: str) -> str:
    """The last line that holds one of the two words, or the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if line.lstrip("*` ").startswith(tuple(CLAIMS))), (lines or [""])[-1])

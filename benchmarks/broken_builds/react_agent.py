"""The baseline on one case: LangGraph's prebuilt loop of one model and one shell tool."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.broken_builds.case import HERE
from benchmarks.broken_builds.host import MANAGER
from benchmarks.broken_builds.place import Place, surroundings
from benchmarks.broken_builds.result import Claim, Trial
from configs.settings import Settings, load_settings
from models.providers import make_chat_model
from tools.excerpts import tail
from tools.sandbox import Permit
from tools.shell import Shell

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

PROMPT = (HERE / "react_prompt.md").read_text()
CLIPPED = 4000
"""Characters of a command's output that the model is shown, of its end."""
PAUSE_S = 5.0
CLAIMS: dict[str, Claim] = {"BUILT": "built", "CANNOT": "cannot"}


def workspace(place: Place) -> Path:
    """The workspace, made beside the source."""
    return place.folder / "work"


def attempt(place: Place, model: str, limit_s: float) -> Trial:
    """Let the loop build the case's project in a copy at ``tree``, within the budget of the settings."""
    with surroundings(place.environment):
        settings = load_settings(model=model)
        return run(place, make_chat_model(model, settings, log=place.folder / "model.log"), settings, limit_s)


class Talk:
    """What was said between the model and the tool, and what it cost.

    Args:
        transcript: gets a JSON line per message.
        settings: for the budget.
        limit_s: wall seconds from now on.
    """

    def __init__(self, transcript: Path, settings: Settings, limit_s: float):
        self.transcript = transcript
        self.budget = settings.budget
        self.began = time.monotonic()
        self.limit_s = min(limit_s, settings.budget.seconds)
        self.said = ""
        self.calls = self.tokens = self.commands = 0

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    def take(self, message: BaseMessage) -> None:
        """Note a message of either side."""
        with self.transcript.open("a") as file:
            file.write(f"{message.model_dump_json()}\n")
        if message.type == "ai":
            self.said = str(message.text)
            self.calls += 1
            self.tokens += (getattr(message, "usage_metadata", None) or {}).get("total_tokens", 0)
            self.commands += len(getattr(message, "tool_calls", []))

    def over(self) -> str:
        """Which limit is reached, or nothing."""
        if self.calls >= self.budget.calls:
            return "the calls were used up"
        if self.tokens >= self.budget.tokens:
            return "the tokens were used up"
        return "stopped at the wall limit" if self.seconds >= self.limit_s else ""


def run(place: Place, model: BaseChatModel, settings: Settings, limit_s: float) -> Trial:
    """The loop itself, with any chat model; to be called within the place's surroundings."""
    from langgraph.checkpoint.memory import InMemorySaver

    home = workspace(place)
    home.mkdir()
    tree = place.source.rename(home / "tree")
    place.with_python(home)
    talk = Talk(place.folder / "transcript.jsonl", settings, limit_s)
    agent = _agent(model, _shell_tool(place.shell(home), tree, talk), InMemorySaver())
    config = {"configurable": {"thread_id": "1"}, "recursion_limit": 2 * settings.budget.calls + 2}
    begin: Any = {"messages": [("user", PROMPT.format(folder=tree))]}
    for last in range(settings.model_call.tries, 0, -1):
        try:
            note = _stream(agent, begin, config, talk)
            break
        except Exception as error:  # each provider has its own kinds; as with Rigil, the request is made again
            begin, note = None, f"{type(error).__name__}: {error}"[:300]
            time.sleep(PAUSE_S if last > 1 else 0)
    word, _, reason = _last_line(talk.said).partition(":")
    claim = "none" if note else CLAIMS.get(word.strip("*` ."), "none")
    return Trial(claim, reason or talk.said, talk.commands, talk.calls, talk.tokens, talk.seconds, note)


def _stream(agent: Any, begin: Any, config: dict[str, Any], talk: Talk) -> str:
    """Let the loop run to its end; returns the limit that ended it, or nothing."""
    for update in agent.stream(begin, config, stream_mode="updates"):
        for part in update.values():
            for message in part["messages"]:
                talk.take(message)
        if note := talk.over():
            return note
    return ""


def _agent(model: BaseChatModel, tool: Any, memory: Any) -> Any:
    from langgraph.prebuilt import create_react_agent

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it moved to a package that is not a dependency of ours
        return create_react_agent(model, [tool], checkpointer=memory)


def _shell_tool(shell: Shell, tree: Path, talk: Talk) -> Any:
    from langchain_core.tools import tool

    @tool
    def run_shell(command: str) -> str:
        """Run a shell command in the project's folder; returns its exit status and the end of its output."""
        installs = command.split()[:1] == MANAGER["install"].split()[:1]
        permit = Permit(shell.workspace, network=True, machine=installs)
        seconds = max(1.0, min(shell.settings.limits.command_s, talk.limit_s - talk.seconds))
        finished = shell.run(command, name="react", cwd=tree, permit=permit, timeout_s=seconds)
        return f"{finished.in_words}\n{tail(finished.log, 200)[-CLIPPED:]}"

    return run_shell


def _last_line(text: str) -> str:
    """The last line that holds one of the two words, or the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if line.lstrip("*` ").startswith(tuple(CLAIMS))), (lines or [""])[-1])

"""Whatever a network and a server do to a question, `ask` ends in an answer or in a `ModelError`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from configs.settings import load_settings
from models.ask import Asker
from models.budget import Budget
from models.errors import ModelError, ModelUnreachable, Rejected
from models.providers import make_chat_model
from models.transcript import Transcript
from tests.survival.faulty import ESSAY, LANGUAGE, TRANSPORT, Faulty


class Answer(BaseModel):
    colour: str


RIGHT = '{"colour": "blue"}'


@pytest.fixture
def servers() -> Iterator[list[Faulty]]:
    made: list[Faulty] = []
    yield made
    for server in made:
        server.close()


def asker(model: str, folder: Path, waits: list[float] | None = None) -> Asker:
    (folder / "q.md").write_text("---\nmax_tokens: 50\n---\nF\n=====\nWhat colour?\n")
    settings = load_settings(model=model, model_call={"timeout_s": 0.5, "tries": 2})
    transcript = Transcript(folder)
    # No wait is real; what is asked for is kept.
    sleep = (waits if waits is not None else []).append
    budget = Budget(settings.budget, transcript, 4e9)
    return Asker(
        lambda: make_chat_model(model, settings), settings, transcript, budget, "free", prompts=folder, sleep=sleep
    )


@pytest.mark.parametrize("fault", TRANSPORT)
def test_a_passing_fault_is_tried_again_and_a_lasting_one_is_said(
    fault: str, servers: list[Faulty], tmp_path: Path
) -> None:
    once = Faulty(lambda _: RIGHT, [fault, "pass"])
    always = Faulty(lambda _: RIGHT, [fault])
    servers += [once, always]

    if fault == "401":  # no other try would help
        with pytest.raises(ModelUnreachable, match="key"):
            asker(once.model, tmp_path).ask("q", Answer)
    else:
        assert asker(once.model, tmp_path).ask("q", Answer) == Answer(colour="blue")
    with pytest.raises(ModelError) as raised:
        asker(always.model, tmp_path).ask("q", Answer)
    assert isinstance(raised.value, ModelUnreachable | Rejected)
    assert always.did[fault] <= 2
    assert Transcript(tmp_path).records(), "what was asked and what came of it is kept"


def test_a_wait_that_the_server_asks_for_is_kept_to_and_a_long_one_ends_the_run(
    servers: list[Faulty], tmp_path: Path
) -> None:
    short = Faulty(lambda _: RIGHT, ["429", "pass"], retry_after="7")
    long = Faulty(lambda _: RIGHT, ["429", "pass"], retry_after="86400")
    odd = Faulty(lambda _: RIGHT, ["429", "pass"], retry_after="tomorrow, perhaps")
    servers += [short, long, odd]
    waits: list[float] = []

    assert asker(short.model, tmp_path, waits).ask("q", Answer).colour == "blue"
    assert waits == [7.0]
    with pytest.raises(ModelUnreachable, match="86400"):
        asker(long.model, tmp_path).ask("q", Answer)
    assert asker(odd.model, tmp_path).ask("q", Answer).colour == "blue"


def test_where_nobody_listens_it_is_said(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ModelUnreachable, match="did not answer"):
        asker(f"openai:none@http://127.0.0.1:{port}/v1", tmp_path).ask("q", Answer)


@pytest.mark.parametrize(
    "text",
    ["", ESSAY, LANGUAGE, "x" * 10_000_000, "{" * 10_000_000, '{"a":' * 1_000_000, '{"colour": "\\ud800"}'],
    ids=["empty", "essay", "language", "10 MB", "10 MB of braces", "deep", "half a character"],
)
def test_text_that_is_no_answer_is_rejected_and_what_is_kept_of_it_is_short(
    text: str, servers: list[Faulty], tmp_path: Path
) -> None:
    sent: list[int] = []

    def answer(messages: list[dict[str, str]]) -> str:
        sent.append(sum(len(message["content"]) for message in messages))
        return text

    server = Faulty(answer)
    servers.append(server)
    # Ten megabytes take a moment on a loaded machine.
    asking = asker(server.model, tmp_path)
    asking.settings = asking.settings.model_copy(
        update={"model_call": asking.settings.model_call.model_copy(update={"timeout_s": 60})}
    )
    with pytest.raises(Rejected):
        asking.ask("q", Answer)
    assert len(sent) == 2
    assert sent[1] < 10_000, "a refused answer does not crowd out the question"
    assert (tmp_path / "transcript.jsonl").stat().st_size < 1_000_000

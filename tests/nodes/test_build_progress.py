"""The model reads along while a command runs, and is asked no more once a pattern can read."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import START, StateGraph

from graph.state import State
from models.errors import Rejected
from models.transcript import Transcript
from nodes.build.compile import run_commands
from nodes.build.progress import Reader
from nodes.session import Session
from nodes.watch import Watch
from tests.nodes.tiny_backend import begin
from tools.runs import Runs


def often(session: Session) -> None:
    """Let its model be asked often."""
    settings = session.settings
    progress = settings.progress.model_copy(update={"seconds_remote": 0.3})
    watch = settings.watch.model_copy(update={"still_s": 2.0})
    session.settings = settings.model_copy(update={"progress": progress, "watch": watch})


def watch_of(session: Session, *, asking: bool = True) -> Watch:
    """A watcher as a build has it."""
    return Watch(session, "builds", phase="build", asking=asking, reader=Reader(session), stops=True)


def watched(folder: Path, command: str, *, name: str = "wavelet", **answers: Any) -> tuple[Any, Any, Watch]:
    """Run a command under a watcher that asks often; returns the session, how it ended and the watcher."""
    session, _ = begin(folder, name, **answers)
    often(session)
    with watch_of(session) as watch:
        finished = session.command(command, name="build", **watch.watching())
    return session, finished, watch


def said(words: str = "", done: int | None = None, total: int | None = None, **more: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"warnings": [], "errors": [], "go_on": "continue"}
    return {"doing": "x", "words": words, "done": done, "total": total, **empty, **more}


def readings(session: Any) -> list[dict[str, Any]]:
    return [line for line in session.run.journal() if line["step"] == "build.progress" and "doing" in line]


STEPS = 'for i in 1 2 3 4 5 6 7 8 9; do echo "[$i/9] CC file$i.o"; sleep 1; done'


def test_two_readings_make_a_pattern_and_then_the_model_is_asked_no_more(tmp_path: Path) -> None:
    rules = [{"when": f"[{n}/9] CC file{n}.o\n```", "answer": said(f"[{n}/9]", n, 9)} for n in range(1, 10)]
    session, finished, _ = watched(tmp_path, STEPS, build_progress=rules)
    assert finished.ok
    assert [line["done"] for line in readings(session)] in ([1, 2], [2, 3], [1, 3])
    assert "(?P<done>" in session.recipe.get("progress")

    # The next build of this backend is read by it from its first line on.
    again = watch_of(session, asking=False)
    shown: list[dict[str, Any]] = []
    session.show = lambda text, kind="say", **facts: shown.append({"text": text, "kind": kind, **facts})
    with again:
        again.line("stdout", "[7/9] CC file7.o")
    assert [event["percent"] for event in shown if event["kind"] == "progress"] == [None, 77, None]


def test_the_model_of_a_busy_command_is_asked_beside_it(tmp_path: Path) -> None:
    session, _ = begin(tmp_path, build_progress=said())
    often(session)
    other = Session(session.run)  # of the same run, with a way to the model of its own
    other.asker.transcript = Transcript(tmp_path / "beside")
    session.beside = other.asker
    with watch_of(session) as watch:
        session.command(STEPS.replace("9;", "3;"), name="build", **watch.watching())
    assert session.asker.transcript.records() == []
    assert {record["question"] for record in other.asker.transcript.records()} == {"build_progress"}
    with watch_of(session) as watch:
        watch.sign = lambda samples: "it no longer moves"  # type: ignore[method-assign]
        session.command(STEPS.replace("9;", "3;"), name="build", **watch.watching())
    assert session.asker.transcript.records()


def test_a_model_in_this_process_has_one_thread_beside_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    monkeypatch.setattr("nodes.session.make_chat_model", lambda *_, threads, **__: made.append(threads) or object())
    run = Runs(tmp_path).create("/src/x", "x", f"embedded:{tmp_path}/x.gguf", approve="safe", began=time.time())
    session = Session(run)
    for asker in (session.beside, session.asker):
        asker.model()
    assert made == [1, None]
    assert session.beside.transcript is session.asker.transcript
    remote = Session(Runs(tmp_path).create("/src/x", "y", "ollama:x", approve="safe", began=time.time()))
    assert remote.beside is remote.asker


def test_a_reading_that_does_not_stand_in_the_lines_is_refused(tmp_path: Path) -> None:
    session, _, _ = watched(tmp_path, STEPS.replace("9;", "3;"), build_progress=said("50%", 50, 100))
    records = session.asker.transcript.records()
    assert records and all("not stand in the lines" in record["oracle"] for record in records)
    assert readings(session) == []
    assert session.recipe.get("progress") is None


def test_a_failure_line_is_read_at_once_and_warnings_are_counted(tmp_path: Path) -> None:
    line = "b.c:3: error: no"
    session, finished, watch = watched(
        tmp_path,
        f"echo 'a.c:1: warning: unused'; sleep 2.5; echo '{line}'; sleep 2.5; exit 1",
        build_progress=[{"when": line, "answer": said(errors=[line])}, {"answer": said()}],
    )
    assert not finished.ok and finished.stopped is None
    assert watch.warnings == 1
    assert [found["errors"] for found in readings(session)][-1] == [line]


def test_an_abort_that_nothing_confirms_is_not_carried_out(tmp_path: Path) -> None:
    session, finished, _ = watched(tmp_path, STEPS, build_progress=said(go_on="abort"))
    assert finished.ok
    assert any("nothing confirms it" in line["text"] for line in session.run.journal())


def test_a_command_that_no_longer_moves_is_stopped_where_the_model_says_so(tmp_path: Path) -> None:
    rules = [{"when": "no processor time", "answer": said(go_on="abort")}, {"answer": said()}]
    began = time.monotonic()
    _, finished, _ = watched(tmp_path, "echo waiting for the lock; sleep 600", build_progress=rules)
    assert time.monotonic() - began < 60
    assert "because it no longer moves" in finished.in_words
    assert not finished.ok


def test_the_same_failure_again_and_again_is_stopped_where_the_model_says_so(tmp_path: Path) -> None:
    rules = [{"when": "the same failure", "answer": said(go_on="abort")}, {"answer": said()}]
    loop = 'i=0; while true; do i=$((i+1)); echo "error: cannot connect, try $i"; sleep 0.3; done'
    _, finished, _ = watched(tmp_path, loop, build_progress=rules)
    assert "it printed the same failure" in finished.in_words


@pytest.mark.parametrize("go_on", ["continue", "abort"])
def test_what_is_busy_in_silence_is_let_be(tmp_path: Path, go_on: str) -> None:
    busy = "end=$(( $(date +%s) + 6 )); while [ $(date +%s) -lt $end ]; do :; done; echo done"
    _, finished, _ = watched(tmp_path, busy, build_progress=said(go_on=go_on))
    assert finished.ok


def test_a_model_that_is_slow_does_not_hold_the_command_back(tmp_path: Path) -> None:
    session, _ = begin(tmp_path)
    often(session)
    asked, over = threading.Event(), threading.Event()

    def slow(*_: Any, **__: Any) -> Any:
        asked.set()
        over.wait(60)
        raise Rejected("build_progress", "", "the test is over")

    session.ask = slow
    with watch_of(session) as watch:
        finished = session.command("echo begun; sleep 3; echo ended", name="build", **watch.watching())
    assert asked.is_set() and not over.is_set()
    assert finished.ok
    over.set()


def test_a_model_on_the_same_cores_is_asked_less(tmp_path: Path) -> None:
    session, _ = begin(tmp_path)
    session.asker.form = "small"
    watch = watch_of(session)
    watch.line("stdout", "compiling a.c")
    for spent, questions, least in ((0.0, 0, 500), (50.0, 10, 100)):  # at most a twentieth of the time
        watch._spent, watch._questions = spent, questions
        watch._asked = watch._judged = time.monotonic() - least + 2
        assert not watch._due([], None)
        watch._asked -= 2
        assert watch._due([], None) == "progress"


@pytest.mark.parametrize("quiet", [True, False])
def test_the_live_reading_can_be_turned_off(tmp_path: Path, quiet: bool) -> None:
    session, _ = begin(tmp_path, build_progress=said())
    session.run.update(settings={**session.run.facts["settings"], "quiet_model": quiet})
    session.settings = type(session)(session.run).settings
    often(session)
    run_commands(session, ["echo compiling; sleep 3"], name="build", watching=True)
    assert (session.asker.transcript.records() == []) is quiet


def test_what_the_model_reads_reaches_the_screen(tmp_path: Path) -> None:
    session, state = begin(tmp_path, build_progress=said("[2/8]", 2, 8, warnings=[]))
    often(session)

    def node(_: State) -> dict[str, Any]:
        with watch_of(session) as watch:
            session.command("echo '[2/8] CC a.o'; sleep 3", name="build", **watch.watching())
        return {}

    graph = StateGraph(State)
    graph.add_node("node", node)
    graph.add_edge(START, "node")
    events = [event for event in graph.compile().stream(state, stream_mode="custom") if event["kind"] == "progress"]
    assert next((event["text"], event["percent"]) for event in events if event["text"]) == ("x", 25)
    assert events[-1]["ended"]

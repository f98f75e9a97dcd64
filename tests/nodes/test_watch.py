"""A running command is watched: what is stuck is found and what is only silent is let be."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, Literal

import pytest
from langgraph.graph import START, StateGraph

from graph.state import State
from nodes.session import Session
from nodes.verify.suite.alone import run_tests
from nodes.verify.tests import tests as run_suite
from nodes.watch import Watch
from nodes.watching.answers import ProcessHealth
from nodes.watching.evidence import HEAD, rests_on, table
from tests.nodes.tiny_backend import begin
from tests.tools.test_signs import course
from tools.samples import read_samples, samples_file

DEADLOCK = """
import threading, time
one, other = threading.Lock(), threading.Lock()
def take(first, second):
    with first:
        time.sleep(0.5)
        with second:
            print("done")
print("begun", flush=True)
threads = [threading.Thread(target=take, args=pair) for pair in ((one, other), (other, one))]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
LIVELOCK = """
import time
n = 0
while True:
    n += 1
    print(f"error: the port is taken, try {n}", flush=True)
    sum(range(200000))
    time.sleep(0.05)
"""
LEAK = """
import time
held = []
while True:
    held.append(bytearray(25 << 20))
    time.sleep(0.5)
"""
SILENT = "import time; end = time.time() + 8\nwhile time.time() < end: pass\nprint('done')"
STILL = "it no longer moves"
RULES = [
    {"when": f", `{STILL}", "answer": {"health": "intervene", "rests_on": STILL}},
    {"when": ", `its memory will not", "answer": {"health": "intervene", "rests_on": "its memory will not fit"}},
    {"when": ", `it printed the same failure", "answer": {"health": "intervene", "rests_on": "the same failure"}},
    {"answer": {"health": "healthy", "rests_on": "no sign of trouble"}},
]


def quick(session: Session, intervene: Literal["offer", "stop"] = "stop") -> None:
    """Let its model be asked often, and few seconds without movement be many."""
    watch = session.settings.watch.model_copy(update={"seconds_remote": 1.0, "still_s": 3.0, "intervene": intervene})
    session.settings = session.settings.model_copy(update={"watch": watch})


def watched(
    folder: Path, program: str, intervene: Literal["offer", "stop"] = "stop", *, timeout_s: float = 300, **answers: Any
) -> tuple[Session, Any, Watch]:
    """Run a Python program under a watcher; returns the session, how it ended and the watcher."""
    session, _ = begin(folder, **{"process_health": RULES, **answers})
    quick(session, intervene)
    with Watch(session, "computes", phase="tests") as watch:
        argv = [sys.executable, "-c", program]
        finished = session.command(argv, name="run", timeout_s=timeout_s, **watch.watching())
    return session, finished, watch


def judgements(session: Session) -> list[str]:
    return [line["text"] for line in session.run.journal() if line["step"] == "watch"]


def test_a_deadlock_is_found_and_stopped_where_that_was_allowed(tmp_path: Path) -> None:
    session, finished, _ = watched(tmp_path, DEADLOCK)
    assert f"because {STILL}" in finished.in_words and not finished.ok
    said = judgements(session)
    assert said[-2:] == [f"intervene: {STILL}", f"  the model would intervene; {finished.stopped}"]
    # Its samples, beside its log, end with two threads and a main one that wait.
    samples = read_samples(samples_file(finished.log))
    assert samples[-1].status == "sleeping" and samples[-1].threads >= 3
    assert max(sample.cpu for sample in samples[-3:]) < 0.05


def test_a_deadlock_is_told_and_goes_on_where_it_was_not_allowed(tmp_path: Path) -> None:
    session, finished, watch = watched(tmp_path, DEADLOCK, "offer", timeout_s=14)
    assert finished.timed_out and watch.stop is None
    (offer,) = [line for line in session.run.journal() if line.get("offered")]
    assert offer["offered"].startswith(STILL)
    assert f"`kill {watch.sampler.pid}` ends this command" in offer["text"] and "watch.intervene: stop" in offer["text"]


def test_what_the_model_does_not_say_is_not_carried_out(tmp_path: Path) -> None:
    healthy = {"health": "healthy", "rests_on": STILL}
    rules = [{"when": STILL, "answer": healthy}, RULES[-1]]
    session, finished, watch = watched(tmp_path, DEADLOCK, timeout_s=12, process_health=rules)
    assert finished.timed_out and watch.stop is None
    assert f"healthy: {STILL}" in judgements(session)


def test_without_a_model_the_person_is_told_of_the_sign(tmp_path: Path) -> None:
    session, finished, _ = watched(tmp_path, DEADLOCK, timeout_s=12, process_health=[])
    assert finished.timed_out
    assert [line["offered"][: len(STILL)] for line in session.run.journal() if line.get("offered")] == [STILL]


@pytest.mark.parametrize("health", ["healthy", "intervene"])
def test_busy_and_silent_is_no_alarm_and_is_not_killed(tmp_path: Path, health: str) -> None:
    rules = {"health": health, "rests_on": "no sign of trouble"}
    session, finished, _ = watched(tmp_path, SILENT, process_health=rules)
    assert finished.ok
    assert judgements(session)[0] == f"{health}: no sign of trouble"
    assert not [line for line in session.run.journal() if line.get("offered")]
    refused = "  the model would intervene; nothing confirms it: it still moves, and no failure repeats"
    assert (refused in judgements(session)) == (health == "intervene")


def test_a_livelock_with_output_is_stopped(tmp_path: Path) -> None:
    _, finished, _ = watched(tmp_path, LIVELOCK)
    assert "it printed the same failure" in finished.in_words
    assert "error: the port is taken, try #" in finished.in_words


def test_a_leak_is_stopped_before_the_memory_is_gone(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("limits: {memory_gib: 1}\n")
    _, finished, watch = watched(tmp_path, LEAK)
    assert "because its memory will not fit: it grew by" in finished.in_words
    assert "MemoryError" not in finished.log.read_text()
    assert watch.sampler.samples[-1].rss < 1 << 30


def test_the_model_sees_samples_both_ends_of_the_log_and_what_is_expected(tmp_path: Path) -> None:
    talks = "import time\nfor n in range(60): print('iteration', n, flush=True); sum(range(3000000)); time.sleep(0.1)"
    session, _, _ = watched(tmp_path, talks)
    asked = [r["messages"][1]["content"] for r in session.asker.transcript.records()]
    assert len(asked) > 1
    for part in ("Expected: it computes", HEAD, "log before:", "newest lines of the log:", ", `no sign of trouble"):
        assert part in asked[-1]
    before = asked[1].partition("log before:")[2].partition("newest lines")[0]
    first = asked[0].partition("newest lines of the log:")[2].partition("row `")[0]
    assert before.strip() == first.strip() and "iteration" in before


def test_what_it_rests_on_has_to_stand_there(tmp_path: Path) -> None:
    made_up = {"health": "healthy", "rests_on": "iteration 4000"}
    session, _, watch = watched(tmp_path, SILENT, process_health=made_up)
    records = session.asker.transcript.records()
    assert records and all("stands neither in" in record["oracle"] for record in records)
    assert watch.health is None and judgements(session) == []

    judge = rests_on("9 s | 0.00  | 2 KiB", "step 3", "no sign")
    assert judge(ProcessHealth(rests_on="9 s | 0.00 | 2 KiB", health="watch")) is None
    assert judge(ProcessHealth(rests_on="", health="watch")) is not None


def test_a_healthy_command_is_asked_about_less_and_less(tmp_path: Path) -> None:
    session, _ = begin(tmp_path, process_health=RULES)
    quick(session)
    watch = Watch(session, "computes", phase="tests")
    watch._asked = watch._judged = 0.0
    samples = course(30, cpu=lambda s: 1.0)
    waits = []
    for _ in range(3):
        waits.append(watch._later)
        assert watch._due(samples, None) == "health"
        watch._ask("health", samples, None)
        assert watch._due(samples, None) is None
        watch._judged = time.monotonic() - watch._later - 1
        watch._asked -= 10
    assert waits == [1.0, 1.5, 2.25]
    # What is no longer what it was is asked about before that.
    watch._judged = time.monotonic()
    assert watch._due(samples, None) is None
    assert watch._due(course(30, cpu=lambda s: 1.0 if s < 25 else 0.0), None) == "health"


def test_a_sign_is_asked_about_at_once_and_again_when_it_has_lasted(tmp_path: Path) -> None:
    session, _ = begin(tmp_path, process_health=RULES)
    watch = Watch(session, "computes", phase="tests")
    watch._asked = watch._judged = time.monotonic()
    samples = course(30)
    assert watch._due(samples, None) is None
    assert watch._due(samples, "it no longer moves") == "health"
    watch._character = None
    assert watch._due(samples, "it no longer moves") is None
    assert watch._signed is not None
    watch._signed -= session.settings.watch.still_s
    assert watch._due(samples, "it no longer moves") == "health"
    watch._signed -= session.settings.watch.still_s
    assert watch._due(samples, "it no longer moves") is None


def test_the_table_has_few_rows_the_newest_last() -> None:
    rows = table(course(200, cpu=lambda s: s / 100, rss=lambda s: s << 20)).splitlines()
    assert rows[0] == HEAD and len(rows) == 9
    assert rows[-1] == "199 s | 1.99 | 199.0 MiB | +1.0 MiB/s | 0 B/s | 2 | sleeping | 8.0 GiB"
    assert [int(row.split()[0]) for row in rows[1:]] == [41, 121, 161, 181, 191, 196, 198, 199]
    assert len(table(course(1)).splitlines()) == 2


def test_the_status_reaches_the_screen(tmp_path: Path) -> None:
    session, state = begin(tmp_path, process_health=RULES)
    quick(session)
    (session.tree / "silent.py").write_text(SILENT)

    def node(_: State) -> dict[str, Any]:
        run_tests(session, f"{sys.executable} silent.py", "tests", 60)
        return {}

    graph = StateGraph(State)
    graph.add_node("node", node)
    graph.add_edge(START, "node")
    events = [event for event in graph.compile().stream(state, stream_mode="custom") if event["kind"] == "status"]
    assert events[-1]["phase"] == "tests" and "cores, " in events[-1]["text"] and events[-1]["sign"] is None
    assert "healthy" in [event["health"] for event in events]


def suite(folder: Path) -> State:
    """A project whose only test command never ends."""
    session, known = begin(folder, process_health=RULES)
    quick(session)
    (session.tree / "stuck.py").write_text(DEADLOCK)
    survey = session.recipe.get("survey")
    survey["commands"]["test"] = [f"{sys.executable} stuck.py"]
    session.recipe.put("survey", survey, "written for a test")
    return known


def test_a_suite_that_gets_stuck_goes_to_recovery_with_that_reason(tmp_path: Path) -> None:
    state = suite(tmp_path)
    failure = run_suite(state)["failure"]
    assert failure["step"] == "verify.tests"
    assert "did not end" in failure["what"] and STILL in failure["what"]
    assert failure["command"] == f"{sys.executable} stuck.py" and Path(failure["log"]).exists()

    attempt = {"step": "verify.tests", "action": {"kind": "variable", "text": "x"}, "outcome": ""}
    again = run_suite({**state, "attempts": [attempt]})
    assert again["failure"] is None
    assert again["reached"]["verify.tests"].startswith("RESERVATION") and STILL in again["reached"]["verify.tests"]

"""Studio's server on the checkout: a run with an interrupt, driven by the SDK, and one that the command line ends."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from tests.e2e.conftest import walled
from tests.e2e.machine import COMMAND, NAME, PACKAGE, ROOT, SETTLED, Machine, until
from tools.runs import Run, Runs

QUIET = {
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGSMITH_TRACING": "false",
    "LANGGRAPH_NO_VERSION_CHECK": "true",
    "NO_COLOR": "1",
}
OWN = ROOT / ".langgraph_api"
"""Where the server keeps what it knows of its own threads."""


class Studio:
    """The server on a machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.log = machine.folder / "studio.log"
        command = [str(Path(sys.executable).with_name("langgraph")), "dev", "--no-browser", "--no-reload"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--port", self.url.rpartition(":")[2]],
                cwd=ROOT,
                env={**os.environ, **machine.environment, **QUIET},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.client: SyncLangGraphClient = get_sync_client(url=self.url)

    def answers(self) -> bool:
        """Whether it is ready."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.url}/ok").status_code == 200
        except httpx.TransportError:
            return False

    def close(self) -> None:
        """Stop it with all that it started."""
        self.client.http.client.close()
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for process in family:
            if process.is_running():
                process.kill()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    there = OWN.exists()
    studio = Studio(Machine(tmp_path_factory.mktemp("studio")))
    try:
        assert until(studio.answers), studio.log.read_text()
        yield studio
    finally:
        studio.close()
        if not there:
            shutil.rmtree(OWN, ignore_errors=True)


def begin(studio: Studio, name: str) -> tuple[str, dict[str, Any]]:
    """Begin a run as Studio does, and wait for it to end or to ask; returns its thread and the thread's state."""
    thread = studio.client.threads.create()["thread_id"]
    given = {"source": str(studio.machine.source), "name": name, "model": studio.machine.model, "approve": "ask"}
    studio.client.runs.wait(thread, "rigil", input=given)
    return thread, dict(studio.client.threads.get_state(thread))


def question(state: dict[str, Any]) -> dict[str, Any]:
    (asked,) = [interrupt["value"] for task in state["tasks"] for interrupt in task["interrupts"]]
    return dict(asked)


def run_of(machine: Machine, thread: str) -> Run:
    (run,) = [run for run in Runs(machine.state).list() if run.facts["settings"].get("thread") == thread]
    return run


def settled(run: Run) -> list[str]:
    return [line["step"] for line in run.journal() if line.get("settled")]


def test_studio_draws_the_graph(studio: Studio) -> None:
    drawn = studio.client.assistants.get_graph("rigil", xray=True)
    names = {node["id"] for node in drawn["nodes"]}
    assert {"diagnose", "decide", "retry", "escalate", "recover:propose", "build:compile"} <= names


@walled
def test_a_run_in_studio_is_asked_answered_and_ends(studio: Studio) -> None:
    thread, state = begin(studio, NAME)
    asked = question(state)
    assert (asked["kind"], asked["command"]) == ("permit", COMMAND)
    assert studio.machine.installed() == []

    studio.client.runs.wait(thread, "rigil", command={"resume": "yes"})
    ended: dict[str, Any] = dict(studio.client.threads.get_state(thread))
    assert ended["next"] == []
    assert ended["values"]["failure"] is None
    assert list(ended["values"]["reached"]) == SETTLED
    run = run_of(studio.machine, thread)
    assert settled(run) == SETTLED
    assert run.report.read_text().startswith(f"{NAME}: VERIFIED\n")
    assert studio.machine.installed() == [PACKAGE]

    listed = studio.machine.here("resume", run.id)
    assert listed.code == 0, listed.out
    assert f"{NAME} is verified and registered." in listed.out
    assert settled(run) == SETTLED


@walled
def test_a_run_begun_in_studio_is_ended_by_the_command_line(studio: Studio) -> None:
    (studio.machine.folder / "machine" / "include" / "qrand.h").unlink(missing_ok=True)
    before = studio.machine.installed()
    thread, state = begin(studio, "another")
    assert question(state)["command"] == COMMAND
    run = run_of(studio.machine, thread)
    done = settled(run)

    said = studio.machine.rigil("resume", run.id, "--answer", "yes")
    assert said.code == 0, said
    assert settled(run)[: len(done)] == done
    assert settled(run) == SETTLED
    assert studio.machine.installed() == [*before, PACKAGE]
    seen: dict[str, Any] = dict(studio.client.threads.get_state(thread))
    assert seen["next"] == []
    assert list(seen["values"]["reached"]) == SETTLED

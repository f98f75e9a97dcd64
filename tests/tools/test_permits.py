from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from tools import sandbox
from tools.permits import describe, needs_person
from tools.sandbox import Permit, Protection

HERE = Path("/w")
WALLS, NONE = Protection("bubblewrap", "works"), Protection("none", "not installed")


@pytest.mark.parametrize(
    ("permit", "walls", "covered_by"),
    [
        (Permit(HERE), WALLS, {"ask", "safe", "all"}),
        (Permit(HERE, network=True), WALLS, {"safe", "all"}),
        (Permit(HERE, machine=True), WALLS, {"all"}),
        (Permit(HERE), NONE, {"all"}),
        (Permit(HERE, network=True), NONE, {"all"}),
    ],
)
@pytest.mark.parametrize("approve", ["ask", "safe", "all"])
def test_what_an_approval_given_beforehand_covers(
    permit: Permit, walls: Protection, covered_by: set[str], approve: Literal["ask", "safe", "all"]
) -> None:
    assert needs_person(permit, approve, walls) == (approve not in covered_by)


def test_the_person_reads_what_will_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "protection", lambda: WALLS)
    permit = Permit(HERE, network=True, hosts=("a.example",))
    told = describe(["echo", "a b"], permit, HERE / "src", {"B": "2", "A": "1"})
    assert told["command"] == "echo 'a b'"
    assert told["argv"] == ["echo", "a b"]
    assert told["folder"] == "/w/src"
    assert told["environment"] == {"A": "1", "B": "2"}
    assert told["tier"] == 2
    assert told["may_touch"][-1] == "It may reach a.example by HTTP and HTTPS; you are asked about any other host."
    assert "/w and nowhere else" in told["may_touch"][0]
    assert json.loads(json.dumps(told)) == told


def test_a_line_for_the_shell_is_told_as_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "protection", lambda: WALLS)
    told = describe("make && make install", Permit(HERE, machine=True), HERE)
    assert told["argv"] == ["/bin/sh", "-c", "make && make install"]
    assert told["command"] == "make && make install"
    assert told["may_touch"] == ["Everything that you may touch yourself: it runs outside the sandbox."]


def test_a_machine_without_walls_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "protection", lambda: NONE)
    told = describe(["make"], Permit(HERE), HERE)
    assert told["tier"] == 3
    assert "there is no sandbox here (not installed)" in told["may_touch"][0]


def test_where_hosts_are_not_held_down_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "protection", lambda: Protection("landlock", "for a test"))
    told = describe(["make"], Permit(HERE, network=True, hosts=("a.example",)), HERE)
    assert told["may_touch"][-1] == "It may use the network; its hosts are not held down here."


def test_an_approval_holds_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "protection", lambda: WALLS)
    base: dict[str, Any] = {
        "command": ["a", "b"],
        "permit": Permit(HERE),
        "cwd": HERE,
        "environment": {"A": "1"},
    }
    others: list[dict[str, Any]] = [
        {"command": ["a b"]},
        {"command": "a b"},
        {"permit": Permit(HERE, network=True)},
        {"permit": Permit(HERE, network=True, hosts=("a.example",))},
        {"permit": Permit(HERE, network=True, hosts=("b.example",))},
        {"permit": Permit(HERE, network=True, hosts=("*",))},
        {"permit": Permit(HERE, readable=(Path("/home/me/x"),))},
        {"cwd": HERE / "x"},
        {"environment": {"A": "2"}},
        {"environment": None},
    ]
    hashes = [describe(**(base | other))["sha256"] for other in [{}, *others]]
    assert len(set(hashes)) == len(hashes)
    assert describe(**base)["sha256"] == hashes[0]

"""Packages without root: unpacked for the build where the machine has a way, installed where that is not enough."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graph.state import Attempt, Failure
from nodes.grants import grant_hosts
from nodes.recovery import unpack
from nodes.recovery.actions import do, permit_of, undo
from nodes.recovery.approval import told
from nodes.recovery.candidates import INSTALL, candidates, plain
from nodes.recovery.propose import propose
from nodes.recovery.unpack import installed_instead, needed_to_run
from tests.nodes.test_recovery import build_failed, diagnosed, questions, small, tried
from tools.overlay import PACKAGES, unpacked
from tools.sandbox import lays_over

pytestmark = pytest.mark.skipif(not lays_over(), reason="nothing can be laid over this machine's folders")
INDEX = {"search": "echo {word}-dev - development files", "install": "pkgadd {package}"}
HEADER = 'mkdir -p "$PREFIX/usr/include" && echo "{package}" > "$PREFIX/usr/include/{package}.h"'
LINE = "q.c:1:10: fatal error: qsim.h: No such file"


def proposed(folder: Path, command: str | list[Any], machine: dict[str, str] | None = None) -> tuple[Any, Any]:
    session, state = small(
        folder,
        action={"action": INSTALL, "risk": "low", "chance": 80},
        missing={"name": "qsim"},
        package={"package": "qsim-dev"},
        unpack_package=command if isinstance(command, list) else {"command": command},
    )
    (session.run.state / "machine.json").write_text(json.dumps(machine or INDEX))
    state["failure"] = build_failed(session, f"{LINE}\n")
    state["diagnosis"] = diagnosed("something_missing", LINE)
    return session, state


def machine(session: Any) -> dict[str, str]:
    found: dict[str, str] = json.loads((session.run.state / "machine.json").read_text())
    return found


def test_a_package_is_unpacked_for_the_build_and_asks_for_no_more_than_the_network(tmp_path: Path) -> None:
    session, state = proposed(tmp_path, HEADER)
    action = propose(state)["action"]
    assert (action["kind"], action["install"]) == ("unpack", "pkgadd qsim-dev")
    assert permit_of(session, action).tier == 2
    shown = told(session, state["failure"], action)
    assert shown["tier"] == 2 and shown["command"] == HEADER.replace("{package}", "qsim-dev")
    assert shown["folder"] == str(session.shell.workspace / PACKAGES / ".unpacking")
    assert shown["environment"]["PREFIX"] == f"{shown['folder']}/root"

    assert do(session, action) == ""

    look = "cat /usr/include/qsim-dev.h"
    assert session.command(look, name="look", packages=True).ok
    assert not session.command(look, name="look").ok
    assert [path.name for path in unpacked(session.shell.workspace)] == ["qsim-dev"]
    assert undo(session, action)
    assert not session.command(look, name="look", packages=True).ok


def test_how_a_machine_unpacks_is_asked_once(tmp_path: Path) -> None:
    second = {"when": "Not accepted", "answer": {"command": HEADER}}
    session, state = proposed(tmp_path, [second, {"answer": {"command": "get {package}"}}])
    assert propose(state)["action"]["kind"] == "unpack"
    assert machine(session) == {**INDEX, "unpack": HEADER}
    assert questions(session).count("unpack_package") == 2
    propose(state)
    assert questions(session).count("unpack_package") == 2


@pytest.mark.parametrize("answer", ["", "get it", "get {package} $PREFIX ("])
def test_where_there_is_no_way_it_is_installed(answer: str, tmp_path: Path) -> None:
    session, state = proposed(tmp_path, answer)
    action = propose(state)["action"]
    assert (action["kind"], action["command"]) == ("install", "pkgadd qsim-dev")
    assert machine(session)["unpack"] == ""


@pytest.mark.parametrize(
    ("command", "why", "kept"),
    [
        ("exit 3 # {package} $PREFIX", "it failed: ", ""),
        ("true {package} $PREFIX", "it failed: nothing was unpacked", ""),
        ('rmdir "$PREFIX"; ln -s / "$PREFIX" # {package}', "it failed: nothing was unpacked", ""),
        ('cd ..; rm -rf .unpacking; ln -s / .unpacking; rm -f "$PREFIX"/x # {package}', "it failed: ", ""),
        ('mkdir "$PREFIX/proc" && touch "$PREFIX/proc/{package}"', "it failed: nothing was unpacked", ""),
        (
            'cd "$PREFIX" && mkdir -p usr/lib && ln -s libq.so.1 usr/lib/libq.so && touch usr/lib/{package}',
            "it failed: /usr/lib/libq.so leads to /usr/lib/libq.so.1",
            None,
        ),
    ],
)
def test_what_does_not_do_is_installed_without_another_question(
    command: str, why: str, kept: str | None, tmp_path: Path
) -> None:
    session, state = proposed(tmp_path, command)
    action = propose(state)["action"]
    outcome = do(session, action)
    assert outcome.startswith(why)
    assert unpacked(session.shell.workspace) == []
    assert machine(session)["unpack"] == (command if kept is None else kept)
    asked = len(questions(session))

    state["attempts"] = [tried(session, state["failure"], action, outcome)]
    action = propose(state)["action"]

    assert (action["kind"], action["package"], action["command"]) == ("install", "qsim-dev", "pkgadd qsim-dev")
    assert len(questions(session)) == asked
    state["attempts"] += [tried(session, state["failure"], action, "then the same failure: x")]
    assert installed_instead(session, state["failure"], state["attempts"]) is None


@pytest.mark.parametrize(
    "outcome",
    ["", "not permitted by the person", "the step then passed", "then another failure: y", "then the same failure: x"],
)
def test_what_was_unpacked_well_is_not_installed(outcome: str, tmp_path: Path) -> None:
    session, state = proposed(tmp_path, HEADER)
    action = propose(state)["action"]
    assert installed_instead(session, state["failure"], [tried(session, state["failure"], action, outcome)]) is None


def test_a_host_that_is_refused_is_asked_about_before_anything_else_is_tried(tmp_path: Path) -> None:
    session, state = proposed(tmp_path, HEADER)
    action = propose(state)["action"]
    failure: Failure = state["failure"]
    mine: list[Attempt] = [tried(session, failure, action, "it failed: it may not reach mirror.example.org")]
    first = plain(session, failure, offered := candidates(session, failure, mine), mine)
    assert first is not None and offered[first]["host"] == "mirror.example.org" and offered[first]["kind"] == "unpack"
    grant_hosts(session, ["mirror.example.org"])
    first = plain(session, failure, offered := candidates(session, failure, mine), mine)
    assert first is not None and offered[first]["kind"] == "install"


def compiled(session: Any, name: str) -> None:
    """A library of an unpacked package, and a program and a library of the tree that load it."""
    home = session.shell.workspace / PACKAGES / name / "usr" / "lib"
    python = session.shell.workspace / "python" / "bin" / "python"
    for folder in (home, python.parent):
        folder.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (session.tree / "q.c").write_text("int q(void) { return 3; }\n")
    (session.tree / "p.c").write_text("int q(void); int main(void) { return q(); }\n")
    for line in (
        ["cc", "-shared", "-fPIC", "-o", f"{home}/librigilprobe.so", "q.c"],
        ["cc", "-o", "p", "p.c", f"-L{home}", "-lrigilprobe"],
        ["cc", "-shared", "-fPIC", "-Wl,--no-as-needed", "-o", "libp.so", "p.c", f"-L{home}", "-lrigilprobe"],
        ["cc", "-o", "alone", "q.c", "-nostartfiles"],
    ):
        subprocess.run(line, cwd=session.tree, check=True)


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler here")
def test_what_loads_an_unpacked_library_when_it_runs_has_to_be_installed(tmp_path: Path) -> None:
    session, state = proposed(tmp_path, HEADER)
    action = propose(state)["action"]
    compiled(session, action["package"])
    none: dict[str, list[str]] = {"programs": [], "modules": [], "libraries": []}
    assert needed_to_run(session, none) is None
    assert needed_to_run(session, {**none, "programs": ["alone", "q.c"]}) is None
    needs = needed_to_run(session, {**none, "programs": ["p"]})
    assert needs is not None and "librigilprobe.so" in needs and needs.endswith(f": {action['package']}.")
    assert needed_to_run(session, {**none, "libraries": ["libp.so"]}) is not None

    failure = Failure(phase="build", step="build.compile", what=needs, command=None, log=None, status=None)
    mine = [tried(session, failure, action, "then another failure: x")]
    install = installed_instead(session, failure, mine)
    assert install is not None and install["command"] == "pkgadd qsim-dev"
    session.command = lambda *_, **__: session.shell.run("true", name="pkgadd")
    assert do(session, {**install, "step": "build.compile"}) == ""
    assert unpacked(session.shell.workspace) == []


def test_only_what_the_failure_names_is_installed(tmp_path: Path) -> None:
    session, state = proposed(tmp_path, HEADER)
    for name in ("liba", "hdrb"):
        (session.shell.workspace / PACKAGES / name / "usr").mkdir(parents=True)
    what = f"x loads /usr/lib/a.so when it runs, which is {unpack.ONLY_UNPACKED}: liba."
    failure = Failure(**{**state["failure"], "what": what, "log": None})
    # Also where an earlier run unpacked them.
    found = installed_instead(session, failure, [])
    assert found is not None and found["command"] == "pkgadd liba"
    done = tried(session, state["failure"], dict(found), "then another failure: y")
    assert installed_instead(session, failure, [done]) is None


def test_a_package_that_cannot_be_laid_over_is_not_kept_and_one_with_closed_folders_goes(tmp_path: Path) -> None:
    session, state = proposed(tmp_path, f'{HEADER} && chmod -R a-w "$PREFIX"')
    action = propose(state)["action"]
    assert do(session, action) == ""
    assert do(session, action) == "", "again, in the place of the first"
    unpack.remove(session, "..")
    assert session.tree.is_dir()
    unpack.remove(session, action["package"])
    assert unpacked(session.shell.workspace) == []
    run = session.command
    session.command = lambda *given, **named: run(["false"] if named["name"] == "laid" else given[0], **named)
    assert do(session, action).startswith("it failed: it cannot be laid over")
    assert unpacked(session.shell.workspace) == []


@pytest.mark.parametrize("package", ["..", ".", "a,b", "a:b", "-x", ""])
def test_a_name_that_is_no_folders_is_installed(package: str, tmp_path: Path) -> None:
    session, state = proposed(tmp_path, HEADER)
    assert unpack.command_for(session, state["failure"], package) is None


def test_another_step_installs(tmp_path: Path) -> None:
    session, state = proposed(tmp_path, HEADER)
    failure = {**state["failure"], "step": "verify.tests"}
    assert unpack.command_for(session, failure, "qsim-dev") is None

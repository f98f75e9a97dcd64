"""A mended build counts only if it also works on an untouched copy."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from graph.state import Attempt
from nodes.build.compile import compile
from nodes.build.inspect import inspect
from nodes.build.plan import is_verified
from nodes.build.replay import replay
from tests.nodes.tiny_backend import begin

LEFTOVERS = "test -f left || { touch left; echo first try; exit 1; }\n"
HONEST = "echo built\n"


def waited() -> Attempt:
    action = {"kind": "wait", "text": "wait and try again", "permit": "granted beforehand"}
    return Attempt(step="build.compile", failure="", signature="x", action=action, outcome="")


def source(folder: Path, script: str) -> tuple[Any, Any]:
    """A run on a source whose `build.sh` makes a program, unless the script says otherwise."""
    session, state = begin(folder)
    workspace = session.shell.workspace
    shutil.rmtree(workspace / "tree")
    for name in ("source", "tree"):
        (workspace / name).mkdir()
        (workspace / name / "build.sh").write_text(f"{script}printf '#!/bin/sh\\n' > sim && chmod +x sim\n")
    session.recipe.put("build", {"configure": [], "build": ["sh build.sh"], "strategy": "clean"}, "not yet built")
    survey = session.recipe.get("survey")
    survey["commands"]["build"] = ["sh build.sh"]
    session.recipe.put("survey", survey, "written for a test")
    return session, state


def test_what_works_only_by_leftovers_is_a_failure_of_the_build(tmp_path: Path) -> None:
    session, state = source(tmp_path, LEFTOVERS)
    assert compile(state)["failure"]["step"] == "build.compile"
    state = {**state, "attempts": [waited()]}
    assert compile(state)["failure"] is None and inspect(state)["failure"] is None

    found = replay(state)

    assert found["at"] == "build.compile"
    assert found["failure"]["step"] == "build.compile"
    assert "untouched copy" in found["failure"]["what"]
    assert "first try" in Path(found["failure"]["log"]).read_text()
    assert not is_verified(session)


def test_what_was_mended_is_done_again_without_the_model_and_only_once(tmp_path: Path) -> None:
    session, state = source(tmp_path, HONEST)
    fix = {"kind": "command", "step": "build.compile", "command": "touch python/got-it", "text": "run it first"}
    session.recipe.put("fixes", [{**fix, "command": "touch ../python/got-it"}], "build.compile passed after them")
    state = {**state, "attempts": [waited()]}
    assert compile(state)["failure"] is None and inspect(state)["failure"] is None
    stale = session.tree / "stale"
    stale.touch()

    first = replay(state)
    logs = len(list(session.run.logs.iterdir()))
    second = replay(state)

    assert "built again from an untouched copy" in first["reached"]["build.replay"]
    assert not stale.exists() and (session.tree / "sim").exists()
    assert (session.shell.workspace / "python" / "got-it").exists()
    assert is_verified(session)
    assert second["reached"]["build.replay"] == "replayed before from an untouched copy"
    assert len(list(session.run.logs.iterdir())) == logs
    assert session.asker.transcript.totals().calls == 0


def test_a_build_in_which_nothing_was_mended_is_its_own_replay(tmp_path: Path) -> None:
    session, state = source(tmp_path, HONEST)
    assert compile(state)["failure"] is None and inspect(state)["failure"] is None
    assert "its own replay" in replay(state)["reached"]["build.replay"]
    assert is_verified(session)


def test_a_product_that_does_not_need_the_source_is_not_built_from_it(tmp_path: Path) -> None:
    session, state = source(tmp_path, HONEST)
    forged = "printf '#!/bin/sh\\necho VERIFIED\\n' > sim; chmod +x sim"
    session.recipe.put("build", {"configure": [], "build": [forged], "strategy": "clean"}, "not yet built")
    state = {**state, "attempts": [waited()]}
    assert compile(state)["failure"] is None and inspect(state)["failure"] is None

    found = replay(state)

    assert "not built from this source" in found["failure"]["what"]
    assert (found["failure"]["step"], found["failure"]["command"]) == ("build.compile", forged)
    assert not is_verified(session)


def test_a_build_that_makes_nothing_goes_back_to_its_commands(tmp_path: Path) -> None:
    session, state = source(tmp_path, HONEST)
    session.recipe.put("build", {"configure": [], "build": ["true"], "strategy": "clean"}, "not yet built")
    assert compile(state)["failure"] is None
    found = inspect(state)
    assert (found["at"], found["failure"]["command"]) == ("build.compile", "true")


def test_a_step_that_the_person_skipped_is_not_failed_again_by_a_later_one(tmp_path: Path) -> None:
    session, state = source(tmp_path, HONEST)
    session.recipe.put("build", {"configure": [], "build": ["true"], "strategy": "clean"}, "not yet built")
    found = inspect({**state, "skipped": ["build.compile"]})
    assert found["at"] == found["failure"]["step"] == "build.inspect"


def test_what_a_run_mended_that_never_came_here_is_replayed_by_the_next(tmp_path: Path) -> None:
    session, state = source(tmp_path, HONEST)
    session.recipe.put(
        "fixes", [{"kind": "command", "step": "build.compile", "command": "true", "text": "x"}], "passed"
    )
    assert compile(state)["failure"] is None and inspect(state)["failure"] is None
    assert "built again from an untouched copy" in replay(state)["reached"]["build.replay"]

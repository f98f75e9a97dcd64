"""Building on what an earlier build left: what the strategy rests on, and how a wrong one mends itself."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from nodes.build.compile import compile
from nodes.build.inspect import inspect
from nodes.build.replay import replay
from nodes.build.source import refresh, untouched
from nodes.build.strategy import strategy
from tests.nodes.tiny_backend import begin

MAKEFILE = "all: sim\nsim: sim.sh\n\tcp sim.sh sim && chmod +x sim\n"
LAZY = "all:\n\ttest -f sim || cp sim.sh sim && chmod +x sim\n"


def built(folder: Path, makefile: str = MAKEFILE, **answers: Any) -> tuple[Any, Any]:
    """A run on a source that was built before, without the model."""
    session, state = begin(folder, **answers)
    shutil.rmtree(session.shell.workspace / "tree")
    source = untouched(session)
    source.mkdir()
    (source / "Makefile").write_text(makefile)
    (source / "sim.sh").write_text("#!/bin/sh\necho one\n")
    (source / "notes.txt").write_text("one")
    survey = {**session.recipe.get("survey"), "key_files": ["Makefile"]}
    survey["commands"]["build"] = ["make"]
    session.recipe.put("survey", survey, "written for a test")
    session.recipe.put("build", {"configure": [], "build": ["make"], "strategy": None}, "not yet built")
    (session.shell.workspace / "python" / "bin").mkdir(parents=True)
    (session.shell.workspace / "python" / "bin" / "python").touch()
    session.recipe.put("python_files", ["bin/python"], "written for a test")
    refresh(session)
    for node in (strategy, compile, inspect, replay):
        found = node(state)
        assert found["failure"] is None, found
    assert questions(session) == []
    return session, state


def questions(session: Any) -> list[str]:
    return [record["question"] for record in session.asker.transcript.records()]


def prompts(session: Any) -> list[str]:
    return [record["messages"][-1]["content"] for record in session.asker.transcript.records()]


def change(session: Any, name: str, text: str, *, old: bool = False) -> None:
    path = untouched(session) / name
    path.write_text(text)
    if old:
        os.utime(path, (1, 1))
    refresh(session)


def test_unchanged_sources_are_built_on_without_a_question(tmp_path: Path) -> None:
    session, state = built(tmp_path)
    assert strategy(state)["reached"]["build.strategy"].startswith("incremental build")
    assert questions(session) == []


def test_what_changed_by_content_is_told_and_the_answer_names_what_it_rests_on(tmp_path: Path) -> None:
    answer = {"strategy": "reconfigure", "files": ["Makefile"]}
    session, state = built(tmp_path, build_strategy=answer)
    change(session, "Makefile", MAKEFILE + "# more\n", old=True)

    settled = strategy(state)["reached"]["build.strategy"]

    assert settled.startswith("reconfigure build (1 files of an earlier build were there; it rests on Makefile")
    assert "these files changed: Makefile. Of these, Makefile say how it is built." in prompts(session)[0]
    assert "1 files in ." in prompts(session)[0]
    assert "Makefile: 0 minutes ago; sim (the newest that the build made)" in prompts(session)[0]


def test_a_file_that_did_not_change_is_nothing_to_rest_on(tmp_path: Path) -> None:
    session, state = built(tmp_path, build_strategy={"strategy": "clean", "files": ["sim"]})
    change(session, "sim.sh", "#!/bin/sh\necho two\n")
    assert strategy(state)["failure"]["step"] == "build.strategy"
    assert len(questions(session)) == 2


def test_a_complaint_of_the_person_is_asked_about_though_nothing_changed(tmp_path: Path) -> None:
    session, state = built(tmp_path, build_strategy={"strategy": "clean", "files": []})
    session.recipe.put("complaint", "it crashes since I moved the folder", "said by the person")
    assert strategy(state)["reached"]["build.strategy"].startswith("clean build")
    assert "it crashes since I moved the folder" in prompts(session)[0]
    assert not (session.tree / "sim").exists()


def test_a_clean_build_removes_only_what_the_run_made(tmp_path: Path) -> None:
    session, state = built(tmp_path, build_strategy={"strategy": "clean", "files": ["sim.sh"]})
    change(session, "sim.sh", "#!/bin/sh\necho two\n")
    strategy(state)
    left = {path.relative_to(session.tree).as_posix() for path in session.tree.rglob("*")}
    assert left == {"Makefile", "sim.sh", "notes.txt"}


def test_an_incremental_build_that_fails_for_what_was_left_heals_itself(tmp_path: Path) -> None:
    rules = [
        {"when": "was tried", "answer": {"strategy": "clean", "files": []}},
        {"answer": {"strategy": "incremental", "files": ["Makefile"]}},
    ]
    session, state = built(tmp_path, build_strategy=rules)
    change(
        session,
        "Makefile",
        "all:\n\ttest ! -e sim || { echo 'error: sim is of another build'; exit 1; }\n\tcp sim.sh sim\n",
    )
    strategy(state)

    found = compile(state)

    assert found["failure"] is None, found
    assert questions(session) == ["build_strategy", "build_strategy"]
    assert "error: sim is of another build" in prompts(session)[1]
    assert (session.tree / "sim").exists()


def test_where_the_leftovers_are_not_the_cause_the_failure_goes_to_recovery(tmp_path: Path) -> None:
    session, state = built(tmp_path, build_strategy={"strategy": "incremental", "files": []})
    change(session, "Makefile", "all:\n\tfalse\n")
    strategy(state)
    assert compile(state)["failure"]["step"] == "build.compile"
    assert (session.tree / "sim").exists()


@pytest.mark.parametrize(("again", "printed"), [("clean", "two"), ("incremental", "one")])
def test_a_build_whose_artifact_is_older_than_a_changed_source_is_asked_about(
    tmp_path: Path, again: str, printed: str
) -> None:
    rules = [
        {"when": "nothing that it made is newer than sim.sh", "answer": {"strategy": again, "files": []}},
        {"answer": {"strategy": "incremental", "files": ["sim.sh"]}},
    ]
    session, state = built(tmp_path, LAZY, build_strategy=rules)
    (session.tree / "sim").chmod(0o755)
    os.utime(session.tree / "sim", (1_000_000_000, 1_000_000_000))
    os.utime(session.shell.workspace / "python" / "bin" / "python", (1_000_000_000, 1_000_000_000))
    change(session, "sim.sh", "#!/bin/sh\necho two\n", old=True)
    strategy(state)
    assert compile(state)["failure"] is None
    assert session.command(["sh", "sim"], name="sim").log.read_text().strip() == printed


def test_a_source_that_changed_is_newer_than_what_was_built_whatever_its_own_time(tmp_path: Path) -> None:
    session, state = built(tmp_path, build_strategy={"strategy": "incremental", "files": ["sim.sh"]})
    change(session, "sim.sh", "#!/bin/sh\necho two\n", old=True)
    strategy(state)
    assert compile(state)["failure"] is None
    assert session.command(["./sim"], name="sim").log.read_text() == "two\n"

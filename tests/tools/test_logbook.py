from __future__ import annotations

import json
import logging
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest

from tools.logbook import JOURNAL, collecting, note, work_at


def journal(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / JOURNAL).read_text().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "20260101-000000-abcd"
    found.mkdir()
    return found


def test_a_line_says_its_run_its_step_and_its_attempt(folder: Path) -> None:
    work_at(folder, "build.compile", 2)
    note(folder, "recovery.decide", "decision: recover", {"choice": "recover"})
    note(folder, "build.compile", "it failed", {"settled": False})
    first, second = journal(folder)
    assert (first["run"], first["node"], first["attempt"]) == (folder.name, "build.compile", 2)
    assert (first["step"], first["text"], first["choice"]) == ("recovery.decide", "decision: recover", "recover")
    assert (first["level"], second["level"]) == ("info", "warning")


def test_a_thread_that_a_step_began_belongs_to_it(folder: Path) -> None:
    work_at(folder, "verify.tests", 1)
    thread = threading.Thread(target=note, args=(folder, "watch", "healthy", {}))
    thread.start()
    thread.join()
    assert [(line["node"], line["attempt"]) for line in journal(folder)] == [("verify.tests", 1)]


def test_what_libraries_warn_of_is_in_the_journal_and_not_on_the_screen(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    work_at(folder, "survey.read", 1)
    with collecting(folder):
        logging.getLogger("httpx").warning("a proxy answered %d", 502)
        logging.getLogger("httpx").info("nobody needs this")
        try:
            raise ValueError("torn")
        except ValueError:
            logging.getLogger("langchain_core").exception("a callback failed")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("this goes away", DeprecationWarning, stacklevel=1)
    lines = journal(folder)
    assert [line["step"] for line in lines] == ["httpx", "langchain_core", "py.warnings"]
    assert lines[0]["text"] == "a proxy answered 502" and "ValueError: torn" in lines[1]["traceback"]
    assert "this goes away" in lines[2]["text"]
    assert {(line["run"], line["node"]) for line in lines} == {(folder.name, "survey.read")}
    assert capfd.readouterr() == ("", "")
    logging.getLogger("httpx").warning("afterwards")
    assert len(journal(folder)) == 3


def test_two_runs_at_once_keep_their_lines_apart(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "other")]

    def work(folder: Path) -> None:
        folder.mkdir()
        work_at(folder, f"{folder.name}.step", 1)
        for number in range(200):
            note(folder, "say", f"{folder.name} {number}", {})

    threads = [threading.Thread(target=work, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for folder in folders:
        assert [line["text"] for line in journal(folder)] == [f"{folder.name} {number}" for number in range(200)]
        assert {line["node"] for line in journal(folder)} == {f"{folder.name}.step"}

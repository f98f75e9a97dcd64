"""`rigil report`: the page of a run as it stands, and the archive to attach to an issue."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from nodes.session import close_sessions
from tests.nodes.tiny_backend import begin
from tools.redact import redactor
from tools.runs import Run

SECRET = "s3cr3t-Q8vKz0pWm4Xy"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that was interrupted, with a log that holds what is nobody's business."""
    monkeypatch.setenv("RIGIL_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SERVICE_TOKEN", SECRET)
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    (tmp_path / "person").mkdir()
    monkeypatch.chdir(tmp_path)
    redactor.cache_clear()
    session, _ = begin(tmp_path)
    (session.run.logs / "001-build.log").write_text(
        f"fetching with {SECRET}\nin {tmp_path / 'person'}/src\nerror: no\n"
    )
    session.run.record("say", f"the token is {SECRET}")
    close_sessions()
    return session.run


def invoke(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["report", *words])
    return result.exit_code, result.output


def test_a_run_that_was_interrupted_is_not_called_verified(run: Run) -> None:
    code, said = invoke(run.id)
    assert code == 0, said
    assert "wavelet: NOT FINISHED" in said and "VERIFIED" not in said
    assert run.report.with_suffix(".md").exists() and run.report.with_suffix(".html").exists()


def test_the_archive_holds_what_an_issue_needs_and_no_secret(run: Run, tmp_path: Path) -> None:
    code, said = invoke(run.id, "--bundle")
    assert code == 0, said
    file = tmp_path / f"rigil-{run.id}.tar.gz"
    assert str(file) in said
    with tarfile.open(file) as archive:
        texts = {name.partition("/")[2]: archive.extractfile(name).read().decode() for name in archive.getnames()}  # type: ignore[union-attr]
    assert {"journal.jsonl", "report.md", "doctor.txt", "versions.txt", "recipe.json", "run.json"} <= texts.keys()
    assert "error: no" in texts["logs/001-build.log"]
    for name, text in texts.items():
        assert SECRET not in text, name
        assert str(tmp_path / "person") not in text, name
    first = file.read_bytes()
    assert invoke(run.id, "--bundle")[0] == 1 and file.read_bytes() == first  # what is there is not written over


def test_a_run_that_is_not_there_is_said(run: Run) -> None:
    code, said = invoke("nosuch")
    assert code == 1 and "There is no run 'nosuch'" in said

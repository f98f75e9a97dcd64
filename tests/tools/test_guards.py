from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cli.doctor import doctor
from configs.settings import Settings
from nodes.guards import tell_guards
from tests.nodes.tiny_backend import begin
from tools import guards as told
from tools import syscalls
from tools.guards import guards
from tools.sandbox import Protection


def test_sandbox_calls_and_limits_are_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "protection", lambda: Protection("landlock", "it has gaps"))
    found = guards(settings.limits)
    assert found["sandbox"] == "landlock (it has gaps)"
    assert found["limits"].startswith("3600 s, ")
    assert found["network"].endswith("hosts are not held down here")
    monkeypatch.setattr(told, "protection", lambda: Protection("none", "nothing is installed"))
    assert guards(settings.limits)["calls"] == "none is refused without a sandbox"


def test_a_missing_filter_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "protection", lambda: Protection("bubblewrap", "works"))
    assert "named alone" in guards(settings.limits)["network"]
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    syscalls._written.cache_clear()
    try:
        assert guards(settings.limits)["calls"].startswith("none is refused (libseccomp cannot be loaded")
    finally:
        syscalls._written.cache_clear()


def test_doctor_tells_them(capsys: pytest.CaptureFixture[str], settings: Settings) -> None:
    assert doctor() == 0
    lines = capsys.readouterr().out.splitlines()
    for name, clause in guards(settings.limits).items():
        assert f"{name:<12}{clause}" in lines


def test_a_run_tells_them_once_and_again_when_they_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, _ = begin(tmp_path)
    for name in ("bubblewrap", "bubblewrap", "none"):
        monkeypatch.setattr(told, "protection", lambda name=name: Protection(name, "for a test"))
        tell_guards(session, "survey.permit")
    said = [line["text"] for line in session.run.journal() if line["step"] == "survey.permit"]
    assert [text for text in said if "Protection" in text] == [
        "Protection: bubblewrap (for a test).",
        "Protection: none (for a test).",
    ]
    assert "2048 processes" in said[1]

"""`rigil health` on backends that really run and really break."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.cli.conftest import OLD, workspace
from tools.proxima import backends, wrapper_of
from tools.sandbox import protection

pytestmark = pytest.mark.skipif(protection().name == "none", reason="no sandbox here: every status is unknown")


def found(result: Result) -> dict[str, dict[str, Any]]:
    return {one["backend"]: one for one in map(json.loads, result.stdout.splitlines())}


def test_all_are_checked_without_a_model_and_a_persons_own_is_unknown(call: Any, home: Path) -> None:
    result = call("health", "--json")

    assert result.exit_code == 1
    told = found(result)
    assert {name: one["status"] for name, one in told.items()} == {
        "wavelet": "healthy",
        "toy": "healthy",
        "mine": "unknown",
    }
    assert "a person entered it" in told["mine"]["why"]
    assert told["wavelet"]["outcomes"].keys() == {"program", "answer", "circuit"}
    entries = backends(home)
    assert entries["mine"] == {"module": "mine", "class": "Mine", "note": "by hand"}
    health = entries["wavelet"]["health"]
    assert health["status"] == "healthy" and len(health["history"]) == 2 and health["at"] > OLD
    assert (home / "backends.json").read_text().startswith('{\n    "')  # indented as it was


def test_only_the_named_count(call: Any) -> None:
    result = call("health", "wavelet", "toy")
    assert result.exit_code == 0, result.output
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [["wavelet", "healthy"], ["toy", "healthy"]]
    assert call("health", "nosuch").exit_code == 1
    assert "No backend is called 'nosuch'" in call("health", "nosuch").stderr


def test_a_failure_asks_once_what_it_means(
    call: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = workspace(tmp_path) / "wavelet"
    started.chmod(0o644)
    fix = f"chmod +x {started}"
    said = {"means": "not_permitted", "cause": "The program lost its permission.", "fix": fix}
    (tmp_path / "answers.yaml").write_text(
        json.dumps({"health_meaning": {**said, "quote": f"{started} may no longer be executed."[:200]}})
    )

    silent = call("health", "wavelet", "--no-model", "--json")
    assert found(silent)["wavelet"]["meaning"] is None
    assert found(silent)["wavelet"]["changed"] == [f"{started} may no longer be executed."]
    result = call("health", "wavelet", "--model", f"scripted:{tmp_path}/answers.yaml")

    assert result.exit_code == 1
    assert "unhealthy" in result.stdout and f"try: {fix}" in result.stdout
    assert "The program lost its permission." in result.stdout
    transcripts = list((tmp_path / "state" / "health").glob("*/transcript.jsonl"))
    assert len(transcripts) == 1
    # The same failure is not asked about again: it is known, and no model need be there.
    again = call("health", "wavelet", "--model", "scripted:/no/such/file", "--json")
    assert found(again)["wavelet"]["meaning"]["fix"] == fix

    subprocess.run(fix, shell=True, check=True)
    assert call("health", "wavelet", "--no-model").exit_code == 0
    history = [one["status"] for one in backends(home)["wavelet"]["health"]["history"]]
    assert history == ["healthy", "unhealthy", "unhealthy", "unhealthy", "healthy"]


def test_wrong_counts_are_unhealthy_and_a_mute_help_is_only_degraded(call: Any, tmp_path: Path) -> None:
    started = workspace(tmp_path) / "wavelet"
    text = started.read_text()
    started.write_text(text.replace("wavelet runs circuits.", "wavelet."))
    degraded = found(call("health", "wavelet", "--no-model", "--json"))["wavelet"]
    started.write_text(text.replace('if name == "CX":', 'if name == "CX":\n            continue'))
    unhealthy = found(call("health", "wavelet", "--no-model", "--json"))["wavelet"]

    assert degraded["status"] == "degraded" and degraded["failed"] == ["answer"]
    assert unhealthy["status"] == "unhealthy" and "differs from" in unhealthy["why"]


def test_much_slower_than_usual_is_degraded(call: Any, home: Path, tmp_path: Path) -> None:
    for _ in range(3):
        call("health", "toy", "--no-model")
    file = tmp_path / "state" / "workspaces" / "toy" / "toy.py"
    usual = max(one["seconds"] for one in backends(home)["toy"]["health"]["history"])
    file.write_text(f"import time\ntime.sleep({5 * usual + 1.2})\n{file.read_text()}")

    told = found(call("health", "toy", "--no-model", "--json"))["toy"]

    assert told["status"] == "degraded" and "usually" in told["why"], told


@pytest.mark.parametrize(
    ("harm", "status", "why"),
    [
        ("wrapper gone", "unhealthy", "its wrapper"),
        ("wrapper broken", "unhealthy", "is no Python"),
        ("workspace gone", "unhealthy", "circuit"),
        ("no checks", "unknown", "no check is known"),
        ("strange checks", "unknown", "cannot be understood"),
        ("at work", "unknown", "is at work on it"),
        ("registry", "unknown", "is not valid JSON"),
    ],
)
def test_what_cannot_be_done_is_told_from_what_fails(
    call: Any, home: Path, tmp_path: Path, harm: str, status: str, why: str
) -> None:
    from filelock import FileLock

    registry = json.loads((home / "backends.json").read_text())
    health = registry["backends"]["wavelet"]["health"]
    wrapper = wrapper_of(home, registry["backends"]["wavelet"])
    lock = FileLock(workspace(tmp_path).with_name(".wavelet.lock"))
    match harm:
        case "wrapper gone":
            wrapper.unlink()
        case "wrapper broken":
            wrapper.write_text("def :")
        case "workspace gone":
            shutil.rmtree(workspace(tmp_path))
        case "no checks":
            del health["checks"]
        case "strange checks":
            health["checks"] = [{"kind": "spell"}]
        case "at work":
            lock.acquire()
    (home / "backends.json").write_text("{" if harm == "registry" else json.dumps(registry))

    result = call("health", "wavelet", "--no-model", "--json")
    lock.release()

    told = found(result)["wavelet"]
    assert (told["status"], result.exit_code) == (status, 1)
    assert why in told["why"], told


def test_a_machine_in_trouble_says_nothing_of_the_backend(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace(tmp_path) / "wavelet").chmod(0o644)
    from tools import examining

    monkeypatch.setattr(examining, "CONTROL", "exit 9")
    told = found(call("health", "wavelet", "--no-model", "--json"))["wavelet"]
    assert told["status"] == "unknown" and "could not even run" in told["why"]


def test_a_backend_that_hangs_is_unhealthy(call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools import health

    monkeypatch.setattr(health, "COMMAND_S", 2.0)
    file = tmp_path / "state" / "workspaces" / "toy" / "toy.py"
    file.write_text(f"import time\ntime.sleep(60)\n{file.read_text()}")
    told = found(call("health", "toy", "--no-model", "--json"))["toy"]
    assert told["status"] == "unhealthy" and "took longer than 2 s" in told["why"]


def test_without_a_sandbox_the_person_has_to_allow_it(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools import examining
    from tools.sandbox import Protection

    monkeypatch.setattr(examining, "protection", lambda: Protection("none", "for a test"))
    told = found(call("health", "toy", "--no-model", "--json"))["toy"]
    assert told["status"] == "unknown" and "there is no sandbox here (for a test)" in told["why"]
    (tmp_path / "settings.yaml").write_text("approve: all\n")
    assert call("health", "toy").exit_code == 0

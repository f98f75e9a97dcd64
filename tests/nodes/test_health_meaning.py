"""What a failed check means: the model chooses among what was seen and what can be done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.errors import Rejected
from nodes.operate.meaning import fixes, meaning
from tests.nodes.tiny_backend import begin
from tools.health import Outcome
from tools.parts import changed_parts, parts_of
from tools.standing import Finding, now

GONE = Outcome("circuit", False, "The backend ended with exit status 127: wavelet: not found", 0.1, "circuit", False)
WRONG = Outcome("circuit", False, "it differs from Qiskit's distribution", 0.1, "circuit")


def ill(outcome: Outcome = GONE) -> Finding:
    return Finding("wavelet", "unhealthy", f"circuit: {outcome.sentence}", now(), (outcome,))


def answer(**changed: Any) -> dict[str, Any]:
    return {
        "quote": f"circuit: {GONE.sentence}",
        "means": "part_missing",
        "cause": "The program has been removed.",
        "fix": "read what the backend says and mend it by hand",
    } | changed


def entry_of(session: Any, source: str) -> dict[str, Any]:
    health = {"checks": [1], "workspace": str(session.shell.workspace), "source": source}
    return {"made_by": "rigil", "recipe": str(session.recipe.path), "health": health}


def test_a_fix_is_one_that_exists(tmp_path: Path) -> None:
    session, _ = begin(tmp_path)
    program, foreign = session.tree / "bin" / "wavelet", tmp_path / "libforeign.so"
    foreign.write_text("x")
    session.recipe.put("parts", {"source_sha256": None, "files": parts_of([program, foreign])}, "for a test")
    entry = entry_of(session, str(tmp_path))
    assert changed_parts(entry) == []
    program.chmod(0o644)
    foreign.unlink()

    found = fixes(entry, "wavelet", changed_parts(entry))

    assert found == [
        f"chmod +x {program}",
        f"install again what {foreign} belongs to",
        f"rigil up {tmp_path} --name wavelet",
        "read what the backend says and mend it by hand",
    ]
    gone = entry_of(session, str(tmp_path / "no-source"))
    assert not any("rigil up" in fix for fix in fixes(gone, "wavelet", []))


def test_what_the_model_says_is_held_to_what_was_seen(tmp_path: Path) -> None:
    answers = [
        {"when": "not wrong_results", "answer": answer()},
        {"answer": answer(means="wrong_results")},
    ]
    session, _ = begin(tmp_path, health_meaning=answers)

    found = meaning(session.asker, "wavelet", entry_of(session, str(tmp_path)), ill())

    assert found["means"] == "part_missing" and found["cause"] == "The program has been removed."


@pytest.mark.parametrize(
    ("outcome", "wrong", "why"),
    [
        (GONE, {"quote": "libwave.so is gone"}, "quote"),
        (GONE, {"fix": "reinstall the operating system"}, "fix"),
        (GONE, {"means": "wrong_results"}, "not wrong_results"),
        (WRONG, {"means": "wrong_results", "quote": f"circuit: {GONE.sentence}"}, "quote"),
    ],
)
def test_what_does_not_stand_is_rejected(tmp_path: Path, outcome: Outcome, wrong: dict[str, Any], why: str) -> None:
    session, _ = begin(tmp_path, health_meaning=answer(**wrong))
    with pytest.raises(Rejected, match=why):
        meaning(session.asker, "wavelet", entry_of(session, str(tmp_path)), ill(outcome))

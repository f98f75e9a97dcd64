"""Which way a backend is driven by: what was made, is named, and starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodes.operate.ladder import ladder
from nodes.verify.interface import interface
from tests.nodes.tiny_backend import begin


def ready(folder: Path, second: str):  # type: ignore[no-untyped-def]
    """A tree with the program bin/wavelet and another, which the documents name too."""
    session, state = begin(folder, way={"way": "the program bin/other"})
    other = session.tree / "bin" / "other"
    other.write_text(second)
    other.chmod(0o755)
    (session.tree / "README.md").write_text("Run `bin/wavelet` or `bin/other`.")
    session.recipe.put("products", {"programs": ["bin/wavelet", "bin/other"], "modules": []}, "made")
    session.recipe.forget("interface")
    return session, state


@pytest.mark.parametrize("broken", ["#!/no/such/interpreter\n", "#!/bin/sh\nkill -SEGV $$\n", "#!/bin/sh\nexit 127\n"])
def test_a_program_that_does_not_start_is_no_way(tmp_path: Path, broken: str) -> None:
    session, state = ready(tmp_path, broken)

    settled = interface(state)["reached"]["verify.interface"]

    assert settled == "the program bin/wavelet starts, of 2 candidates"
    assert [way["target"] for way in session.recipe.get("ways")] == ["bin/wavelet"]


def test_a_program_that_only_complains_has_started(tmp_path: Path) -> None:
    session, state = ready(tmp_path, "#!/bin/sh\necho 'usage: other FILE' >&2\nexit 2\n")

    interface(state)

    assert [way["target"] for way in session.recipe.get("ways")] == ["bin/other", "bin/wavelet"]


def test_where_nothing_starts_the_step_fails_and_says_why(tmp_path: Path) -> None:
    session, state = ready(tmp_path, "#!/bin/sh\nexit 127\n")
    (session.tree / "bin" / "wavelet").write_text("#!/no/such/interpreter\n")

    failure = interface(state)["failure"]

    assert failure["what"].startswith("Nothing that the build made starts: ")
    assert "bin/wavelet" in failure["what"] and "bin/other" in failure["what"]


def test_the_ladder_ends_at_the_first_rung_that_was_not_reached_or_is_reserved() -> None:
    steps = ("build.compile", "build.inspect", "build.replay", "verify.interface", "verify.speak")
    reached = dict.fromkeys(steps, "right")
    state = {"run": "1", "reached": {**reached, "verify.tests": "3 passed"}}
    assert ladder(state)[0].startswith("rung 4 of 7")  # type: ignore[arg-type]
    assert ladder(state)[5] == "5. GHZ and the other circuits are right: no"  # type: ignore[arg-type]

    state = {"run": "1", "reached": {**reached, "verify.tests": "RESERVATION: 1 failed"}}
    assert ladder(state)[0].startswith("rung 2 of 7")  # type: ignore[arg-type]
    assert ladder(state)[3] == "3. its own tests pass: with a reservation"  # type: ignore[arg-type]
    assert ladder({"run": "1"})[0].startswith("rung 0 of 7")  # type: ignore[arg-type]

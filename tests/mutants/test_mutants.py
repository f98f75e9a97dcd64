"""A backend that is wrong must not be called working, and one that is right must be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.mutants.bench import EIGEN, judged
from tests.mutants.mutants import CPP, PY, RIGHT, WRONG, Mutant


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("objects")


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGIL_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("RIGIL_SETTINGS", str(tmp_path / "no-settings.yaml"))


def each(mutants: tuple[Mutant, ...]) -> pytest.MarkDecorator:
    needs = pytest.mark.skipif(EIGEN is None, reason="Eigen's headers are not installed (libeigen3-dev)")
    return pytest.mark.parametrize(
        "mutant",
        [
            pytest.param(
                mutant, id=f"{mutant.backend}, {mutant.way}: {mutant.what}", marks=[needs] * (mutant.backend == CPP)
            )
            for mutant in mutants
        ],
    )


@each(WRONG)
def test_a_wrong_backend_is_not_called_working(mutant: Mutant, tmp_path: Path, objects: Path) -> None:
    verdict = judged(mutant, tmp_path, objects)
    assert not verdict.working, f"a false pass: {verdict.why}"
    assert re.search(mutant.seen, verdict.why), f"it is refused for another reason: {verdict.why}"


@each(RIGHT)
def test_a_right_backend_is_called_working(mutant: Mutant, tmp_path: Path, objects: Path) -> None:
    verdict = judged(mutant, tmp_path, objects)
    assert verdict.working, f"a false alarm: {verdict.why}"


def test_a_gate_that_is_learned_and_wrong_is_told_though_the_others_are_right(tmp_path: Path, objects: Path) -> None:
    mutant = next(mutant for mutant in WRONG if mutant.what == "T for S" and mutant.backend == PY)
    verdict = judged(mutant._replace(way="counts"), tmp_path, objects, learned=True)
    assert not verdict.working
    assert "these lines run, but do not what Qiskit means by the gate: `circuit.s(⟨a⟩)` for s" in verdict.why


def test_a_right_backend_whose_gates_are_learned_is_called_working(tmp_path: Path, objects: Path) -> None:
    verdict = judged(RIGHT[0], tmp_path, objects, learned=True)
    assert verdict.working, verdict.why

"""A backend that is wrong must not be called working, and one that is right must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.bench import EIGEN, judged
from tests.mutants.mutants import CPP, RIGHT, WRONG, Mutant


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
    assert verdict.why


@each(RIGHT)
def test_a_right_backend_is_called_working(mutant: Mutant, tmp_path: Path, objects: Path) -> None:
    verdict = judged(mutant, tmp_path, objects)
    assert verdict.working, f"a false alarm: {verdict.why}"

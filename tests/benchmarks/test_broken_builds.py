"""The corpus of broken builds holds what it says: `check` tells the broken from the mended."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from benchmarks.broken_builds.case import CASES, HERE, Case, load, load_all
from benchmarks.broken_builds.host import TEMPLATE
from benchmarks.broken_builds.place import Place, skipped, surroundings
from benchmarks.broken_builds.result import Result, Trial

ALL = load_all()
QUICK = {"make-library-order", "make-vendor-header", "make-noisy-output", "make-missing-submodule"}


def cases(*kinds: str) -> list[object]:
    return [
        pytest.param(case, id=case.name, marks=[] if case.name in QUICK else [pytest.mark.corpus])
        for case in ALL
        if case.kind in kinds
    ]


class Bench:
    """A case with its tree and its machine in one workspace, so that the solution may install."""

    def __init__(self, case: Case, folder: Path) -> None:
        if why := skipped(case):
            pytest.skip(why)
        self.place = Place(case, folder)
        self.home = self.place.folder
        self.tree = self.place.source.rename(self.home / "tree")
        if "python3" in case.needs:
            self.place.with_python(self.home)

    def run(self, script: str) -> bool:
        with surroundings(self.place.environment):
            return self.place.shell(self.home).run(script, name="self-test", cwd=self.tree).ok

    def builds(self) -> bool:
        return self.run(" && ".join(self.place.case.build))

    def works(self) -> bool:
        return self.place.passes(self.tree, self.home)


@pytest.mark.parametrize("case", cases("fixable"))
def test_a_fixable_case_is_broken_until_its_solution_mends_it(case: Case, tmp_path: Path) -> None:
    bench = Bench(case, tmp_path)
    assert not bench.works()
    assert not bench.builds()
    assert not bench.works()
    assert bench.run((case.folder / "solution").read_text())
    assert bench.works()


@pytest.mark.parametrize("case", cases("hopeless"))
def test_a_hopeless_case_does_not_build(case: Case, tmp_path: Path) -> None:
    bench = Bench(case, tmp_path)
    assert not bench.builds()
    assert not bench.works()


@pytest.mark.parametrize("case", cases("sound"))
def test_a_sound_case_builds_as_its_readme_says(case: Case, tmp_path: Path) -> None:
    bench = Bench(case, tmp_path)
    assert not bench.works()
    assert bench.builds()
    assert bench.works()


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_case_is_whole(case: Case) -> None:
    assert os.access(case.folder / "check", os.X_OK)
    assert os.access(case.folder / "solution", os.X_OK) == (case.kind == "fixable")
    assert bool(case.diagnosis) == (case.kind != "sound")
    readme = (case.folder / "source" / "README.md").read_text()
    assert [command for command in case.build if command not in readme] == []
    words = [path.read_text(errors="ignore").lower() for path in (case.folder / "source").rglob("*") if path.is_file()]
    assert [text for text in words if "rigil" in text or "benchmark" in text] == []
    assert case.name not in case.project
    assert f"| `{case.name}` | {case.tool} | {case.fault} |" in (HERE / "README.md").read_text()


def test_no_case_is_left_out() -> None:
    assert sorted(path.name for path in CASES.iterdir() if path.is_dir()) == [case.name for case in ALL]
    kinds = [case.kind for case in ALL]
    assert (kinds.count("fixable") >= 24, kinds.count("hopeless") >= 6, kinds.count("sound") >= 4) == (True,) * 3


def test_every_package_stands_in_the_index() -> None:
    lines = (TEMPLATE / "lib" / "packages.txt").read_text().splitlines()
    names = {line.partition(" - ")[0] for line in lines}
    assert {path.name for path in (TEMPLATE / "lib" / "packages").iterdir()} <= names
    assert len(names) == len(lines)
    assert all(path.stat().st_mode & stat.S_IXUSR for path in (TEMPLATE / "bin").iterdir())


@pytest.mark.parametrize(
    ("name", "trial", "works", "outcome"),
    [
        ("make-library-order", Trial("built"), True, "verified"),
        ("make-library-order", Trial("built"), False, "false claim"),
        ("make-library-order", Trial("cannot", "the order of the libraries"), False, "escalated wrongly"),
        ("make-library-order", Trial("none"), True, "no end"),
        ("make-vendor-header", Trial("cannot", "qvendor_qpu.h is not to be had"), False, "escalated rightly"),
        ("make-vendor-header", Trial("cannot", "the disk is full"), False, "escalated wrongly"),
    ],
)
def test_a_claim_is_held_against_the_check(name: str, trial: Trial, works: bool, outcome: str) -> None:
    assert Result("any", load(name), trial, works).outcome == outcome

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from junitparser import Failure, JUnitXml, Skipped

from tools.junit import OUTPUT, Case, save
from tools.manifest import ListedTest, in_order


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    cases = [
        Case("bell", "passed", runs=[True], seconds=0.25),
        Case("ghz <&>", "failed", "assert 8 < 8", [False], 1.5, f"{'x' * OUTPUT}\n\x1b[31mred\x00 end"),
        Case("noise", "flaky", "513 of 1000", [False, True, False], metrics={"shots": "1000"}),
        Case("gpu", "skipped", "no such device"),
    ]
    save(path, "wavelet", cases, {"passed": "1"})

    (suite,) = list(JUnitXml.fromfile(str(path)))
    found = {case.name: case for case in suite}
    assert (suite.name, suite.tests, suite.failures, suite.skipped) == ("wavelet", 4, 2, 1)
    assert suite.time == pytest.approx(1.75)
    assert found["bell"].is_passed and found["bell"].time == 0.25
    ((failure,), (flaky,), (skipped,)) = (found[name].result for name in ("ghz <&>", "noise", "gpu"))
    assert (type(failure), failure.type, failure.message) == (Failure, "failed", "assert 8 < 8")
    assert (flaky.type, flaky.message) == ("flaky", "flaky, passed 1 of 3: 513 of 1000")
    assert (type(skipped), skipped.message) == (Skipped, "no such device")
    assert found["ghz <&>"].system_out.endswith("[31mred end") and len(found["ghz <&>"].system_out) <= OUTPUT
    assert {p.name: p.value for p in suite.properties()} == {"passed": "1", "noise: shots": "1000"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(name=st.text(min_size=1), reason=st.text(), output=st.text())
def test_any_output_makes_a_file_that_can_be_read(tmp_path: Path, name: str, reason: str, output: str) -> None:
    path = tmp_path / "junit.xml"
    save(path, "wavelet", [Case(name, "failed", reason, [False], None, output)], {"x": reason})
    (suite,) = list(JUnitXml.fromfile(str(path)))
    assert suite.failures == 1


def listed(name: str, *needs: str, smoke: bool = False) -> ListedTest:
    return ListedTest(name=name, kind=None, smoke=smoke, command=None, expected_s=None, needs=list(needs))


def test_tests_come_after_what_they_need_and_smoke_tests_first() -> None:
    tests = [listed("a", "c"), listed("b"), listed("c", "d"), listed("d"), listed("e", smoke=True)]
    assert [test["name"] for test in in_order(tests)] == ["e", "d", "c", "a", "b"]
    circle = [listed("a", "b"), listed("b", "a", "gone")]
    assert sorted(test["name"] for test in in_order(circle)) == ["a", "b"]

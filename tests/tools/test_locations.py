from __future__ import annotations

from pathlib import Path

import pytest

from tools.locations import locations


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("src/state.cpp", "lib/gates.py", "run.sh", "other/gates.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("first\nsecond\nthird\n")
    return tmp_path


@pytest.mark.parametrize(
    ("output", "file", "line"),
    [
        ("src/state.cpp:2:7: error: x", "src/state.cpp", 2),
        ("ROOT/src/state.cpp(3): error", "src/state.cpp", 3),
        ("  --> ../src/state.cpp:1:1", "src/state.cpp", 1),
        ('  File "lib/gates.py", line 2, in run', "lib/gates.py", 2),
        ("./run.sh: line 3: gcc: not found", "run.sh", 3),
        ("run.sh: 3: gcc: not found", "run.sh", 3),
        ("state.cpp, 2: bad", "src/state.cpp", 2),
    ],
)
def test_a_place_is_found_however_a_tool_writes_it(root: Path, output: str, file: str, line: int) -> None:
    found = list(locations(output.replace("ROOT", str(root)), root))
    assert [(place.file, place.line) for place in found] == [(file, line)]
    assert found[0].text == ("first", "second", "third")[line - 1]


@pytest.mark.parametrize("output", ["/usr/include/x.h:3: error", "gates.py:2", "src/state.cpp:99: x", "took 3: 4", ""])
def test_what_is_not_of_the_source_or_not_clear_is_no_place(root: Path, output: str) -> None:
    assert list(locations(output, root)) == []


def test_each_place_is_named_once_in_the_outputs_order(root: Path) -> None:
    output = "src/state.cpp:3: a\nlib/gates.py:1: b\nsrc/state.cpp:3: c\n"
    assert [(place.file, place.line) for place in locations(output, root)] == [
        ("src/state.cpp", 3),
        ("lib/gates.py", 1),
    ]

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.commands import absent_program, filled, programs, template_of


@pytest.mark.parametrize(
    ("command", "name", "other"),
    [
        ("ctest --test-dir build -R '^bell$'", "bell", "ctest --test-dir build -R '^a b$'"),
        ('ctest -R "^bell$"', "bell", "ctest -R '^a b$'"),
        ("run tests/a.py::test_x[2]", "tests/a.py::test_x[2]", "run 'a b'"),
        ("sh check.sh had twice", "had twice", "sh check.sh 'a b'"),
        ("cd out && ./unit --filter='*bell*'", "bell", "cd out && ./unit '--filter=*a b*'"),
        ("out/bell_test --only bell", "bell", "out/bell_test --only 'a b'"),
        ("sh checks/bell.sh", "checks/bell.sh", "sh 'a b'"),
        ("echo 'ü' && ./unit bell # bell", "bell", "echo 'ü' && ./unit 'a b' # bell"),
        ("for i in 1 2; do ./unit \\\n --only bell; done", "bell", "for i in 1 2; do ./unit \\\n --only 'a b'; done"),
    ],
)
def test_a_command_that_names_a_test_becomes_one_for_any(command: str, name: str, other: str) -> None:
    template = template_of(command, name)
    assert template is not None
    assert filled(template, "a b") == other
    again = shlex.split(filled(template, name), comments=True)
    assert again == shlex.split(command, comments=True) or " " in name


@pytest.mark.parametrize(
    "command", ["ctest", '"$PWD/bell"', "./unit --filter=*bell*", "`pwd`/bell", "./unit '$(x)/bell", "./unit $X'bell'"]
)
def test_a_word_that_the_shell_changes_is_no_slot(command: str) -> None:
    assert template_of(command, "bell") is None


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1))
def test_a_name_reaches_the_program_as_it_is(name: str) -> None:
    template = template_of("run -k 'x bell'", "bell")
    assert template is not None
    assert shlex.split(filled(template, name)) == ["run", "-k", f"x {name}"]


def test_the_programs_of_a_line_are_looked_for_as_the_shell_does(tmp_path: Path) -> None:
    line = "cd out && A=1 ctest -N | head -3; ./unit"
    assert programs(line) == ["cd", "ctest", "head", "./unit"]
    assert programs("echo 'unclosed") == []
    assert programs("if test -e x; then $RUN y; else (cmake . | tee log); fi") == ["test", "cmake", "tee"]
    assert programs("echo \ud800") == []
    path = "/usr/bin:/bin"
    assert absent_program("if true; then exit 0; fi", tmp_path, path) is None
    assert absent_program(f"{sys.executable} -c pass && echo x", tmp_path, path) is None
    assert absent_program("true; ./unit", tmp_path, path) == "./unit"
    (tmp_path / "unit").touch(mode=0o755)
    assert absent_program("true; ./unit", tmp_path, path) is None
    assert absent_program("nosuchtool -l", tmp_path, path) == "nosuchtool"

from __future__ import annotations

import pytest

from tools.progress import Reading, explains, pattern_of, read, shape


def reading(line: str, words: str, done: int, total: int, doing: str = "") -> Reading:
    return Reading(line, doing or line, words, done, total)


@pytest.mark.parametrize(
    ("first", "second", "other", "wanted"),
    [
        (
            reading("[ 12/80] CXX src/a.o", "12/80", 12, 80),
            reading("[13/80] CXX src/b.o", "13/80", 13, 80),
            "[ 40/80] Linking libsim.so",
            (40, 80, "Linking libsim.so"),
        ),
        (
            reading("[ 45%] Building C object b.c.o", "[ 45%]", 45, 100),
            reading("[ 50%] Building C object c.c.o", "[ 50%]", 50, 100),
            "[100%] Built target sim",
            (100, 100, "Built target sim"),
        ),
        (
            reading("   Compiling libm v1.2 (3 of 9)", "(3 of 9)", 3, 9),
            reading("   Compiling alloc v0.1 (4 of 9)", "(4 of 9)", 4, 9),
            "   Compiling sim v2.0 (9 of 9)",
            (9, 9, "Compiling sim v2.0"),
        ),
        (
            reading("step 80 total, 12 done", "80 total, 12 done", 12, 80),
            reading("step 80 total, 13 done", "80 total, 13 done", 13, 80),
            "step 80 total, 14 done",
            (14, 80, "step"),
        ),
    ],
)
def test_two_readings_of_one_shape_make_a_pattern(
    first: Reading, second: Reading, other: str, wanted: tuple[int, int, str]
) -> None:
    pattern = pattern_of([first, second])
    assert pattern is not None
    found = read(pattern, other)
    assert found is not None
    assert (found.done, found.total, found.doing) == wanted


def test_readings_that_differ_in_more_than_numbers_make_none() -> None:
    assert pattern_of([reading("[1/4] a", "[1/4]", 1, 4), reading("(2/4) b", "(2/4)", 2, 4)]) is None
    assert pattern_of([reading("a", "", 1, 4), reading("b", "", 2, 4)]) is None


def test_a_pattern_that_gives_another_number_than_the_model_read_is_none() -> None:
    assert pattern_of([reading("[1/4] a", "[1/4]", 1, 4), reading("[2/4] b", "[2/4]", 4, 4)]) is None


def test_percent_is_whole_and_never_more_than_100() -> None:
    assert reading("x", "45/120", 45, 120).percent == 37
    assert Reading("x", "x", "", None, None).percent is None


def test_a_line_that_says_more_is_done_than_there_is_is_not_read() -> None:
    pattern = pattern_of([reading("[1/4] a", "[1/4]", 1, 4), reading("[2/4] b", "[2/4]", 2, 4)])
    assert pattern and read(pattern, "[9/4] c") is None


def test_a_pattern_has_to_read_every_line_that_looks_like_its_own() -> None:
    pattern = pattern_of([reading("[1/4] a", "[1/4]", 1, 4), reading("[2/4] b", "[2/4]", 2, 4)])
    assert pattern
    assert explains(pattern, ["cc -c a.c", "[1/4] a", "[2/4] b"])
    assert not explains(pattern, ["[1/4] a"])
    assert not explains(pattern, ["[1/4] a", "[2/4] b", "[1/4 of 9] c"])


def test_numbers_and_runs_of_spaces_do_not_count_in_a_shape() -> None:
    assert shape("[12/80]  CXX") == shape("[1/8] CXX") == "[#/#] CXX"
    assert shape("[12/80] CXX") != shape("[12 of 80] CXX")


def test_a_pattern_takes_no_path_for_progress_and_no_time_for_many_digits() -> None:
    pattern = pattern_of([reading("[ 12/80] CXX a.o", "12/80", 12, 80), reading("[13/80] CXX b.o", "13/80", 13, 80)])
    assert pattern and read(pattern, "cc -I/usr/lib/gcc/11/12 -c a.c") is None
    many = pattern_of([reading("1 2 3 4 x", "1 2 3 4", 1, 2), reading("2 2 3 4 y", "2 2 3 4", 2, 2)])
    assert many and read(many, "1" * 5000) is None

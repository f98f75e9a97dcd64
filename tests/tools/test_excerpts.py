from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from configs.settings import Settings
from tools.excerpts import Excerpt, excerpt, tail
from tools.quotations import stands_in

NOISE = [f"[{number}/900] Compiling src/part_{number}.cc with the usual options" for number in range(1, 901)]
Make = Callable[..., Excerpt]


@pytest.fixture
def make(tmp_path: Path, settings: Settings) -> Make:
    """The excerpt of a log with these lines, by the default settings."""

    def make(*lines: str | bytes, count: int = 40, characters: int = 2400) -> Excerpt:
        log = tmp_path / "build.log"
        log.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n")
        return excerpt(log, settings.excerpt.failure_words, count, characters)

    return make


COMPILER = [
    "src/linalg.cc:1:10: fatal error: Tensor/Core: No such file or directory",
    "    1 | #include <Tensor/Core>",
    "      |          ^~~~~~~~~~~~~",
    "compilation terminated.",
]


def test_the_window_is_around_the_first_failure_with_the_end(make: Make) -> None:
    found = make(*NOISE[:700], "FAILED: linalg.o", *COMPILER, *NOISE[700:], "build stopped.")
    lines = found.text.splitlines()
    assert found.failure_line == 702
    assert (found.total_lines, found.last_line) == (906, 906)
    assert " 701| FAILED: linalg.o" in lines
    assert " 702| src/linalg.cc:1:10: fatal error: Tensor/Core: No such file or directory" in lines
    assert lines[-1] == " 906| build stopped."
    assert lines[0].startswith(f"{found.first_line:>4}| ")
    gaps = [line for line in lines if "left out" in line]
    assert gaps
    for gap in gaps:
        after, before = (int(lines[lines.index(gap) + step].split("|")[0]) for step in (1, -1))
        assert gap == f"    ... {after - before - 1} lines left out ..."
    assert len(found.text) <= 2400 + 60
    assert len(lines) <= 42
    window = [int(line.split("|")[0]) for line in lines if "left out" not in line]
    assert all(number <= 3 or number > 690 for number in window)


def test_where_there_is_room_the_head_is_shown_too(make: Make) -> None:
    found = make(*[f"step {n}" for n in range(1, 301)], "error: no", *[f"step {n}" for n in range(302, 601)])
    lines = found.text.splitlines()
    assert [line.split("| ")[1] for line in lines[:3]] == ["step 1", "step 2", "step 3"]
    assert " 301| error: no" in lines
    assert lines[-1] == " 600| step 600"


def test_lines_are_those_of_the_log(make: Make) -> None:
    found = make(*NOISE, *COMPILER)
    log = found.path.read_text().splitlines()
    for line in found.text.splitlines():
        if "left out" not in line:
            number, text = line.split("| ", 1)
            assert log[int(number) - 1] == text


def test_a_short_log_is_shown_as_a_whole(make: Make) -> None:
    found = make("configuring", "", "Error: no compiler", "done")
    assert found.text == "   1| configuring\n   2|\n   3| Error: no compiler\n   4| done"
    assert found == (found.text, 1, 4, 4, found.path, 3)


@pytest.mark.parametrize(
    "line",
    [
        "CMake Error at CMakeLists.txt:7 (find_package):",
        "error[E0308]: mismatched types",
        "ld: cannot find -lopenblas",
        "main.c:(.text+0xa): undefined reference to `zgemm'",
        "c++: fatal error: Killed signal terminated program cc1plus",
        "Traceback (most recent call last):",
        "E   RuntimeError: kraus operators are not normalised",
        "ModuleNotFoundError: No module named 'numpy'",
        "numpy.linalg.LinAlgError: Singular matrix",
        "AssertionError",
        "cp: cannot create regular file '/usr/local/bin/x': Permission denied",
        "sh: 1: ninja: not found",
        "Could NOT find MPI (missing: MPI_C_FOUND)",
        "3/7 Test #3: noise ............***Failed    0.00 sec",
        "Aborted (core dumped)",
        "Summary: 2 errors, 0 failures",
        "10 errors generated.",
        "\x1b[1m\x1b[31merror\x1b[0m: could not compile",
        b"\xff\xfe error: \xe9",
        "downloading 10%\rdownloading 20%\rerror: connection reset",
    ],
)
def test_lines_that_tell_of_a_failure(make: Make, line: str | bytes) -> None:
    assert make(*NOISE[:50], line, *NOISE[50:99]).failure_line == 51


@pytest.mark.parametrize(
    "line",
    [
        "0 errors, 0 warnings",
        "no errors found",
        "Tests run: 12, Failures: 0, Errors: 0",
        "12 ran, 0 tests failed",
        "finished without error",
        "[3/9] Building CXX object src/error.cpp.o",
        "cc -Werror -fno-exceptions -DNO_ERROR --no-undefined error_handling.c",
        "Installing include/exception.h",
        "checking terrors and mirrors",
        "-- Found std::runtime_error",
        "error: stale\rall fine",
    ],
)
def test_lines_that_do_not(make: Make, line: str) -> None:
    found = make(*NOISE[:50], line, *NOISE[50:99])
    assert found.failure_line is None
    assert found.last_line == found.total_lines == 100


def test_a_surer_line_goes_before_an_earlier_one(make: Make) -> None:
    probes = [
        "-- Looking for sys/epoll.h - not found",
        "-- Performing Test HAS_FLAG - Failed",
        "warning: error ahead",
    ]
    assert make(*probes, *NOISE[:90], "x.c:1: error: bad", *NOISE).failure_line == 94
    assert make(*probes, *NOISE).failure_line == 2
    assert make(probes[0], probes[2], *NOISE).failure_line == 1
    assert make("fine", probes[2], *NOISE).failure_line == 2


def test_a_log_without_failure_is_shown_by_its_beginning_too_where_there_is_room(make: Make) -> None:
    shown = make(*NOISE, count=10).text.splitlines()
    told = [f"{number:>4}| {NOISE[number - 1]}" for number in (1, 2, 3, *range(894, 901))]
    assert shown == [*told[:3], "    ... 890 lines left out ...", *told[3:]]


def test_a_log_without_failure_is_shown_by_its_end(make: Make) -> None:
    found = make(*NOISE, count=5)
    assert found.text.splitlines() == [f" {number}| {NOISE[number - 1]}" for number in range(896, 901)]
    assert (found.first_line, found.last_line, found.failure_line) == (896, 900, None)


def test_an_empty_log(make: Make, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "empty").touch()
    found = excerpt(tmp_path / "empty", settings.excerpt.failure_words, 40, 2400)
    assert found == ("", 0, 0, 0, tmp_path / "empty", None)


def test_a_last_line_without_end_counts(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "log").write_text("one\nerror: two")
    found = excerpt(tmp_path / "log", settings.excerpt.failure_words, 40, 2400)
    assert (found.text, found.total_lines) == ("   1| one\n   2| error: two", 2)


def test_long_lines_are_clipped_in_the_middle_and_the_failure_is_always_there(make: Make) -> None:
    command = "cc " + "-I/some/path " * 200 + "-o out.o"
    found = make(*[command] * 30, "error: " + "x" * 5000, *[command] * 30, characters=1000)
    assert "  31| error: xxx" in found.text
    assert "-o out.o" in found.text
    assert len(found.text) < 1100
    only = make(*[command] * 30, "error: " + "x" * 5000, *[command] * 30, characters=10)
    assert [line[:12] for line in only.text.splitlines()] == ["  31| error:"]


def test_terminal_sequences_are_not_shown(make: Make) -> None:
    found = make("\x1b]0;title\x07\x1b[32mgood\x1b[0m\x08", "\x1b[31merror:\x1b[m b\x00ad\tx", "10%\r100%\r")
    assert found.text == "   1| good\n   2| error: bad\tx\n   3| 100%"


def test_the_end_is_shown_up_to_five_lines(make: Make) -> None:
    found = make("error: first", *NOISE, count=40, characters=100_000)
    numbers = [int(line.split("|")[0]) for line in found.text.splitlines() if "left out" not in line]
    assert len(numbers) == 40
    assert numbers == [*range(1, 36), *range(897, 902)]


def written(path: Path, block: bytes, size: int, end: bytes) -> Path:
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(block)
        file.write(end)
    return path


MEASURE = """
import resource, sys
from pathlib import Path
from configs.settings import load_settings
from tools.excerpts import excerpt, tail
from tools.quotations import stands_in
settings, log = load_settings().excerpt, Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = excerpt(log, settings.failure_words, settings.lines, settings.characters)
print(found.failure_line, found.total_lines, stands_in("Tensor/Core:   No such file", log), tail(log, 1))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("lines", ["many", "one"])
def test_a_log_of_200_mb_is_read_in_little_memory(tmp_path: Path, lines: str) -> None:
    line = "[1/2] Compiling src/error.cc with all the usual options".ljust(999)
    block = f"{line}\n".encode() * 1000 if lines == "many" else f"{line}\r".encode() * 1000
    end = b"src/a.cc:1:10: fatal error: Tensor/Core: No such file\nstopped\n"
    log = written(tmp_path / "large.log", block, 200_000_000, end)
    done = subprocess.run([sys.executable, "-c", MEASURE, str(log)], capture_output=True, text=True, check=True)
    said, grown = done.stdout.splitlines()
    assert said == ("200001 200002 True stopped" if lines == "many" else "1 2 True stopped")
    assert int(grown) < 64
    log.unlink()


def test_a_failure_at_the_border_of_two_blocks_is_found(tmp_path: Path, settings: Settings) -> None:
    for offset in range(-40, 40, 7):
        log = written(tmp_path / "log", b"x" * ((1 << 20) + offset) + b"\n", 1, b"fatal error: here\nend\n")
        found = excerpt(log, settings.excerpt.failure_words, 40, 2400)
        assert (found.failure_line, found.total_lines) == (2, 3)
        assert "   2| fatal error: here\n   3| end" in found.text
        assert stands_in("error: here end", log)


def test_tail(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"a\n\x1b[1mb\x1b[0m\n1%\r2%\n" + b"c\xff")
    assert tail(log, 2) == "2%\nc\ufffd"
    assert tail(log, 99) == "a\nb\n2%\nc\ufffd"
    log.write_bytes(b"")
    assert tail(log, 3) == ""
    log.write_bytes(b"x\n" * 1_000_000 + b"end\n")
    assert tail(log, 2) == "x\nend"


def test_what_an_excerpt_shows_stands_in_its_log(make: Make) -> None:
    found = make(*NOISE, *COMPILER)
    for line in found.text.splitlines():
        if "left out" not in line:
            assert stands_in(line, found.path)


def test_the_words_of_an_exception_that_follow_soon_are_the_failure(make: Make) -> None:
    found = make("ok", "ERROR collecting a.py", "Traceback:", "  import lark", "E  ModuleNotFoundError: lark", "end")
    assert found.failure_line == 5

from __future__ import annotations

import tracemalloc
from pathlib import Path

from tools.excerpts import excerpt
from tools.scanning import blocks_of
from tools.shapes import Shapes, counted_in

WORDS = ("error", "failed")
DEBUG, FAILURE = "DEBUG cache hit {0} of 99 in {0} ms", "solver.c:80: error: norm is nan"


def long_log(path: Path, lines: int) -> int:
    """A log of debug lines with one failure in its midst; the number of that line."""
    with path.open("w") as file:
        for number in range(1, lines + 1):
            file.write((FAILURE if number == lines // 2 else DEBUG.format(number)) + "\n")
    return lines // 2


def test_a_long_log_is_read_in_bounded_memory_and_its_noise_is_counted_to_the_line(tmp_path: Path) -> None:
    log, shapes, lines = tmp_path / "log", Shapes(), 1_200_000  # some 50 MB
    failure = long_log(log, lines)
    assert log.stat().st_size > 45_000_000
    tracemalloc.start()
    try:
        found = excerpt(log, WORDS, 20, 1600, shapes=shapes)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.failure_line, found.failure, found.total_lines) == (failure, FAILURE, lines)
    assert peak < log.stat().st_size / 2
    first = shapes.classes()[0]
    assert first.shape == "DEBUG cache hit # of # in # ms"
    assert first.lines == lines - 1  # all but the failure, counted and not estimated
    assert counted_in((block for _, block in blocks_of(log)), first.members) == lines - 1


def test_lines_that_differ_in_their_words_are_of_other_shapes() -> None:
    shapes = Shapes()
    shapes.add(b"step 1 done\nstep 22 done\nstep 3 failed\n")
    assert [(found.shape, found.lines) for found in shapes.classes()] == [("step # done", 2), ("step # failed", 1)]

"""What it takes to find the failure in a log of 1 GiB and to count its noise: seconds over those of reading it alone.

    python -m benchmarks.large_log [--mib 1024]

Two logs are made, each with one failure at two thirds: lines of a few kinds that differ in their numbers, and lines of
which every one has words of its own. Each is read in a process of its own, whose peak of memory is the kernel's count.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from configs.settings import load_settings
from nodes.operate.prose import SHARE
from tools.excerpts import excerpt
from tools.scanning import BLOCK, blocks_of
from tools.shapes import Shapes, counted_in

FAILURE = "svsim: src/state.cpp:80: error: norm is nan\n"
LINES = 100_000
KINDS = (
    "2026-01-01T00:00:{0:02d}.{1:06d} DEBUG cache hit {1} of {2} in {0} ms\n",
    "2026-01-01T00:00:{0:02d}.{1:06d} INFO layer {2}: {1} gates, norm 0.{0}{2}\n",
    "2026-01-01T00:00:{0:02d}.{1:06d} DEBUG thread {0} waits for block {2}\n",
)


def numbered(rng: random.Random) -> list[str]:
    """Lines of a few kinds."""
    return [
        rng.choice(KINDS).format(rng.randrange(60), rng.randrange(1_000_000), rng.randrange(9000)) for _ in range(LINES)
    ]


def worded(rng: random.Random) -> list[str]:
    """Lines of which no one is like another."""
    words = rng.randbytes(16 * LINES).hex()
    return [f"INFO {words[at : at + 12]} takes {words[at + 12 : at + 32]}\n" for at in range(0, len(words), 32)]


def write_log(path: Path, mib: int, lines: Callable[[random.Random], list[str]]) -> int:
    """A log of so many MiB; the number of its failure's line."""
    rng = random.Random(1)
    number = found = 0
    with path.open("w") as file:
        while file.tell() < mib << 20:
            file.writelines(part := lines(rng))
            number += len(part)
            if not found and file.tell() > (mib << 20) * 2 // 3:
                file.write(FAILURE)
                found = number = number + 1
    return found


def look(path: Path) -> tuple[float, int | None, str, int]:
    """Find the failure and count the lines of the kinds that may be noise, as a report does.

    Returns:
        Seconds, the number of the failure's line, what is noise, and the peak of this process's memory in MiB.
    """
    began, shapes, given = time.monotonic(), Shapes(), load_settings().excerpt
    found = excerpt(path, given.failure_words, given.lines, given.characters, shapes=shapes)
    kinds = [kind for kind in shapes.classes() if kind.lines >= SHARE * shapes.lines]
    noise = 0
    for kind in kinds:
        noise += kind.lines if shapes.whole else counted_in((block for _, block in blocks_of(path)), kind.members)
    seconds = time.monotonic() - began
    said = f"{noise} of {found.total_lines} lines are of {len(kinds)} kinds that a model is asked about"
    return seconds, found.failure_line, said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main() -> None:
    """Measure and print a row for each log."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024)
    options = parser.parse_args()
    for lines in (numbered, worded):
        with tempfile.TemporaryDirectory(prefix="large-log-") as folder:
            path = Path(folder, "log")
            truth = write_log(path, options.mib, lines)
            began = time.monotonic()
            with path.open("rb") as file:
                while file.read(BLOCK):
                    pass
            reading = time.monotonic() - began
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
                seconds, failure, said, mib = alone.submit(look, path).result()
        right = "the failure's line" if failure == truth else f"line {failure}, and the failure is line {truth}"
        how = f"{seconds:.1f} s, {seconds / reading:.1f} times reading it, with at most {mib} MiB"
        print(f"{lines.__name__:8} {options.mib} MiB: {right} in {how}; {said}")


if __name__ == "__main__":
    main()

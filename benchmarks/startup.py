"""What `rigil --help` takes over an empty Python: `python benchmarks/startup.py [TIMES]`.

Prints the medians of wall and processor time in seconds, their ratio and their difference.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def measured(arguments: Sequence[str], times: int) -> tuple[float, float]:
    """Median wall and processor seconds of a fresh interpreter with these arguments."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    wall, processor = [], []
    for _ in range(times):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, check=True)
        wall.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(wall), statistics.median(processor)


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    measured(["-m", "cli.main", "--help"], 1)  # so that everything is compiled
    empty = measured(["-c", "pass"], times)
    helped = measured(["-m", "cli.main", "--help"], times)
    for name, less, more in zip(("wall", "processor"), empty, helped, strict=True):
        print(f"{name:<10} empty {less:.3f} s, --help {more:.3f} s: {more / less:.1f} times, {more - less:+.3f} s")


if __name__ == "__main__":
    main()

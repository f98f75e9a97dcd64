"""What sampling a process tree costs: processor time of the sampling thread over the seconds, in one run.

    python -m benchmarks.sampling [--processes 1,20,100] [--seconds 30]

Each tree is of processes that work now and then. What is measured is the time of the thread that samples, by the
kernel's count, so that it does not matter what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import psutil

from tools.samples import SHARE, Sampler

TREE = """
import subprocess, sys, time
program = "import time\\nwhile True: sum(range(100000)); time.sleep(0.5)"
for _ in range(int(sys.argv[1])): subprocess.Popen([sys.executable, "-S", "-c", program])
time.sleep(600)
"""


def cost(processes: int, seconds: float) -> tuple[float, list[float]]:
    """Cores that the sampling thread used, and the seconds between its samples."""
    tree = subprocess.Popen([sys.executable, "-c", TREE, str(processes - 1)], start_new_session=True)
    try:
        with tempfile.TemporaryDirectory(prefix="sampling-") as folder, Sampler(Path(folder, "samples")) as sampler:
            before = {thread.id for thread in psutil.Process().threads()}
            sampler.started(tree.pid)
            began = time.monotonic()
            time.sleep(seconds)
            used = sum(t.user_time + t.system_time for t in psutil.Process().threads() if t.id not in before)
            samples = list(sampler.samples)
        return used / (time.monotonic() - began), [after.at - before.at for before, after in pairwise(samples)]
    finally:
        os.killpg(tree.pid, signal.SIGKILL)
        tree.wait()


def main() -> None:
    """Measure and print a row for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", default="1,20,100")
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    for processes in map(int, options.processes.split(",")):
        cores, waits = cost(processes, options.seconds)
        median = statistics.median(waits) if waits else float("nan")
        print(
            f"{processes:4} processes   {cores:7.2%} of a core, {SHARE:.0%} allowed   a sample every {median:.2f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""What it costs a build that a model reads along: the seconds with a reader over the seconds without, in one run.

    python -m benchmarks.monitor [--model embedded:qwen2.5-coder-1.5b] [--units 60] [--repeats 3]

The build is a make of C++ files that keeps all cores busy. The order of the two is exchanged from repeat to repeat. A
model that is reached over the network costs its client's time only; `openai:NAME@http://HOST/v1` measures that.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

UNIT = """#include <iostream>
#include <map>
#include <regex>
#include <string>
int unit%d(const std::string &text) {
    std::map<std::string, std::smatch> seen;
    std::regex pattern("(a|b)*c%d");
    std::regex_search(text, seen[text], pattern);
    std::cout << seen.size();
    return static_cast<int>(seen.size());
}
"""


def write_project(folder: Path, units: int) -> None:
    """A Makefile that says how far it is, and so many C++ files."""
    folder.mkdir()
    names = [f"unit{number}" for number in range(units)]
    for number, name in enumerate(names):
        (folder / f"{name}.cpp").write_text(UNIT % (number, number))
    rules = [f"all: {' '.join(f'{name}.o' for name in names)}"]
    for number, name in enumerate(names, 1):
        rules.append(f"{name}.o: {name}.cpp\n\t@echo '[{number}/{units}] CXX {name}.cpp'\n\t@$(CXX) -O2 -c {name}.cpp")
    (folder / "Makefile").write_text("\n".join(rules) + "\n")


class Built(NamedTuple):
    """One build."""

    seconds: float
    asked: int
    """How often the model was."""
    share: float
    """Processor time of this process, its model included, over all that the cores had: what the build missed."""


def build(folder: Path, model: str, units: int, *, watching: bool) -> Built:
    """Make it once."""
    from nodes.build.progress import Reader
    from nodes.session import Session
    from nodes.watch import Watch
    from tools.runs import Runs

    run = Runs(Path(os.environ["RIGIL_STATE"])).create(
        str(folder), folder.name, model, approve="all", began=time.time()
    )
    session = Session(run)
    write_project(session.tree, units)
    if watching:
        session.beside.model()  # what loading takes is not the watcher's
    used = time.process_time()
    with Watch(session, "builds", phase="build", asking=watching, reader=Reader(session)) as watch:
        finished = session.command(f"make -j{os.cpu_count()}", name="build", **watch.watching())
    assert finished.ok, finished.log.read_text()[-400:]
    share = (time.process_time() - used) / (finished.seconds * (os.cpu_count() or 1))
    for thread in threading.enumerate():
        if thread.name == "watch":
            thread.join()  # a question that is under way is not the next build's
    shutil.rmtree(run.workspace)
    return Built(finished.seconds, len(session.asker.transcript.records()), share)


def main() -> None:
    """Measure and print a row a repeat, and the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="embedded:qwen2.5-coder-1.5b")
    parser.add_argument("--units", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    seconds: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory(prefix="monitor-") as name:
        os.environ["RIGIL_STATE"] = f"{name}/state"
        for repeat in range(options.repeats):
            row = {}
            for watching in (repeat % 2 == 0, repeat % 2 == 1):
                folder = Path(name, f"{'with' if watching else 'without'}{repeat}")
                row[watching] = build(folder, options.model, options.units, watching=watching)
                seconds[watching].append(row[watching].seconds)
            plain, watched = row[False], row[True]
            print(f"without {plain.seconds:6.1f} s, {plain.share:.1%} of the cores; ", end="")
            print(f"with {watched.seconds:6.1f} s, {watched.share:.1%}, asked {watched.asked} times", flush=True)
    ratio = statistics.median(seconds[True]) / statistics.median(seconds[False])
    print(f"{options.model}: the build with a reader takes {ratio:.3f} times the build without")


if __name__ == "__main__":
    main()

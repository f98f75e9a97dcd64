"""What it costs a build that a model reads along: the seconds with a reader over the seconds without, in one run.

    python -m benchmarks.monitor [--model embedded:qwen2.5-coder-1.5b] [--units 60] [--repeats 3] [--after S]

The build is a make of C++ files that keeps all cores busy. The order of the two is exchanged from repeat to repeat. A
model that is reached over the network costs its client's time only; `openai:NAME@http://HOST/v1` measures that.

A model on these cores is asked only after minutes, in which a machine's speed may drift by more than a question costs.
With --after, a build is asked once after so many seconds, and what it lost is told by its own lines: how many came
while the question ran, against how many did in the time around it. The first repeat's question costs most, because the
model then reads what all begin with.
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
    lines: list[float]
    """When each line of its output came, monotonic seconds."""
    questions: list[tuple[float, float]]
    """When each question began and ended, likewise."""

    def span(self) -> tuple[float, float]:
        """From when to when it was asked; an answer that is not accepted is asked for again at once."""
        return self.questions[0][0], self.questions[-1][1]

    def lost(self) -> float:
        """Seconds that the build lost to its first question, by the lines that it printed meanwhile.

        They are held against the rate of lines within twice the question's time before and after it.

        Raises:
            SystemExit: if the build was too short for that.
        """
        if not self.questions or self.questions[-1][1] > self.lines[-1]:
            raise SystemExit("The build ended before its question did: give it more --units, or ask earlier.")
        began, ended = self.span()
        near = 2 * (ended - began)
        first, last = max(self.lines[0], began - near), min(self.lines[-1], ended + near)
        inside = sum(began <= line < ended for line in self.lines)
        around = sum(first <= line < began or ended <= line < last for line in self.lines)
        if not around:
            raise SystemExit("No line came around the question: give the build more --units.")
        rate = around / (began - first + last - ended)
        return ended - began - inside / rate


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
    used, lines = time.process_time(), list[float]()
    with Watch(session, "builds", phase="build", asking=watching, reader=Reader(session)) as watch:
        watched = watch.watching()

        def line(stream: str, text: str) -> None:
            lines.append(time.monotonic())
            watched["on_line"](stream, text)

        finished = session.command(f"make -j{os.cpu_count()}", name="build", **{**watched, "on_line": line})
    assert finished.ok, finished.log.read_text()[-400:]
    share = (time.process_time() - used) / (finished.seconds * (os.cpu_count() or 1))
    for thread in threading.enumerate():
        if thread.name == "watch":
            thread.join()  # a question that is under way is not the next build's
    shutil.rmtree(run.workspace)
    # The transcript has when each began, by the clock.
    ahead, records = time.time() - time.monotonic(), session.asker.transcript.records()
    questions = [(record["time"] - ahead, record["time"] - ahead + record["seconds"]) for record in records]
    return Built(finished.seconds, len(records), share, lines, questions)


def asked_once(folder: Path, model: str, units: int, repeats: int, after_s: float) -> None:
    """Print what builds lost to a question, and what that comes to where the first is asked."""
    from configs.settings import load_settings
    from nodes import watch

    share, usual_s = load_settings().progress.share, watch.UNTIMED_S
    watch.UNTIMED_S = after_s * share
    lost = []
    for repeat in range(repeats):
        found = build(folder / f"asked{repeat}", model, units, watching=True)
        lost.append(found.lost())
        began, ended = (moment - found.lines[0] for moment in found.span())
        print(f"asked after {began:.1f} s for {ended - began:.1f} s: lost {lost[-1]:.1f} s", flush=True)
    first = usual_s / share
    ratio = 1 + max(lost) / first
    print(f"{model}: it is first asked after {first:g} s, and such a build then takes {ratio:.3f} times as long")


def main() -> None:
    """Measure and print a row a repeat, and the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="embedded:qwen2.5-coder-1.5b")
    parser.add_argument("--units", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--after", type=float, help="ask each of so many builds once after so many seconds")
    options = parser.parse_args()
    seconds: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory(prefix="monitor-") as name:
        os.environ["RIGIL_STATE"] = f"{name}/state"
        if options.after and not options.model.startswith("embedded:"):
            parser.error("--after is for an embedded model; another is asked at once.")
        if options.after:
            asked_once(Path(name), options.model, options.units, options.repeats, options.after)
            return
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

"""What it costs a build that a model reads along: the seconds with a reader over the seconds without, in one run.

    python -m benchmarks.monitor [--model embedded:qwen2.5-coder-1.5b] [--units 272]

The build is a make of C++ files that keeps all cores busy. It runs twice at the same time, once with a reader and once
without, and in turn: for some seconds the one is stopped with all its processes, then the other. So both have the same
machine, whose speed may drift by more than a question costs in the minutes after which a model on these cores is asked.
A model that is reached over the network costs its client's time only; `openai:NAME@http://HOST/v1` measures that, and
its build may be shorter.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

SLICE_S = 5.0
SIDES = ("without", "with")

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


def build(folder: Path, model: str, units: int, *, watching: bool) -> None:
    """Make it once; says when it begins and, at its end, how often the model was asked."""
    from nodes import watch
    from nodes.build.progress import Reader
    from nodes.session import Session
    from tools.runs import Runs

    watch.UNTIMED_S *= len(SIDES)  # half of the time that passes is not its own
    run = Runs(Path(os.environ["RIGIL_STATE"])).create(
        str(folder), folder.name, model, approve="all", began=time.time()
    )
    session = Session(run)
    write_project(session.tree, units)
    if watching:
        session.beside.model()  # what loading takes is not the watcher's
    print("begins", flush=True)
    with watch.Watch(session, "builds", phase="build", asking=watching, reader=Reader(session)) as watched:
        finished = session.command(f"make -j{os.cpu_count()}", name="build", **watched.watching())
    print(len(session.asker.transcript.records()), flush=True)
    assert finished.ok, finished.log.read_text()[-400:]


class Side:
    """One of the two builds, in a process of its own that is stopped and goes on again."""

    def __init__(self, name: str, folder: Path, options: argparse.Namespace) -> None:
        """Start it, wait until it begins, and stop it there."""
        (folder / name).mkdir()
        self.seconds = 0.0
        """For which it was not stopped."""
        given = ["--model", options.model, "--units", str(options.units), "--side", name]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.monitor", *given],
            env={**os.environ, "RIGIL_STATE": str(folder / name)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        if self.process.stdout.readline() != "begins\n":
            raise SystemExit(f"The build {name} a reader did not begin.")
        self._stopped = self._stop()

    def run(self) -> None:
        """Let it go on for a while, or to its end."""
        began = time.monotonic()
        for process in self._stopped:
            with suppress(psutil.NoSuchProcess):
                process.resume()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(SLICE_S)
        self.seconds += time.monotonic() - began
        self._stopped = self._stop()

    def _stop(self) -> list[psutil.Process]:
        """Stop all its processes, those too that were begun meanwhile."""
        stopped: dict[int, psutil.Process] = {}
        with suppress(psutil.NoSuchProcess):
            whole = psutil.Process(self.process.pid)
            while new := [one for one in (whole, *whole.children(recursive=True)) if one.pid not in stopped]:
                for process in new:
                    stopped[process.pid] = process
                    with suppress(psutil.NoSuchProcess):
                        process.suspend()
        return list(stopped.values())


def main() -> None:
    """Measure and print both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="embedded:qwen2.5-coder-1.5b")
    parser.add_argument("--units", type=int, default=272, help="C++ files; a model on these cores is first asked late")
    parser.add_argument("--side", choices=SIDES, help="one of the two builds alone")
    options = parser.parse_args()
    if options.side:
        folder = Path(os.environ["RIGIL_STATE"]) / "project"
        build(folder, options.model, options.units, watching=options.side == "with")
        return
    with tempfile.TemporaryDirectory(prefix="monitor-") as name:
        sides: dict[str, Side] = {}
        try:
            for word in SIDES:
                sides[word] = Side(word, Path(name), options)
            while any(side.process.poll() is None for side in sides.values()):
                for side in sides.values():
                    if side.process.poll() is None:
                        side.run()
        finally:
            for side in sides.values():
                side.process.kill()  # with which its sandbox ends
        for word, side in sides.items():
            assert side.process.stdout
            if side.process.returncode:
                raise SystemExit(f"The build {word} a reader failed.")
            print(f"{word:>7} {side.seconds:6.1f} s, asked {side.process.stdout.read().strip()} times", flush=True)
        ratio = sides["with"].seconds / sides["without"].seconds
    print(f"{options.model}: the build with a reader takes {ratio:.3f} times the build without")


if __name__ == "__main__":
    main()

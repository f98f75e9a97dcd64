"""How an agent mends broken builds: `python -m benchmarks.broken_builds.run --model provider:name`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.broken_builds import react_agent, rigil_agent
from benchmarks.broken_builds.case import HERE, Case, load_all
from benchmarks.broken_builds.place import Place, skipped
from benchmarks.broken_builds.result import Result, Trial
from benchmarks.broken_builds.table import head, line, totals


class Agent(NamedTuple):
    """Something that tries a case."""

    attempt: Callable[[Place, str, float], Trial]
    workspace: Callable[[Place], Path]


AGENTS = {
    "rigil": Agent(rigil_agent.attempt, rigil_agent.workspace),
    "react": Agent(react_agent.attempt, react_agent.workspace),
}


def tried(name: str, case: Case, folder: Path, model: str, limit_s: float, budget: dict[str, float]) -> Result:
    """Let an agent try a case in a folder, and check what it says.

    Args:
        name: of the agent.
        case: what it tries.
        folder: an empty folder.
        model: ``provider:name``.
        limit_s: wall seconds.
        budget: of the settings' section ``budget``.
    """
    if why := skipped(case):
        return Result(name, case, Trial("none"), False, why)
    place = Place(case, folder, {**budget, "seconds": limit_s})
    agent = AGENTS[name]
    trial = agent.attempt(place, model, limit_s)
    if looked_at_the_corpus(place.folder):
        trial = trial._replace(note=f"{trial.note}, LOOKED AT THE CORPUS".lstrip(", "))
    workspace = agent.workspace(place)
    tree = workspace / "tree"
    return Result(name, case, trial, tree.is_dir() and place.passes(tree, workspace))


def looked_at_the_corpus(folder: Path) -> bool:
    """Whether anything that was said or printed names the corpus: no wall hides it, so a result may be void."""
    kept = (path for pattern in ("*.jsonl", "*.log", "*.txt") for path in folder.rglob(pattern) if path.is_file())
    return any(HERE.name.encode() in path.read_bytes() for path in kept)


def main() -> int:
    """Try the cases and print the table; 1 if a claim was false or a sound project was recovered by Rigil."""
    chosen = arguments()
    try:
        cases = load_all(chosen.cases.replace(",", " ").split())
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    budget = {name: value for name in ("calls", "tokens", "attempts") if (value := getattr(chosen, name)) is not None}
    results: list[Result] = []
    print(head(), flush=True)
    for name in AGENTS if chosen.agent == "both" else [chosen.agent]:
        for case in cases:
            # Its name says nothing of the case, since the agent sees it.
            folder = Path(tempfile.mkdtemp(prefix="work-"))
            try:
                results.append(tried(name, case, folder, chosen.model, chosen.seconds, budget))
            finally:
                if chosen.keep:
                    chosen.keep.mkdir(parents=True, exist_ok=True)
                    shutil.rmtree(chosen.keep / f"{name}-{case.name}", ignore_errors=True)
                    shutil.move(folder, chosen.keep / f"{name}-{case.name}")
                shutil.rmtree(folder, ignore_errors=True)
            print(line(results[-1]), flush=True)
            write(chosen.out, chosen.model, results)
    for name in dict.fromkeys(result.agent for result in results):
        print(f"\n{name} with {chosen.model}\n{totals([result for result in results if result.agent == name])}")
    bad = [result for result in results if result.outcome == "false claim" or result.needless]
    return int(any(result.agent == "rigil" for result in bad))


def arguments() -> argparse.Namespace:
    """The command line's arguments."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.broken_builds.run", description=__doc__)
    parser.add_argument("--model", default=os.environ.get("RIGIL_MODEL") or "embedded:qwen2.5-coder-1.5b")
    parser.add_argument("--agent", choices=[*AGENTS, "both"], default="rigil")
    parser.add_argument("--cases", default="", help="names, separated by commas or spaces; all where not given")
    parser.add_argument("--out", type=Path, default=Path("recovery.json"), help="the results as JSON")
    parser.add_argument("--seconds", type=float, default=1800.0, help="wall limit of a case")
    parser.add_argument("--calls", type=int, help="model calls of a case; the settings' where not given")
    parser.add_argument("--tokens", type=int, help="tokens of a case; the settings' where not given")
    parser.add_argument("--attempts", type=int, help="recovery attempts of a step; the settings' where not given")
    parser.add_argument("--keep", type=Path, help="a folder that the cases' folders are moved to, to look at")
    return parser.parse_args()


def write(path: Path, model: str, results: list[Result]) -> None:
    """Write what is known so far, so that a benchmark that is stopped is not lost."""
    told = {"model": model, "results": [result.as_json() for result in results]}
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())

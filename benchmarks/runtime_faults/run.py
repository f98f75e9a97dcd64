"""How an agent copes with faults at run time: `python -m benchmarks.runtime_faults.run --model provider:name`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks.runtime_faults import backend, rigil_agent
from benchmarks.runtime_faults.case import Case, load_all
from benchmarks.runtime_faults.place import Place, skipped
from benchmarks.runtime_faults.result import Result, Trial
from benchmarks.runtime_faults.table import failed, head, line, totals


def tried(
    case: Case, folder: Path, objects: Path, model: str, limit_s: float, budget: dict[str, float] | None = None
) -> Result:
    """Let Rigil try a case in a folder, and hold it against the truth.

    Args:
        case: what it tries.
        folder: an empty folder.
        objects: where `backend.build` built svsim.
        model: ``provider:name``, or ``rules``.
        limit_s: wall seconds.
        budget: of the settings' section ``budget``.
    """
    if why := skipped(case):
        return Result(case, Trial("none"), why)
    return Result(case, rigil_agent.attempt(Place(case, folder, objects, budget=budget), model, limit_s))


def main() -> int:
    """Try the cases and print the table; 1 if there was a false alarm, a false claim or a process left."""
    chosen = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what runs is ended too
    try:
        cases = load_all(chosen.cases.replace(",", " ").split())
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    budget = {name: value for name in ("calls", "tokens", "attempts") if (value := getattr(chosen, name)) is not None}
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="built-") as built:
        if why := backend.build(Path(built)):
            print(f"There is no backend to try: {why}", file=sys.stderr)
            return 1
        print(head(), flush=True)
        for case in cases:
            # Its name says nothing of the case, since the agent sees it.
            folder = Path(tempfile.mkdtemp(prefix="work-"))
            try:
                results.append(tried(case, folder, Path(built), chosen.model, chosen.seconds, budget))
            finally:
                if chosen.keep:
                    chosen.keep.mkdir(parents=True, exist_ok=True)
                    shutil.rmtree(chosen.keep / case.name, ignore_errors=True)
                    shutil.move(folder, chosen.keep / case.name)
                shutil.rmtree(folder, ignore_errors=True)
            print(line(results[-1]), flush=True)
            write(chosen.out, chosen.model, results)
    print(f"\nrigil with {chosen.model}\n{totals(results)}")
    return int(failed(results))


def arguments() -> argparse.Namespace:
    """The command line's arguments."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runtime_faults.run", description=__doc__)
    default = os.environ.get("RIGIL_MODEL") or "embedded:qwen2.5-coder-1.5b"
    parser.add_argument("--model", default=default, help="provider:name, or rules: the oracles without a model")
    parser.add_argument("--cases", default="", help="names, separated by commas or spaces; all where not given")
    parser.add_argument("--out", type=Path, default=Path("faults.json"), help="the results as JSON")
    parser.add_argument("--seconds", type=float, default=900.0, help="wall limit of a case")
    parser.add_argument("--calls", type=int, help="model calls of a case; the settings' where not given")
    parser.add_argument("--tokens", type=int, help="tokens of a case; the settings' where not given")
    parser.add_argument("--attempts", type=int, help="recovery attempts; the settings' where not given")
    parser.add_argument("--keep", type=Path, help="a folder that the cases' folders are moved to, to look at")
    return parser.parse_args()


def write(path: Path, model: str, results: list[Result]) -> None:
    """Write what is known so far, so that a benchmark that is stopped is not lost."""
    told = {"model": model, "results": [result.as_json() for result in results]}
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())

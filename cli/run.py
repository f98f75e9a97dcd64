"""`rigil run`: many circuits, sweeps of parameters, several backends. Asks no model."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from cli.visible import tell
from tools.proxima import ProximaError, home_of
from tools.results import RunResult

if TYPE_CHECKING:
    from tools.running import Runnable

OWN = ("shots", "seed")
"""Parameters that have an option of their own."""
RESULTS = "results.jsonl"


class _Wrong(ValueError):
    """Wrong usage; the message says what to do."""


def run(
    circuits: Sequence[str],
    backend: str,
    *,
    shots: str,
    seed: int | None,
    sets: Sequence[str],
    compare: bool,
    out: str | None,
    as_json: bool,
    proxima_home: str | None,
) -> int:
    """Run every circuit on every backend with every choice of parameters; returns the exit code.

    Results go to standard output as they come, progress and failures to standard error.
    """
    from tools.running import Runnable, jobs_of

    try:
        names = _names(backend, compare)
        values = _values(shots, seed, sets)
        ready = [Runnable(home_of(proxima_home), name) for name in names]
        _healthy(home_of(proxima_home), ready)
        folder = _folder(out)
    except (ProximaError, _Wrong) as error:
        tell(f"rigil: {error}", file=sys.stderr)
        return 1
    jobs = jobs_of([Path(circuit) for circuit in circuits], values)
    swept = [name for name, several in values.items() if len(several) > 1]
    several = len(names) * len(jobs) > 1
    progress = _Progress(len(names) * len(jobs))
    file = (folder / RESULTS).open("w", encoding="utf-8") if folder else None
    done: list[RunResult] = []
    failed = False
    try:
        for runnable in ready:
            for result in runnable.run(jobs, folder):
                failed = failed or result.error is not None
                done += [result] if compare else []
                progress.seen(result)
                _put(result.as_dict(), file)
                if as_json:
                    _put(result.as_dict(), sys.stdout)
                elif result.error is None:
                    _show(result, several, swept)
        for compared in _compared(done) if compare else ():
            _put(compared, file)
            if as_json:
                _put(compared, sys.stdout)
            else:
                tell(_in_words(compared, swept))
    finally:
        if file:
            file.close()
    return 1 if failed else 0


def _healthy(home: Path, ready: Sequence[Runnable]) -> None:
    """Repeat the health checks that are old.

    Raises:
        _Wrong: if a backend is unhealthy.
    """
    if due := [runnable.name for runnable in ready if runnable.check_due]:
        from cli.health import before_run

        if why := before_run(home, due):
            raise _Wrong(why)


def _names(backend: str, compare: bool) -> list[str]:
    names = [name.strip() for name in backend.split(",") if name.strip()]
    if not names or len(set(names)) < len(names):
        raise _Wrong("--backend takes the names of different backends, such as a,b; `rigil backends` lists them.")
    if compare and len(names) < 2:
        raise _Wrong("--compare takes at least two backends, such as --backend a,b.")
    return names


def _values(shots: str, seed: int | None, sets: Sequence[str]) -> dict[str, list[Any]]:
    """The values of every parameter, in the order in which they are swept."""
    values: dict[str, list[Any]] = {}
    for given in sets:
        name, equals, text = given.partition("=")
        if not name or not equals or not text or name in values or name in OWN:
            own = f"; use --{name}" if name in OWN else ", once for each parameter"
            raise _Wrong(f"--set {given} is not understood: it takes PARAM=VALUE[,VALUE...]{own}.")
        values[name] = [_value(word) for word in text.split(",")]
    numbers = [_value(word) for word in shots.split(",")]
    if any(isinstance(number, bool) or not isinstance(number, int) or number < 1 for number in numbers):
        raise _Wrong(f"--shots takes whole numbers of at least 1, such as 100,1000, not {shots}.")
    return {**values, "shots": numbers, **({} if seed is None else {"seed": [seed]})}


def _value(word: str) -> Any:
    """A number or a truth value where it is written as in JSON, or else the word itself."""
    try:
        value = json.loads(word)
    except ValueError:
        return word
    return value if isinstance(value, int | float) else word


def _folder(out: str | None) -> Path | None:
    if out is None:
        return None
    folder = Path(out)
    if (folder / RESULTS).exists():
        raise _Wrong(f"{folder / RESULTS} is there already; name another folder with --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _Wrong(f"The folder {folder} cannot be made: {error}") from error
    return folder


def _put(value: Mapping[str, Any], file: TextIO | None) -> None:
    if file is not None:
        file.write(json.dumps(value) + "\n")
        file.flush()


def _show(result: RunResult, several: bool, swept: Iterable[str]) -> None:
    if several:
        tell(f"{result.circuit} on {result.backend}{_choice(result.asked, swept)}")
    for bits, count in sorted(result.counts.items(), key=lambda pair: -pair[1]):
        tell(f"{bits}  {count}")
    for name, number in result.metrics.items():
        tell(f"{name} {number:g}")
    if result.statevector:
        tell(f"statevector in {result.statevector}")
    tell(f"{result.shots} shots on {result.backend} in {result.seconds or 0:.3f} s")


def retell(printed: str) -> None:
    """Print what was printed as JSON, one result a line, as a person reads it.

    Raises:
        ValueError: if it is something else.
    """
    told = [json.loads(line) for line in printed.splitlines()]
    try:
        plain = [{key: value[key] for key in value if key != "schema"} for value in told if "compared" not in value]
        results = [RunResult(**value) for value in plain]
    except TypeError as error:
        raise ValueError(f"This is no result: {error}") from error
    swept = [name for name in (results[0].asked if results else {}) if len({str(r.asked[name]) for r in results}) > 1]
    for result in results:
        if result.error is None:
            _show(result, len(results) > 1, swept)
    for value in told:
        if "compared" in value:
            tell(_in_words(value, swept))


def _choice(asked: Mapping[str, Any], swept: Iterable[str]) -> str:
    return "".join(f", {name}={asked[name]}" for name in swept)


def _compared(done: Sequence[RunResult]) -> list[dict[str, Any]]:
    """The total variation distance, 0 to 1, between every two backends that ran the same."""
    from tools.comparison import distance

    same: dict[str, list[RunResult]] = {}
    for result in done:
        if result.error is None:
            same.setdefault(json.dumps([result.circuit, result.asked]), []).append(result)
    return [
        {
            "compared": [one.backend, other.backend],
            "circuit": one.circuit,
            "asked": one.asked,
            "distance": distance(one.counts, other.counts),
        }
        for results in same.values()
        for one, other in itertools.combinations(results, 2)
        if one.backend != other.backend
    ]


def _in_words(compared: Mapping[str, Any], swept: Iterable[str]) -> str:
    one, other = compared["compared"]
    where = f"{compared['circuit']}{_choice(compared['asked'], swept)}"
    return f"{where}: total variation distance of {one} and {other} {compared['distance']:.4f}"


class _Progress:
    """Says on standard error how far it is, at most once a second, and what failed."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._failed, self._said = total, 0, 0, time.monotonic()

    def seen(self, result: RunResult) -> None:
        self._done += 1
        if result.error is not None:
            self._failed += 1
            tell(f"rigil: {result.circuit} on {result.backend}: {result.error}", file=sys.stderr)
        if self._total > 1 and (time.monotonic() - self._said >= 1 or self._done == self._total):
            self._said = time.monotonic()
            failed = f", {self._failed} failed" if self._failed else ""
            tell(f"{self._done} of {self._total} done{failed}", file=sys.stderr)

"""What is true of a trial, whoever made it: whether its results are right."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

from benchmarks.runtime_faults.case import Case

DEVIATIONS = 6.0
"""Standard deviations that a right count may be off."""


def wrong(case: Case, printed: str) -> str | None:
    """Why what was printed holds no right result of the case's circuit, or None where it does.

    Args:
        case: what was run.
        printed: results as `rigil run --json` prints them, one a line; the last one counts.
    """
    results = [found for line in printed.splitlines() if isinstance(found := _read(line), dict) and "counts" in found]
    if not results:
        return "there is no result"
    if error := results[-1].get("error"):
        return f"the result is an error: {error}"
    counts = results[-1]["counts"]
    if sum(counts.values()) != case.shots:
        return f"{sum(counts.values())} counts for {case.shots} shots"
    if strange := sorted(counts.keys() - case.probabilities.keys()):
        return f"the outcome {strange[0]} cannot be"
    for bits, likely in case.probabilities.items():
        count, spread = counts.get(bits, 0), math.sqrt(case.shots * likely * (1 - likely))
        if abs(count - case.shots * likely) > DEVIATIONS * spread:
            return f"{count} counts of {bits}, where {case.shots * likely:.0f} are expected"
    return None


def _read(line: str) -> Any:
    with suppress(ValueError):
        return json.loads(line)
    return None

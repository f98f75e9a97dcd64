"""How a time grows with the number of qubits: a line through its logarithm, with the slope's confidence interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from statistics import median
from typing import NamedTuple

LEAST = 4
"""Sizes without which nothing is claimed."""
CONFIDENCE = 0.95
RISES = 0.25
"""Share of the start-up by which a size has to take longer before it tells of growth."""
MARGIN = 0.1
"""How near the interval has to come to a whole slope: a slope of 0.9 or 1.1 is a factor of 1.87 or 2.14 a qubit."""
WIDEST = 1.0
"""Width of the interval from which it tells nothing."""
OFF_LINE = 1.5
"""Factor from which a size is off the fitted line."""

UNKNOWN = "cannot be told"
WORDS: dict[str, str] = {
    "hardly grows": "about the same time for every number of qubits",
    "grows slowly": "grows, but by less than a factor of two with every added qubit",
    "doubles": "doubles with every added qubit, as for a state vector",
    "grows faster": "by more than a factor of two with every added qubit, but not four",
    "quadruples": "four times as much with every added qubit, as for a density matrix",
    "grows very fast": "by more than a factor of four with every added qubit",
}
"""What a growth is called, and what that means."""
_WHOLE = {0: "hardly grows", 1: "doubles", 2: "quadruples"}
_BETWEEN = ("grows slowly", "grows faster", "grows very fast")


class Growth(NamedTuple):
    """The line log2(seconds) = intercept + slope · qubits."""

    slope: float
    low: float
    """Lower end of the slope's 95 % confidence interval."""
    high: float
    intercept: float
    fitted: tuple[int, ...]
    """Numbers of qubits that the line was fitted to."""
    off_line: tuple[int, ...]
    """Those of them that differ from the line by more than a factor of `OFF_LINE`."""

    @property
    def word(self) -> str:
        """One of `WORDS`, or `UNKNOWN` where the interval is too wide or holds more than one of them."""
        if self.high - self.low > WIDEST:
            return UNKNOWN
        held = [word for whole, word in _WHOLE.items() if self.low - MARGIN <= whole <= self.high + MARGIN]
        if held:
            return held[0] if len(held) == 1 else UNKNOWN
        if self.high < 0:
            return "hardly grows"
        return _BETWEEN[min(int(self.low), 2)]

    @property
    def in_words(self) -> str:
        """One sentence with the factor per qubit and its interval."""
        return (
            f"the time of a gate {self.word}: by a factor of {2**self.slope:.2f} with every added qubit "
            f"(95 % confidence {2**self.low:.2f} to {2**self.high:.2f}), fitted to {spelled(self.fitted)} qubits"
        )

    def seconds(self, qubits: int) -> float:
        """What the line says for a number of qubits."""
        return float(2 ** (self.intercept + self.slope * qubits))


def fit(seconds: Mapping[int, float]) -> Growth | None:
    """Fit log2(seconds) against qubits by least squares; None where there are fewer than `LEAST` sizes.

    The interval is slope ± t · s, with s the standard error of the slope and t the quantile of Student's distribution
    with n - 2 degrees of freedom (Draper and Smith, Applied Regression Analysis, 3rd edition, section 1.4; it is also
    the example in the documentation of `scipy.stats.linregress`). It takes the errors of the logarithms as independent
    and equally large, and knows nothing of errors that all sizes share.

    Args:
        seconds: number of qubits -> seconds above 0.
    """
    from scipy.stats import linregress, t

    if len(seconds) < LEAST:
        return None
    sizes = sorted(seconds)
    logs = [log2(seconds[size]) for size in sizes]
    line = linregress(sizes, logs)
    # SciPy divides by the spread of the logarithms: where they are all the same, the error is not a number.
    error = float(line.stderr) if len(set(logs)) > 1 else 0.0
    reach = float(t.ppf(0.5 + CONFIDENCE / 2, len(sizes) - 2)) * error
    slope, intercept = float(line.slope), float(line.intercept)
    off = [size for size, log in zip(sizes, logs, strict=True) if abs(log - intercept - slope * size) > log2(OFF_LINE)]
    return Growth(slope, slope - reach, slope + reach, intercept, tuple(sizes), tuple(off))


def beyond_start_up(times: Mapping[int, Sequence[float]]) -> tuple[float, dict[int, float]]:
    """(seconds of start-up, qubits -> seconds beyond it) of measured times.

    Of each size the least time counts, because what else the machine does only adds to it (so the documentation of
    Python's `timeit`). That of the smallest circuit is taken for the start-up and subtracted from the others. Only the
    largest sizes are kept, down to the first that does not rise above it by a share of `RISES`, and by more than its
    own median does.

    Args:
        times: number of qubits -> seconds of each run, at least one.
    """
    sizes = sorted(times)
    start_up = min(times[sizes[0]])
    noise = median(times[sizes[0]]) - start_up
    rises: dict[int, float] = {}
    for size in reversed(sizes[1:]):
        rise = min(times[size]) - start_up
        if rise <= max(RISES * start_up, noise):
            break
        rises[size] = rise
    return start_up, dict(sorted(rises.items()))


def spelled(sizes: Sequence[int]) -> str:
    """``4, 6 and 8``."""
    words = [str(size) for size in sizes]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

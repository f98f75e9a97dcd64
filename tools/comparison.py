"""How far what a backend gave is from what it must give: counts, probabilities and statevectors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import ceil, sqrt
from typing import NamedTuple

EXACT = 1e-3
"""Total variation distance, and distance of the norm from 1, that outputs rounded to four digits may have."""
INFIDELITY = 1e-4
"""Of statevectors: the total variation distance is at most its root (Fuchs and van de Graaf 1999), 0.01."""


class Comparison(NamedTuple):
    """How a measured distribution or state relates to the exact one."""

    same: bool
    distance: float
    """Total variation distance, 0 to 1."""
    p_value: float | None
    """Of Pearson's chi-squared test; None where exact probabilities were compared."""
    fidelity: float | None = None
    """|⟨measured|exact⟩|², where the backend gave a statevector; no global phase enters it."""
    norm: float = 1.0
    """Sum of the squares of a statevector's amplitudes."""

    def in_words(self) -> str:
        """One sentence for a report."""
        verdict = "agrees with" if self.same else "differs from"
        if self.fidelity is not None:
            off = "" if abs(self.norm - 1) < EXACT else f", but its norm is {self.norm:.4g}"
            return f"{verdict} Qiskit's statevector: fidelity {self.fidelity:.6f}{off}"
        test = "" if self.p_value is None else f", chi-squared p = {self.p_value:.3g}"
        return f"{verdict} Qiskit's distribution: total variation distance {self.distance:.4f}{test}"


def distance(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    """Total variation distance of two distributions, each normalised first."""
    a, b = sum(left.values()), sum(right.values())
    return 0.5 * sum(abs(left.get(k, 0) / a - right.get(k, 0) / b) for k in left.keys() | right.keys())


@cache
def shots_needed(outcomes: int, *, significance: float, error: float, power: float) -> int:
    """Shots at which a chi-squared test finds an error with the wanted power.

    The statistic of a wrong distribution is noncentral chi-squared with the parameter shots · Σ (q - p)² / p (Cohen,
    Statistical Power Analysis, 1988, chapter 7), which for a total variation distance d is at least shots · (2 d)²
    by the Cauchy-Schwarz inequality. So this many are enough whatever the error looks like.

    Args:
        outcomes: those with a probability above zero; with one alone, a single other count is an error already.
        significance: p-value below which a test says that there is a difference.
        error: total variation distance that has to be found.
        power: the probability with which it is.
    """
    from scipy.optimize import brentq
    from scipy.stats import chi2, ncx2

    degrees = max(1, outcomes - 1)
    limit = chi2.isf(significance, degrees)
    noncentrality = brentq(lambda value: ncx2.sf(limit, degrees, value) - power, 1e-3, 1e5)
    return ceil(float(noncentrality) / (2 * error) ** 2)


def compare(
    numbers: Mapping[str, float], exact: Mapping[str, float], *, significance: float, tolerance: float
) -> Comparison:
    """Compare counts or probabilities with the exact distribution.

    Counts are held to Pearson's chi-squared test, cells with fewer than five expected counts pooled (Cochran's
    rule), and to no count where the exact probability is zero. A distance above ``tolerance`` is a difference where
    sampling alone would not explain it: the expected distance of a true sample is at most sqrt(cells / (4 shots)).
    Probabilities are held to a distance of `EXACT`.
    """
    from scipy.stats import chisquare

    total = sum(numbers.values())
    far = distance(numbers, exact)
    if total < 1.5:
        return Comparison(far < EXACT, far, None)
    if any(bits not in exact for bits, count in numbers.items() if count):
        return Comparison(False, far, 0.0)
    cells = sorted(((p * total, numbers.get(bits, 0.0)) for bits, p in exact.items()), reverse=True)
    expected, observed = [], []
    rest_expected, rest_observed = 0.0, 0.0
    for wanted, seen in cells:
        if wanted >= 5:
            expected.append(wanted)
            observed.append(seen)
        else:
            rest_expected += wanted
            rest_observed += seen
    if rest_expected >= 5 or not expected:
        expected.append(rest_expected)
        observed.append(rest_observed)
    elif rest_expected:
        expected[-1] += rest_expected
        observed[-1] += rest_observed
    scale = sum(observed) / sum(expected)
    p_value = 1.0
    if len(expected) > 1:
        p_value = float(chisquare(observed, [value * scale for value in expected]).pvalue)
    sampling = 3 * sqrt(len(exact) / (4 * total))
    return Comparison(p_value >= significance and far <= max(tolerance, sampling), far, p_value)


def compare_states(amplitudes: Mapping[str, complex], exact: Mapping[str, complex]) -> Comparison:
    """Compare amplitudes by bit string with the exact ones, up to a global phase.

    Args:
        amplitudes: as the backend gave them; their norm has to be 1 within `EXACT`.
        exact: of a normalised state.
    """
    norm = sum(abs(value) ** 2 for value in amplitudes.values())
    overlap = sum(exact.get(bits, 0).conjugate() * value for bits, value in amplitudes.items())
    fidelity = abs(overlap) ** 2 / norm if norm else 0.0
    weights = {bits: abs(value) ** 2 for bits, value in amplitudes.items()}
    far = distance(weights, {bits: abs(value) ** 2 for bits, value in exact.items()}) if norm else 1.0
    same = 1 - fidelity < INFIDELITY and abs(norm - 1) < EXACT
    return Comparison(same, far, None, fidelity, norm)

from __future__ import annotations

import cmath
import random

import numpy as np
import pytest

from tools.circuits import GATES, bell, distribution, random_circuit, statevector
from tools.comparison import compare, compare_states, distance, shots_needed

LIMITS = {"significance": 1e-4, "error": 0.05, "power": 0.999}


def sampled(exact: dict[str, float], shots: int, seed: int) -> dict[str, float]:
    drawn = random.Random(seed).choices(list(exact), list(exact.values()), k=shots)
    return {bits: float(drawn.count(bits)) for bits in exact}


def held(numbers: dict[str, float], exact: dict[str, float]) -> bool:
    return compare(numbers, exact, significance=1e-4, tolerance=0.05).same


def test_true_samples_are_accepted() -> None:
    for seed in range(40):
        exact = distribution(random_circuit(list(GATES), 3, 12, random.Random(seed)))
        assert held(sampled(exact, 4096, seed), exact), f"a false alarm at seed {seed}"


@pytest.mark.parametrize(
    "numbers",
    [
        {"00": 4096.0},
        {"00": 2048.0, "11": 2047.0, "01": 1.0},
        {"00": 2300.0, "11": 1796.0},
        {"00": 0.5, "11": 0.48, "10": 0.02},
    ],
)
def test_what_is_not_a_bell_pair_is_refused(numbers: dict[str, float]) -> None:
    assert not held(numbers, {"00": 0.5, "11": 0.5})


def test_exact_probabilities_are_accepted() -> None:
    assert held({"00": 0.5, "11": 0.5}, {"00": 0.5, "11": 0.5})


@pytest.mark.parametrize("outcomes", [2, 8, 16])
def test_at_the_needed_shots_the_least_visible_error_of_that_size_is_found(outcomes: int) -> None:
    exact = {format(number, "04b"): 1 / outcomes for number in range(outcomes)}
    # An error spread over all outcomes is the hardest to see: half of them too likely, half too rare.
    wrong = {bits: p * (1.1 if number % 2 else 0.9) for number, (bits, p) in enumerate(exact.items())}
    assert distance(exact, wrong) == pytest.approx(0.05)
    shots = shots_needed(outcomes, **LIMITS)

    rng = np.random.default_rng(outcomes)

    def missed(shots: int) -> int:
        drawn = rng.multinomial(shots, list(wrong.values()), size=300)
        found = (dict(zip(wrong, map(float, row), strict=True)) for row in drawn)
        return sum(compare(counts, exact, significance=1e-4, tolerance=1).same for counts in found)

    assert missed(shots) <= 2, "0.3 are expected at 99.9 % power"
    assert missed(shots // 4) > 30, "with a quarter of the shots it would often be missed"


def test_more_outcomes_need_more_shots_and_more_power_does_too() -> None:
    assert shots_needed(2, **LIMITS) < shots_needed(4, **LIMITS) < shots_needed(16, **LIMITS)
    assert shots_needed(4, **{**LIMITS, "power": 0.9}) < shots_needed(4, **LIMITS)
    # Two outcomes: the normal approximation, (3.891 + 3.090)² / (2 · 0.05)².
    assert shots_needed(2, **LIMITS) == pytest.approx((3.891 + 3.090) ** 2 / 0.01, rel=0.01)


def test_a_statevector_is_right_up_to_a_global_phase_and_wrong_otherwise() -> None:
    exact = statevector(random_circuit(list(GATES), 3, 12, random.Random(1)))
    turned = {bits: value * cmath.exp(0.7j) for bits, value in exact.items()}
    assert compare_states(turned, exact).same
    assert compare_states(turned, exact).fidelity == pytest.approx(1)

    bits = max(exact, key=lambda key: abs(exact[key]))
    relative = {**exact, bits: exact[bits] * cmath.exp(0.3j)}
    found = compare_states(relative, exact)
    assert found.distance < 1e-9 and not found.same, "only the fidelity sees a relative phase"


def test_a_state_that_is_not_normalised_is_wrong_though_its_direction_is_right() -> None:
    exact = statevector(bell())
    found = compare_states({bits: 1.2 * value for bits, value in exact.items()}, exact)
    assert not found.same
    assert found.fidelity == pytest.approx(1)
    assert "norm is 1.44" in found.in_words()
    assert not compare_states({}, exact).same

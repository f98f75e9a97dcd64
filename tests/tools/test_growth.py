from __future__ import annotations

import random
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.growth import UNKNOWN, WORDS, Growth, beyond_start_up, fit, spelled

SIZES = (8, 10, 12, 14, 16)


def grown(slope: float, noise: float = 0.0, seed: int = 0) -> dict[int, float]:
    rng = random.Random(seed)
    return {size: 2 ** (slope * size - 20 + rng.gauss(0, noise)) for size in SIZES}


@settings(deadline=None)  # the first loads SciPy
@given(slope=st.floats(-0.5, 5), scale=st.floats(1e-6, 1e6))
def test_an_exact_line_gives_its_slope_in_whatever_unit(slope: float, scale: float) -> None:
    found = fit({size: seconds * scale for size, seconds in grown(slope).items()})

    assert found is not None
    assert found.slope == pytest.approx(slope, abs=1e-6)
    assert found.low - 1e-6 <= slope <= found.high + 1e-6
    assert found.word in (*WORDS, UNKNOWN)
    assert found.off_line == ()


@settings(deadline=None)
@given(
    seconds=st.dictionaries(st.integers(2, 30), st.floats(1e-5, 1e3), min_size=4, max_size=9),
)
def test_the_interval_holds_the_slope_and_the_word_is_its_own(seconds: dict[int, float]) -> None:
    found = fit(seconds)

    assert found is not None
    assert found.low <= found.slope <= found.high
    assert found.fitted == tuple(sorted(seconds))
    if found.word == UNKNOWN:
        return
    assert found.high - found.low <= 1
    whole = {"hardly grows": 0, "doubles": 1, "quadruples": 2}
    if found.word in whole and found.high >= 0:
        assert found.low - 0.1 <= whole[found.word] <= found.high + 0.1


def test_the_interval_covers_the_true_slope_as_often_as_it_says() -> None:
    found = [fit(grown(1.0, noise=0.15, seed=seed)) for seed in range(400)]

    covered = sum(growth is not None and growth.low <= 1 <= growth.high for growth in found)
    assert 0.92 <= covered / 400 <= 0.98  # 95 % within three standard errors of 400 draws


@pytest.mark.parametrize(
    ("slope", "word"),
    [
        (-0.3, "hardly grows"),
        (0.02, "hardly grows"),
        (0.5, "grows slowly"),
        (1.0, "doubles"),
        (1.08, "doubles"),
        (1.5, "grows faster"),
        (2.0, "quadruples"),
        (2.6, "grows very fast"),
    ],
)
def test_a_slope_has_its_word(slope: float, word: str) -> None:
    found = fit(grown(slope))

    assert found is not None and found.word == word
    assert f"the time of a gate {word}: by a factor of {2**slope:.2f}" in found.in_words
    assert "fitted to 8, 10, 12, 14 and 16 qubits" in found.in_words


def test_three_sizes_and_runs_that_scatter_claim_nothing() -> None:
    assert fit({4: 1.0, 6: 4.0, 8: 16.0}) is None
    scattered = fit({4: 1.0, 6: 30.0, 8: 2.0, 10: 90.0})
    assert scattered is not None and scattered.word == UNKNOWN
    assert Growth(0.5, 0.05, 0.95, 0.0, SIZES, ()).word == UNKNOWN  # it holds 0 and 1


def test_a_size_off_the_line_is_named() -> None:
    seconds = grown(1.0) | {12: grown(1.0)[12] * 3}

    found = fit(seconds)

    assert found is not None and found.off_line == (12,)
    assert log2(found.seconds(12)) == pytest.approx(found.intercept + 12 * found.slope)


def test_the_start_up_is_subtracted_and_what_does_not_rise_above_it_left_out() -> None:
    times = {2: [0.102, 0.1, 0.3], 4: [0.101], 6: [0.2], 8: [0.11], 10: [0.15, 0.9], 12: [0.3], 14: [0.9]}

    start_up, rises = beyond_start_up(times)

    assert start_up == 0.1
    assert rises == pytest.approx({10: 0.05, 12: 0.2, 14: 0.8})  # not 6: 8 does not rise


def test_nothing_rises_above_a_start_up_that_spreads_more() -> None:
    assert beyond_start_up({2: [0.1, 0.4, 0.5], 4: [0.2], 6: [0.35]})[1] == {}
    assert beyond_start_up({2: [0.1]}) == (0.1, {})


def test_sizes_are_spelled() -> None:
    assert [spelled([4]), spelled([4, 6]), spelled([4, 6, 8])] == ["4", "4 and 6", "4, 6 and 8"]

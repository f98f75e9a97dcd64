from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tools.samples import Sample
from tools.signs import Character, changed, character, repeating, still, will_not_fit

MIB, GIB = 1 << 20, 1 << 30


def sample(at: float, **facts: Any) -> Sample:
    known: dict[str, Any] = {"cpu": 0.0, "rss": 100 * MIB, "read": 0, "written": 0, "threads": 2, "processes": 1}
    known |= {"files": 4, "status": "sleeping", "machine_cpu": 0.1, "available": 8 * GIB, "disk_free": 50 * GIB}
    return Sample(at=1000.0 + at, seconds=at, tree=(), **{**known, **facts})


def course(seconds: int, **of: Callable[[int], Any]) -> list[Sample]:
    """A sample a second, each fact a function of the second."""
    return [sample(second, **{name: value(second) for name, value in of.items()}) for second in range(seconds)]


def memory(seconds: int, rss: Callable[[int], float], room: int = 8 * GIB) -> list[Sample]:
    return course(seconds, rss=lambda s: int(rss(s)), available=lambda s: int(room - rss(s)), cpu=lambda s: 1.0)


def test_a_deadlock_is_told_after_the_stated_time_and_not_before() -> None:
    waits = course(60, cpu=lambda s: 1.0 if s < 10 else 0.001)
    told = [second for second in range(60) if still(waits[: second + 1], 20)]
    assert told[0] == 29  # it worked in the tenth second, the ninth from 0, for the last time
    assert told == list(range(29, 60))
    assert "for 50 s" in (still(waits, 20) or "")


def test_output_input_and_processor_time_are_movement() -> None:
    waits = course(60)
    assert still(waits, 20)
    assert not still(waits, 20, printed_at=waits[-1].seconds - 5)
    assert still(waits, 20, printed_at=waits[-1].seconds - 25)
    assert not still(course(60, cpu=lambda s: 0.5), 20)
    assert not still(course(60, written=lambda s: s * 100_000), 20)
    assert not still(course(60, read=lambda s: s * 100_000), 20)
    assert still(course(60, read=lambda s: s * 100), 20)
    assert not still(course(60, rss=lambda s: s * 20 * MIB), 20)
    assert still(course(60, rss=lambda s: 20 * MIB + s * 4096), 20)


def test_busy_and_silent_for_ten_minutes_is_no_sign_of_anything() -> None:
    busy = course(600, cpu=lambda s: 0.97, status=lambda s: "running", rss=lambda s: 2 * GIB)
    assert (still(busy, 20), will_not_fit(busy), repeating([], [])) == (None, None, None)


def test_what_wants_to_work_on_a_machine_that_is_full_is_not_still() -> None:
    assert not still(course(60, cpu=lambda s: 0.02, status=lambda s: "running"), 20)


def test_too_little_is_known_at_first() -> None:
    assert still([], 20) is None and still(course(10), 20) is None
    assert will_not_fit([]) is None and character([]) is None and changed(None, None) is None


def test_a_leak_is_told_by_its_slope_before_it_is_over() -> None:
    leak = memory(200, lambda s: 200 * MIB + s * 60 * MIB)
    told = [second for second in range(136) if will_not_fit(leak[: second + 1])]
    assert told and told[0] < 60  # 8 GiB are full after 133 s
    assert told == list(range(told[0], told[-1] + 1))
    words = will_not_fit(leak[:60]) or ""
    assert "60.0 MiB a second" in words and "within 74 s" in words


def test_a_limit_counts_where_it_is_less_than_the_machine_has() -> None:
    slow = memory(60, lambda s: 200 * MIB + s * 10 * MIB, room=100 * GIB)
    assert will_not_fit(slow) is None
    assert "its memory will not fit" in (will_not_fit(slow, limit=1 * GIB) or "")


@pytest.mark.parametrize(
    "rss",
    [
        lambda s: min(s, 5) * GIB,  # five seconds of allocation, then work
        lambda s: (6 if s > 10 else 0) * GIB,  # at once
        lambda s: 200 * MIB + s * MIB,  # so slowly that the machine is enough for hours
        lambda s: (1 + s % 5 / 5) * GIB,  # filled and emptied again
        lambda s: 3 * GIB - s * 10 * MIB,
    ],
)
def test_a_start_up_is_no_leak(rss: Callable[[int], float]) -> None:
    samples = memory(90, rss)
    assert [second for second in range(90) if will_not_fit(samples[: second + 1])] == []


def test_a_livelock_with_output_is_told_by_repetition() -> None:
    lines = [text for n in range(6) for text in (f"try {n}: connecting", f"error: no answer on port {n}")]
    failures = [line for line in lines if "error" in line]
    assert repeating(lines, failures) == "it printed the same failure 6 times: error: no answer on port #"
    assert repeating(lines[:8], failures) is None
    assert repeating(["waiting for the lock"] * 20, []) == (
        "it printed nothing but the same line 20 times: waiting for the lock"
    )


def test_progress_and_failures_in_different_places_are_no_repetition() -> None:
    iterations = [f"iteration {n}" for n in range(500)]
    assert repeating(iterations, []) is None
    names = "abcdefghijkl"
    lines = [text for n in names for text in (f"compiling {n}.c", f"{n}.c: error: no such file")]
    assert repeating(lines, [line for line in lines if "error" in line]) is None
    # The same failure now and then, while new things are printed between them.
    lines = [text for n in names for text in (f"test_{n} ok", f"then {n}", "FAILED")]
    assert repeating(lines, ["FAILED"]) is None
    # It failed, then went on.
    assert (
        repeating([*["error: busy"] * 6, *[f"step {n} of module {c}" for n, c in enumerate(names)]], ["error: busy"])
        is None
    )


def test_what_the_samples_are_like_and_when_that_changes() -> None:
    works_then_waits = course(
        40, cpu=lambda s: 1.0 if s < 20 else 0.0, status=lambda s: "running" if s < 20 else "sleeping"
    )
    told = {}
    for second in range(1, 40):
        if what := changed(character(works_then_waits[:second]), character(works_then_waits[: second + 1])):
            told[second] = what
    assert told == {22: "it works no more"}

    grows = memory(60, lambda s: 200 * MIB + max(0, s - 30) * 80 * MIB)
    begins = [n for n in range(60) if changed(character(grows[:n]), character(grows[: n + 1]))]
    assert len(begins) == 1 and 30 < begins[0] < 45

    sleeping, stopped = Character(False, False, "sleeping"), Character(False, False, "stopped")
    assert changed(sleeping, stopped) == "it was sleeping and is stopped"
    assert changed(sleeping, sleeping._replace(status="")) is None

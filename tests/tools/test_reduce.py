from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tools.reduce import smallest


@given(st.lists(st.integers(0, 99), min_size=1, max_size=60, unique=True), st.data())
def test_what_is_left_is_what_fails_together(items: list[int], data: st.DataObject) -> None:
    needed = data.draw(st.sets(st.sampled_from(items), min_size=1, max_size=4))
    tried: list[list[int]] = []

    def fails(some: list[int]) -> bool:
        tried.append(some)
        return needed <= set(some)

    assert smallest(items, fails) == [item for item in items if item in needed]
    assert all(some and some == [item for item in items if item in some] for some in tried)


def test_what_fails_alone_is_tried_no_further() -> None:
    assert smallest([1], lambda _some: True) == [1]
    assert smallest([1, 2, 3, 4], lambda some: len(some) % 2 == 0) in ([1, 2], [1, 4], [2, 3], [3, 4], [1, 3], [2, 4])

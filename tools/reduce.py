"""Finds a smallest part of a sequence that still fails (ddmin: Zeller and Hildebrandt, IEEE TSE 28, 2002)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import TypeVar

T = TypeVar("T")


def smallest(items: Sequence[T], fails: Callable[[list[T]], bool]) -> list[T]:
    """Items in their order, none of which can be left out without it failing no more.

    Args:
        items: that fail together.
        fails: whether some of them do, which are never none.
    """
    left, parts = list(items), 2
    while len(left) > 1:
        size = ceil(len(left) / parts)
        rests = (left[:begin] + left[begin + size :] for begin in range(0, len(left), size))
        shorter = next((rest for rest in rests if rest and fails(rest)), None)
        if shorter is not None:
            left, parts = shorter, max(parts - 1, 2)
        elif size == 1:
            break
        else:
            parts = min(2 * parts, len(left))
    return left

"""Finds which candidate an answer means: small models change a quote or a space where they copy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LIKE = 0.9
"""Similarity from which two texts are taken for the same one; candidates differ by more among themselves."""


def meant(answer: str, candidates: Iterable[str]) -> str | None:
    """The candidate that an answer copies, None where it is none of them."""
    known = list(candidates)
    if answer in known:
        return answer
    near = difflib.get_close_matches(answer, known, n=1, cutoff=LIKE)
    return near[0] if near else None

"""Holds the bit order that the documents state to the one that was found by experiment."""

from __future__ import annotations

import re
from typing import Any

from models.errors import Rejected
from nodes.session import Session
from nodes.verify.answers import BitOrder
from nodes.verify.interface import usage
from tools.documents import sentences

SPOKEN = (
    re.compile(r"\b(?:qubit|wire|bit)s?\b", re.IGNORECASE),
    re.compile(r"\b(?:left\w*|right\w*|first|last|end|endian\w*|order\w*|significant)\b", re.IGNORECASE),
)
"""A sentence that speaks of a bit order holds a word of each."""
MOST = 3


def doubt(session: Session, dialect: dict[str, Any]) -> str | None:
    """What the documents state against the found bit order; None where they state it, or none."""
    told = [text for text in sentences(usage(session, 200_000)) if all(words.search(text) for words in SPOKEN)]
    # Those that name a bit string first: an order of operands or of lines is another matter.
    told.sort(key=lambda text: not re.search(r"string|outcome|count|character|bits?\b", text, re.IGNORECASE))
    found = "first" if dialect["reversed"] else "last"
    for text in told[:MOST]:
        try:
            stated = session.ask("bit_order", BitOrder, sentence=text).place
        except Rejected:  # a sentence that cannot be read states nothing
            continue
        if stated in ("first", "last"):
            if stated == found:
                return None
            return f"the documents state the other bit order (“{text}”): qubit 0 was found to be the {found} bit"
    return None

"""How long circuits can be expected to take on a backend whose speed was measured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

DECLARED = re.compile(r"\bqreg\s+\w+\s*\[\s*(\d+)\s*\]|\bqubit\s*\[\s*(\d+)\s*\]")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
HEAD = re.compile(r"\s*(OPENQASM|include|qreg|creg|qubit|bit|barrier)\b")


def size_of(text: str) -> tuple[int, int]:
    """(qubits, operations) of an OpenQASM circuit, told from its text alone; (0, 0) where it is none.

    An operation on a whole register counts for each of its qubits, one in the definition of a gate once.
    """
    plain = COMMENT.sub("", text)
    qubits = sum(int(old or new) for old, new in DECLARED.findall(plain))
    statements = [part for part in plain.split(";") if part.strip() and not HEAD.match(part)]
    return qubits, sum(1 if "[" in part else qubits for part in statements) if qubits else 0


def expected_s(texts: Iterable[str], speed: Mapping[str, Any]) -> float | None:
    """Seconds that the circuits take one after the other; None where one cannot be read so.

    Args:
        texts: the circuits.
        speed: ``start_up_s``, and ``slope`` and ``intercept`` of log2(seconds a gate) over the number of qubits.
    """
    whole = 0.0
    for text in texts:
        qubits, operations = size_of(text)
        if not qubits:
            return None
        gate_s = 2.0 ** min(speed["intercept"] + speed["slope"] * qubits, 60.0)
        whole += speed["start_up_s"] + operations * gate_s
    return whole


def in_words(seconds: float) -> str:
    """``40 s``, ``3 minutes`` or ``5 hours``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 1e7 else "more than 100 days"

"""Writes a circuit by a function that was worked out once, where a line for each gate cannot express the format.

This module imports nothing but the standard library and the driver's errors, because it is also part of an installed
wrapper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.reading import DriverError


def translated(
    dialect: Mapping[str, Any],
    qubits: int,
    operations: Sequence[tuple[str, Sequence[int], Sequence[float]]],
    *rest: int,
) -> str:
    """The circuit as the dialect's ``translator`` writes it; ``rest`` are the shots and the seed.

    Raises:
        DriverError: if it ends in an error, or gives no text.
    """
    # Of its own, so that what it does to them harms nobody.
    given = [[name, list(operands), [float(angle) for angle in angles]] for name, operands, angles in operations]
    try:
        text = dialect["translator"](given, qubits, *rest)
    except DriverError:
        raise
    except Exception as error:  # whatever it raises, it is this circuit that cannot be written
        raise DriverError(f"The translator ended with {type(error).__name__}: {error}") from error
    if not isinstance(text, str) or not text.strip():
        raise DriverError(f"The translator gave {text!r:.80}, which is no text.")
    return text

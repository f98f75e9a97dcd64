"""Text of strangers on the person's terminal, which would otherwise obey what is hidden in it."""

from __future__ import annotations

import re
from typing import TextIO

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters but for tab and new line, and those that turn the direction of reading."""


def visible(text: object) -> str:
    r"""The text with what commands a terminal written out, such as ``\x1b``; lines and tabs stay."""
    return _COMMANDS.sub(lambda match: ascii(match[0])[1:-1], str(text).replace("\r\n", "\n"))


def tell(text: object, *, file: TextIO | None = None, end: str = "\n", flush: bool = False) -> None:
    """Print what may hold a stranger's text; JSON, which escapes such characters itself, stays as it is."""
    print(visible(text), file=file, end=end, flush=flush)

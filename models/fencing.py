"""Evidence on its way into a prompt: it may say anything and must not pass for the prompt itself."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"\x1b(?:\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC: titles, links
    r"|[PX^_][^\x1b\n]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|[ -/]*[0-~])"
)
"""Terminal escape sequences, by ECMA-48; one that does not end goes to the end of its line."""

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Characters that show nothing, and may hide or reorder what stands around them."""


def plain(text: str) -> str:
    """The text without terminal escape sequences and control characters; tabs and newlines stay."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def fence(text: object, label: str) -> str:
    """A labelled block whose end cannot be written by what it holds.

    The fence is a run of backticks longer than any in the text (CommonMark, fenced code blocks).
    """
    body = plain(str(text)).strip("\n")
    longest = max((len(run) for run in re.findall("`+", body)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{label}:\n{ticks}\n{body}\n{ticks}"

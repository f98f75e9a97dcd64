"""Edits of a source as data: applied to a copy, told as a patch, applied again to another copy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from tools.filesystem import inside


class Edit(TypedDict):
    """One replacement in one text file."""

    file: str
    """Relative to the source's root."""
    old: str
    new: str
    line: int | None
    """Number of the line that is ``old``; None where ``old`` stands in the file exactly once."""


class EditRefused(ValueError):
    """An edit that does not fit its file; the message is a sentence for the model."""


def apply_edit(text: str, edit: Mapping[str, Any]) -> str:
    """The text with the edit in it.

    Raises:
        EditRefused: if ``old`` does not stand there, or not exactly once.
    """
    old, new, line = edit["old"], edit["new"], edit["line"]
    if old == new:
        raise EditRefused("The edit changes nothing.")
    if line is not None:
        lines = text.split("\n")
        if not 1 <= line <= len(lines) or lines[line - 1].rstrip("\r") != old:
            raise EditRefused(f"Line {line} of {edit['file']} is not {old!r}.")
        lines[line - 1] = new + lines[line - 1][len(old) :]
        return "\n".join(lines)
    if not old or text.count(old) != 1:
        times = text.count(old) if old else 0
        raise EditRefused(f"The text to replace stands {times} times in {edit['file']}; it has to stand there once.")
    return text.replace(old, new)


def patched(root: Path, edits: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """What the edited files of a source hold after all edits; nothing is written.

    Raises:
        EditRefused: if one does not fit, is not UTF-8 text, or leads out of ``root``.
    """
    texts: dict[str, str] = {}
    for edit in edits:
        try:
            path = inside(root, edit["file"])
            name = path.relative_to(root.resolve()).as_posix()
            if name not in texts:
                texts[name] = path.read_bytes().decode()
        except (OSError, ValueError) as error:
            raise EditRefused(f"{edit['file']} is no text file of the source.") from error
        texts[name] = apply_edit(texts[name], edit)
    return {name: text.encode() for name, text in texts.items()}


def as_patch(root: Path, edits: Sequence[Mapping[str, Any]]) -> str:
    """The edits as a unified diff that ``patch -p1`` or ``git apply`` takes in the source's root."""
    parts: list[str] = []
    for name, content in patched(root, edits).items():
        before = (root / name).read_bytes().decode().splitlines(keepends=True)
        after = content.decode().splitlines(keepends=True)
        lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
        parts += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "".join(parts)

"""Reads `run.json`, which a crash or a person may have damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXTS = ("source", "name", "model", "status", "created")


def read(path: Path) -> dict[str, Any] | str:
    """The facts of a run, or a sentence that says what is wrong with the file.

    Raises:
        FileNotFoundError: if there is none.
    """
    try:
        found = json.loads(path.read_text())
    except (ValueError, RecursionError) as error:
        return f"{path} is damaged ({error}); mend it or move its folder away."
    whole = isinstance(found, dict) and all(isinstance(found.get(key), str) for key in TEXTS)
    if not whole or not isinstance(found.get("settings"), dict) or not isinstance(found.get("exit_code"), int | None):
        return f"{path} does not hold what a run is; mend it or move its folder away."
    return dict(found)


def damaged(runs: Path) -> list[str]:
    """What is wrong with the runs in a folder that cannot be read, a sentence each."""
    found = [read(path) for path in sorted(runs.glob("*/run.json"))]
    return [sentence for sentence in found if isinstance(sentence, str)]

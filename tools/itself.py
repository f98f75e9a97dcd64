"""How Rigil is started as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path


def rigil(*arguments: str) -> list[str]:
    """The command that runs this Rigil, from any folder and in any environment."""
    root = str(Path(__file__).resolve().parents[1])
    code = f"import sys; sys.path.append({root!r}); from cli.main import main; main()"
    return [sys.executable, "-P", "-c", code, *arguments]

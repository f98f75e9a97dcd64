"""The version control of the trees in a workspace: programs read settings and run hooks that lie in it.

Walls keep what is there; what was not there cannot be kept from being made, so that it is put away afterwards.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools.filesystem import VERSION_CONTROL

Histories = Mapping[Path, tuple[int, int]]
"""Path -> what tells it from another in its place, even where that is called the same."""


def histories(workspace: Path) -> Histories:
    """What a workspace and each of its folders hold of version control."""
    folders = [workspace, *(path for path in workspace.iterdir() if path.is_dir() and not path.is_symlink())]
    found = (folder / name for folder in folders for name in sorted(VERSION_CONTROL))
    return {path: (path.lstat().st_dev, path.lstat().st_ino) for path in found if os.path.lexists(path)}


def put_away(workspace: Path, before: Histories) -> list[Path]:
    """Move what was not there before to where it is nobody's version control; returns where it was."""
    planted = [path for path, identity in histories(workspace).items() if before.get(path) != identity]
    for path in planted:
        path.parent.chmod(path.parent.stat().st_mode | stat.S_IRWXU)  # it may have been made hard to move
        path.rename(Path(tempfile.mkdtemp(prefix="planted-", dir=workspace / "tmp")) / "it")
    return planted

"""Breaks a copy of a backend in one way: what a health check has to notice.

In the sandbox the broken file stands over the real one, which nobody else sees. Without a sandbox the workspace is
copied by hard links, in which the file is another one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from tools.health import Setting
from tools.sandbox import protection

Harm = Literal["gone", "empty", "not executable", "damaged"]
HARMS: dict[Harm, str] = {
    "gone": "is gone",
    "empty": "is an empty file",
    "not executable": "may not be executed",
    "damaged": "is damaged",
}
MOST_BESIDE = 1500
"""Files in a folder beside one that is to be missed; each is an argument of the sandbox."""
MOST_DAMAGED = 1 << 24
DAMAGE = bytes(number ^ 0xFF | 0x80 for number in range(256))
"""Flips every byte to one that is no ASCII, so that a shell that takes it for a script finds no command in it."""


class Fault(NamedTuple):
    """One way in which a backend is broken."""

    of: Literal["program", "file", "library"]
    path: Path
    harm: Harm

    @property
    def what(self) -> str:
        """A clause."""
        name = "" if self.of == "program" else f" {self.path.name}"
        return f"the {self.of}{name} {HARMS[self.harm]}"

    @property
    def sure(self) -> bool:
        """Whether nothing can work with it; a file that is loaded may not be needed."""
        return self.of == "program"


def faults(program: Path, files: Sequence[Path], libraries: Sequence[Path]) -> list[Fault]:
    """The ways that can be made here, those of the program first.

    Args:
        program: what the command starts.
        files: what it is given to run or to import.
        libraries: what it loads, in the order in which they are tried.
    """
    within = [path for path in (*files, *libraries) if _few_beside(path)]
    harms: tuple[Harm, ...] = ("gone", "damaged")
    return [
        *(Fault("program", program, harm) for harm in HARMS),
        *(Fault("file", path, harm) for path in files if path in within for harm in harms),
        *(Fault("library", path, "gone") for path in libraries if path in within),
    ]


@contextmanager
def made(fault: Fault, setting: Setting) -> Iterator[Setting]:
    """The setting of a copy that has this fault; the backend itself stays as it is."""
    walled = protection().name == "bubblewrap"
    inside = fault.path.is_relative_to(setting.shell.workspace) and _few_beside(fault.path)
    if fault.harm == "gone" and not inside:
        yield setting._replace(moved=(str(fault.path), f"{fault.path}.gone"))
        return
    with TemporaryDirectory(dir=setting.folder, prefix="broken-") as name:
        if fault.harm == "gone" and walled:
            yield setting._replace(instead=((fault.path, None),))
        elif walled:
            yield setting._replace(instead=((fault.path.resolve(), _harmed(fault, Path(name))),))
        else:
            stand_in = None if fault.harm == "gone" else _harmed(fault, Path(name))
            yield setting._replace(moved=_copied(fault.path, stand_in, setting.shell.workspace, Path(name)))


def _few_beside(path: Path) -> bool:
    return sum(1 for _ in path.parent.iterdir()) < MOST_BESIDE


def _harmed(fault: Fault, folder: Path) -> Path:
    path = folder / fault.path.name
    with fault.path.open("rb") as file:
        content = file.read(MOST_DAMAGED) if fault.harm == "damaged" else b""
    if fault.harm == "not executable":
        shutil.copyfile(fault.path, path)
    else:
        # A byte is missing too, lest it pass for the same file by its size and its time.
        path.write_bytes(content.translate(DAMAGE)[1:])
    path.chmod(0o644 if fault.harm == "not executable" else 0o755)
    return path


def _copied(path: Path, stand_in: Path | None, workspace: Path, folder: Path) -> tuple[str, str]:
    """The path that has to be taken for another one."""
    if not path.is_relative_to(workspace):
        return str(path), str(stand_in or folder / f"{path.name}.gone")
    copy = folder / "copy"
    shutil.copytree(
        workspace,
        copy,
        symlinks=True,
        copy_function=os.link,
        ignore=lambda at, _: ["tmp"] if Path(at) == workspace else [],
        ignore_dangling_symlinks=True,
    )
    other = copy / path.relative_to(workspace)
    other.unlink()
    if stand_in:
        shutil.copy2(stand_in, other)
    return str(workspace), str(copy)

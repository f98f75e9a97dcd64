"""The tools as a model that calls tools well may use them: LangChain tools, confined to one tree."""

from __future__ import annotations

import json
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING, Any

from tools.filesystem import files, inside, listing, read_text
from tools.sandbox import Permit, protection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from langchain_core.tools import BaseTool

    from tools.shell import Shell

OUTPUT = 6000
"""Characters of an answer: about 1500 tokens."""
SEARCHED = 1_000_000
"""Bytes of a file that a search looks at."""


def make_tools(shell: Shell, root: Path, log: Path | None = None) -> list[BaseTool]:
    """Tools bound to a shell and a tree: run_command, read_file, list_files, search_text, process_info.

    Nothing that they do changes the workspace. With a log there are read_log and search_log too. A path that leads out
    of ``root``, or that does not exist, is an answer to the model and not an error.
    """
    from langchain_core.tools import StructuredTool

    def run_command(command: str, timeout_s: float = 60) -> str:
        """Run a shell command in the tree, without network and without writing, and return what it printed."""
        from tools.excerpts import tail

        permit = Permit(shell.workspace, read_only=True)
        finished = shell.run(command, name="look", cwd=root, timeout_s=timeout_s, permit=permit)
        return f"{finished.in_words}\n{tail(finished.log, 80)}"[:OUTPUT]

    def read_file(path: str, offset: int = 1, lines: int = 100) -> str:
        """Read lines of a text file, numbered, from line `offset` on."""
        content = read_text(inside(root, path), SEARCHED)
        text = content.splitlines()
        shown = text[max(offset, 1) - 1 :][:lines]
        numbered = (f"{number:>5}| {line}" for number, line in enumerate(shown, max(offset, 1)))
        unseen = ", which end in CRLF" if "\r\n" in content else ""
        return "\n".join([*numbered, f"({len(text)} lines{unseen})"])[:OUTPUT]

    def list_files(path: str = ".", depth: int = 3) -> str:
        """List the files under a folder with their sizes in bytes."""
        folder = inside(root, path)
        if not folder.is_dir():
            return f"{path} is not a folder."
        entries = listing(folder, depth=depth, limit=300)
        return "\n".join(f"{entry.path} {entry.size}" for entry in entries)[:OUTPUT] or "It is empty."

    def search_text(text: str, path: str = ".") -> str:
        """Find lines that contain a text, whatever their case, in the files under a folder."""
        start, hits, size = inside(root, path), [], 0
        for file in [start] if start.is_file() else files(start):
            if file.is_symlink():
                continue
            for number, line in enumerate(read_text(file, SEARCHED).splitlines(), 1):
                if text.casefold() in line.casefold():
                    hits.append(f"{file.relative_to(root.resolve())}:{number}: {line.strip()[:200]}")
                    size += len(hits[-1]) + 1
                if size > OUTPUT:
                    return "\n".join(hits)[:OUTPUT]
        return "\n".join(hits) or "No line contains it."

    def process_info() -> str:
        """Tell what runs now, with processor time, memory and state of each process."""
        import psutil

        running = []
        for process in psutil.Process().children(recursive=True):
            try:
                with process.oneshot():
                    running.append(
                        {
                            "pid": process.pid,
                            "command": " ".join(process.cmdline())[:200],
                            "status": process.status(),
                            "cpu_s": sum(process.cpu_times()[:2]),
                            "memory_mib": process.memory_info().rss >> 20,
                        }
                    )
            except psutil.NoSuchProcess:
                continue
        return json.dumps(running)[:OUTPUT] if running else "Nothing runs now."

    def read_log(offset: int = 1, lines: int = 100) -> str:
        """Read lines of the failed command's whole log, numbered, from line `offset` on."""
        assert log is not None
        with log.open("rb") as file:
            block = b"".join(islice(file, max(offset, 1) - 1, max(offset, 1) - 1 + min(lines, 400)))
        text = block.decode("utf-8", "replace").splitlines()
        return (
            "\n".join(f"{n:>5}| {line[:400]}" for n, line in enumerate(text, max(offset, 1)))[:OUTPUT]
            or "It ends before."
        )

    def search_log(text: str) -> str:
        """Find lines of the failed command's whole log that contain a text, whatever their case."""
        assert log is not None
        hits = []
        with log.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                if text.casefold() in line.casefold():
                    hits.append(f"{number:>5}| {line.strip()[:200]}")
                if len(hits) == 40:
                    break
        return "\n".join(hits)[:OUTPUT] or "No line contains it."

    functions: list[Callable[..., str]] = [read_file, list_files, search_text, process_info]
    if protection().name != "none":  # without walls a command could write
        functions.append(run_command)
    if log is not None:
        functions += [read_log, search_log]
    return [StructuredTool.from_function(_answering(function)) for function in functions]


def _answering(function: Callable[..., str]) -> Callable[..., str]:
    """The same function, telling the model where a path will not do."""

    @wraps(function)
    def answer(*args: Any, **kwargs: Any) -> str:
        try:
            return function(*args, **kwargs)
        except (OSError, ValueError) as error:  # OutsideWorkspace is a ValueError
            return f"Not possible: {error}"

    return answer

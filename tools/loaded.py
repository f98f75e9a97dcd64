"""Which files a program really loads, as the system says: its dynamic loader, its memory maps, its interpreter."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from tools.driver import Runner

OF_INTERPRETER = (
    "print(open('/proc/self/maps').read(), "
    "*[m.__file__ for m in list(sys.modules.values()) if getattr(m, '__file__', None)], sep='\\n')"
)
"""Python statement, after ``import sys``, that prints what has been loaded."""
LOOK_S = 0.001
_MAPPED = re.compile(r"^[0-9a-f]+-[0-9a-f]+ ..x. \S+ \S+ \d+ +(/.*)$")
"""A part that is executed: what is only read is there for a moment, such as the loader's own cache."""


def by_loader(command: str, runner: Runner, folder: Path, timeout_s: float) -> list[Path]:
    """What the dynamic loader would load to start a command's program, which it then does not start.

    Where the loader knows no such variable, or the program needs none, nothing is found.
    """
    _, output, _ = runner(f"LD_TRACE_LOADED_OBJECTS=1 {command}", folder, timeout_s)
    return _files(word for line in output.splitlines() for word in line.split())


def said(output: str) -> tuple[list[Path], list[Path]]:
    """(what was mapped, the files of what was imported) in what `OF_INTERPRETER` printed."""
    lines = output.splitlines()
    mapped = [match[1] for match in map(_MAPPED.match, lines) if match]
    return _files(mapped), _files(line for line in lines if not _MAPPED.match(line))


def mapped_while(run: Callable[[Callable[[int], None]], object]) -> list[Path]:
    """What a process and its children had mapped while something ran.

    Args:
        run: does it, and calls its argument with the process id.
    """
    found: dict[str, None] = {}
    over = threading.Event()

    def look(pid: int) -> None:
        while not over.wait(LOOK_S):
            for one in _tree(pid):
                with suppress(OSError):  # it has ended
                    lines = Path(f"/proc/{one}/maps").read_text().splitlines()
                    found.update(dict.fromkeys(match[1] for match in map(_MAPPED.match, lines) if match))

    def started(pid: int) -> None:
        looking.append(threading.Thread(target=look, args=(pid,), daemon=True))
        looking[0].start()

    looking: list[threading.Thread] = []
    try:
        run(started)
    finally:
        over.set()
        for thread in looking:
            thread.join()
    return _files(found)


def _tree(pid: int) -> Iterable[int]:
    yield pid
    children = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                children += (task / "children").read_text().split()
    for child in children:
        yield from _tree(int(child))


def _files(names: Iterable[str]) -> list[Path]:
    """Those that are files, by their real paths, in order, each once."""
    real = dict.fromkeys(Path(name).resolve() for name in names if name.startswith("/"))
    return [path for path in real if path.is_file()]

"""The log of a run: lines of JSON in its folder, each with the run, the step and the attempt that it belongs to."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

JOURNAL = "journal.jsonl"
LOGGER = "rigil"


class Place(NamedTuple):
    """What is being worked at."""

    folder: Path
    """Of the run."""
    node: str | None = None
    """``phase.step``; while recovery works, the step that it mends."""
    attempt: int | None = None
    """Which try of that step, from 1."""


_here: ContextVar[Place | None] = ContextVar("place", default=None)
_latest: dict[Path, Place] = {}
"""For threads that a step started: they do not have its context."""
_collecting: list[Path] = []
"""Runs that strangers' records go to where no context says which."""


def work_at(folder: Path, node: str | None, attempt: int | None) -> None:
    """Say what the records that follow are about."""
    place = Place(folder, node, attempt)
    _here.set(place)
    _latest[folder] = place


def note(folder: Path, step: str, text: str, facts: Mapping[str, Any]) -> None:
    """Log a line about a run.

    Args:
        folder: of the run.
        step: what says it.
        text: the line.
        facts: anything else, plain JSON.

    Raises:
        OSError: if it cannot be written.
    """
    level = logging.WARNING if facts.get("settled") is False else logging.INFO
    _logger().log(level, text, extra={"folder": folder, "step": step, "facts": dict(facts)})


@contextmanager
def collecting(folder: Path) -> Iterator[None]:
    """Log what libraries warn of in the run's journal, instead of on the screen."""
    root, handler = logging.getLogger(), Journals(logging.WARNING)
    handler.setFormatter(JsonLine())
    _collecting.append(folder)
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        _collecting.remove(folder)
        _latest.pop(folder, None)


class JsonLine(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        folder = _folder(record)
        place = _here.get()
        if place is None or place.folder != folder:
            place = _latest.get(folder) if folder else None
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": at, "step": getattr(record, "step", record.name), "text": record.getMessage()}
        line |= {"level": record.levelname.lower(), "run": folder.name if folder else None}
        if place:
            line |= {"node": place.node, "attempt": place.attempt}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line | getattr(record, "facts", {}))


class Journals(logging.Handler):
    """Writes each record to the journal of the run that it belongs to."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; one that belongs to no run is left to others."""
        folder = _folder(record)
        if folder is None:
            return
        if hasattr(record, "folder"):
            _append(folder / JOURNAL, self.format(record))
            return
        with suppress(OSError, ValueError, TypeError):  # what a library says must not end what it was used for
            _append(folder / JOURNAL, self.format(record))


def _folder(record: logging.LogRecord) -> Path | None:
    place = _here.get()
    folder: Path | None = getattr(record, "folder", None)
    return folder or (place.folder if place else _collecting[-1] if _collecting else None)


def _logger() -> logging.Logger:
    logger = logging.getLogger(LOGGER)
    logger.disabled = False  # a server's own configuration of logging disables what it does not know
    if not logger.handlers:
        handler = Journals()
        handler.setFormatter(JsonLine())
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
    return logger


def _append(path: Path, line: str) -> None:
    """Add a line; one that a crash tore before it stays on a line of its own."""
    line += "\n"
    with path.open("ab+") as file:
        if file.tell() and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n":
            line = "\n" + line
        file.write(line.encode("utf-8", "replace"))

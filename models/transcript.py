"""The transcript: every request to a model and what came of it, one JSON line each."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

COUNTED = ("input_tokens", "output_tokens", "seconds")


class Totals(NamedTuple):
    """What a run's model calls cost so far; ``seconds`` is the time spent waiting for the model."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0

    def plus(self, record: Mapping[str, Any]) -> Totals:
        """The totals with one more record; a request that got no answer is time, not a call."""
        return Totals(
            self.calls + ("error" not in record),
            self.input_tokens + record.get("input_tokens", 0),
            self.output_tokens + record.get("output_tokens", 0),
            self.seconds + record.get("seconds", 0.0),
        )


class Transcript:
    """``transcript.jsonl`` in a run's folder; safe to share between threads.

    A process that is killed while it writes leaves at most one torn line; readers skip it, and the next
    record begins on a line of its own.
    """

    def __init__(self, folder: Path):
        self.path = folder / "transcript.jsonl"
        self._lock = threading.Lock()
        self._totals = Totals()
        self._records = 0
        self._read_to = 0

    def append(self, record: Mapping[str, Any]) -> None:
        """Write one record, with ``n``, its number in the file from 1, before its other fields."""
        with self._lock:
            self._catch_up()
            line = json.dumps({"n": self._records + 1, **record}, ensure_ascii=False)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+") as file:
                if file.tell():
                    file.seek(-1, os.SEEK_END)
                    if file.read() != b"\n":
                        file.write(b"\n")
                file.write(line.encode() + b"\n")

    def records(self) -> list[dict[str, Any]]:
        """Every whole record, in order."""
        return [record for record, _ in self._whole_records(0)]

    def totals(self) -> Totals:
        """What the calls cost so far, those of earlier processes included."""
        with self._lock:
            self._catch_up()
            return self._totals

    def _catch_up(self) -> None:
        for record, end in self._whole_records(self._read_to):
            self._totals = self._totals.plus(record)
            self._records += 1
            self._read_to = end

    def _whole_records(self, offset: int) -> Iterator[tuple[dict[str, Any], int]]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(offset)
            for line in file:
                offset += len(line)
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(record, dict) and all(isinstance(record.get(key, 0), int | float) for key in COUNTED):
                    yield record, offset

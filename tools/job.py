"""One job: a command that a scheduler runs, and a folder of files that says how it stands."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tools.filesystem import write_atomic
from tools.in_job import CLAIM, ENDED, JOB, now

SUBMITTED, CANCELLED = "submitted.json", "cancelled.json"
TAIL = 4096
Word = Literal[
    "not submitted", "submitting", "unsure", "queued", "running", "done", "failed", "cancelled", "lost", "unknown"
]
FINAL: frozenset[Word] = frozenset({"done", "failed", "cancelled", "lost"})


class JobError(ValueError):
    """What was asked cannot be done with this job; the message says why and what to do."""


class Standing(NamedTuple):
    """How a job stands."""

    word: Word
    since: str
    """ISO 8601 in UTC."""
    why: str = ""


class Job:
    """A job's folder.

    ``job.json`` is written before the submission and ``submitted.json`` after it, ``claim.json`` by the job
    when it begins and ``ended.json`` when its command ended, ``cancelled.json`` when somebody wanted it stopped.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def id(self) -> str:
        """Its key."""
        return self.folder.name

    def read(self, name: str) -> dict[str, Any] | None:
        """What one of its files holds; None where it is not there."""
        try:
            found = json.loads((self.folder / name).read_text())
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError) as error:
            raise JobError(f"{self.folder / name} is damaged ({error}); mend it or move its folder away.") from error
        if not isinstance(found, dict) or not isinstance(found.get("at"), str):
            raise JobError(f"{self.folder / name} does not hold what it should; mend it or move its folder away.")
        return found

    def write(self, name: str, **facts: Any) -> None:
        """Write one of its files, all or nothing."""
        write_atomic(self.folder / name, json.dumps({**facts, "at": now()}, indent=2) + "\n")

    @property
    def facts(self) -> dict[str, Any]:
        """What was to be run, where and through which scheduler; empty where a crash came before that was written."""
        return self.read(JOB) or {}

    @property
    def native(self) -> str | None:
        """The scheduler's own id, None where it was not written down."""
        found = self.read(SUBMITTED)
        return str(found["native"]) if found else None

    @property
    def claimed(self) -> dict[str, Any] | None:
        """Who has the claim: ``by`` is ``job``, or ``cancel`` where it was cancelled before it began."""
        return self.read(CLAIM)

    @property
    def exit_status(self) -> int | None:
        """Of its command; None before it ended."""
        found = self.read(ENDED)
        return int(found["exit_status"]) if found else None

    @property
    def over(self) -> Standing | None:
        """How it ended, as its files say; None where they do not say so."""
        ended, claimed = self.read(ENDED), self.claimed
        if ended and ended["exit_status"] == 0:
            return Standing("done", ended["at"])
        if claimed and claimed["by"] == "cancel":
            return Standing("cancelled", claimed["at"])
        if ended and (wanted := self.read(CANCELLED)):
            return Standing("cancelled", wanted["at"])
        if ended:
            return Standing("failed", ended["at"], _status(ended["exit_status"]))
        return None

    def output(self, stream: Literal["stdout", "stderr"]) -> str:
        """What the command printed so far."""
        path = self.folder / stream
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def last_line(self) -> str:
        """The last line that the command printed, of its messages where it has any."""
        for stream in ("stderr", "stdout"):
            with suppress(FileNotFoundError), (self.folder / stream).open("rb") as file:
                file.seek(max(os.fstat(file.fileno()).st_size - TAIL, 0))
                text = file.read().decode(errors="replace").replace("\r", "\n")
                if lines := [line.strip() for line in text.split("\n") if line.strip()]:
                    return lines[-1]
        return ""


def _status(status: int) -> str:
    return f"ended by signal {-status}" if status < 0 else f"exit status {status}"

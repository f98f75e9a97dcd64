"""Which hosts a command reached and which were refused to it, kept beside its log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from tools.filesystem import write_atomic

SHOWN = 5
"""Hosts that a sentence names."""


class Traffic(NamedTuple):
    """Hosts in the order of their first use, as `tools.hosts.host_of` takes them."""

    reached: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """A sentence about what was refused, or nothing."""
        if not self.refused:
            return ""
        more = len(self.refused) - SHOWN
        names = [*self.refused[:SHOWN], *([f"{more} more"] if more > 0 else [])]
        return f"It wanted to reach {', '.join(names)}, which it may not."


def keep(traffic: Traffic, log: Path) -> None:
    """Keep it beside the log of its command."""
    write_atomic(_file(log), json.dumps(traffic._asdict()))


def kept(log: str | Path | None) -> Traffic:
    """What was kept beside a log; of a command that had no network, nothing."""
    try:
        found = json.loads(_file(Path(log)).read_text()) if log else {}
    except FileNotFoundError:
        found = {}
    return Traffic(**{name: tuple(hosts) for name, hosts in found.items()})


def led(log: str | Path | None) -> bool:
    """Whether the command of a log was led to its hosts through a proxy."""
    return log is not None and _file(Path(log)).exists()


def _file(log: Path) -> Path:
    return log.with_suffix(".hosts.json")

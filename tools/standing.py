"""How a backend's health stands: judged by what its checks found, kept with its history in ProximA's registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Literal, NamedTuple

from configs.settings import Health
from tools.health import Outcome
from tools.registration import amend

Status = Literal["healthy", "degraded", "unhealthy", "unknown"]
LEAST_KNOWN = 3
"""Healthy checks without which no time is usual."""
LEAST_S = 1.0
"""Seconds beyond the usual that are worth a word."""


class Finding(NamedTuple):
    """What an examination of a backend came to."""

    backend: str
    status: Status
    why: str
    """Empty where it is healthy."""
    at: str
    """ISO 8601 in UTC."""
    outcomes: tuple[Outcome, ...] = ()
    changed: tuple[str, ...] = ()
    """What became of its files since it was healthy, where it is not, a sentence each."""
    meaning: Mapping[str, str] | None = None
    """What a model makes of it, see `nodes.operate.meaning`."""

    @property
    def seconds(self) -> float:
        """What the checks took."""
        return round(sum(outcome.seconds for outcome in self.outcomes), 3)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {
            "backend": self.backend,
            "status": self.status,
            "why": self.why,
            "at": self.at,
            "seconds": self.seconds,
            "outcomes": {outcome.what: outcome.sentence for outcome in self.outcomes},
            "failed": [outcome.what for outcome in self.outcomes if not outcome.healthy],
            "changed": list(self.changed),
            "meaning": dict(self.meaning) if self.meaning else None,
        }


def now() -> str:
    """The time as it is kept."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def judged(outcomes: Sequence[Outcome], usual_s: float | None, slower: float) -> tuple[Status, str]:
    """The status and why it is not a healthy one.

    Args:
        outcomes: of the checks, one of which is a circuit.
        usual_s: what they took when all was well, None where that is not known.
        slower: times as long as usual that is too long.
    """
    wrong = [outcome for outcome in outcomes if not outcome.healthy]
    circuits = [outcome for outcome in outcomes if outcome.kind == "circuit"]
    why = "; ".join(f"{outcome.what}: {outcome.sentence}" for outcome in wrong)
    if not circuits:
        return "unknown", "no check runs a circuit; `rigil up` designs one"
    if any(outcome in wrong for outcome in circuits):
        return "unhealthy", why
    if wrong:
        return "degraded", why
    seconds = sum(outcome.seconds for outcome in outcomes)
    if usual_s is not None and seconds > max(slower * usual_s, usual_s + LEAST_S):
        return "degraded", f"the checks took {seconds:.1f} s, usually {usual_s:.1f} s"
    return "healthy", ""


def health_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a registry's entry holds of its health; empty where that is nothing of ours."""
    found = entry.get("health")
    return found if isinstance(found, dict) else {}


def history_of(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The checks before, the newest last."""
    return [one for one in health_of(entry).get("history") or [] if isinstance(one, dict)]


def usual_s(entry: Mapping[str, Any]) -> float | None:
    """The median seconds of the healthy checks before; None where they are too few."""
    known = [one["seconds"] for one in history_of(entry) if one.get("status") == "healthy"]
    return median(known) if len(known) >= LEAST_KNOWN else None


def recorded(home: Path, finding: Finding, settings: Health, **facts: Any) -> None:
    """Keep a finding in the registry, with those before it.

    Args:
        home: of ProximA.
        finding: what is kept.
        settings: how many, and how long it holds.
        facts: of its design, such as ``checks``; those that are there stay.

    Raises:
        ProximaError: if there is no such entry of ours.
    """
    one = {
        key: value for key, value in finding.as_dict().items() if key in ("at", "status", "seconds", "why") and value
    }
    # A backend that was found ill is looked at again at once: somebody may have mended it.
    holds_s = 0.0 if finding.status == "unhealthy" else settings.max_age_s
    due = datetime.fromisoformat(finding.at) + timedelta(seconds=holds_s)
    known = {key: value for key, value in finding.as_dict().items() if key != "backend"}

    def changed(entry: Mapping[str, Any]) -> dict[str, Any]:
        history = [*history_of(entry), one][-settings.history :]
        return {
            "health": {
                **health_of(entry),
                **facts,
                **known,
                "due": due.isoformat(timespec="seconds"),
                "history": history,
            }
        }

    amend(home, finding.backend, changed)

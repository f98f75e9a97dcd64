from __future__ import annotations

from pathlib import Path

import pytest

from configs.settings import Health, load_settings
from tools.health import Outcome
from tools.proxima import backends, ensure_home
from tools.registration import register
from tools.running import _check_due
from tools.standing import Finding, judged, now, recorded, usual_s
from tools.wrapper import HEADER

RIGHT = Outcome("circuit", True, "it agrees", 0.2, "circuit")
WRONG = Outcome("circuit", False, "it differs", 0.2, "circuit")
SILENT = Outcome("answer", False, "it did not print 'x'", 0.1, "command")


@pytest.mark.parametrize(
    ("outcomes", "usual", "status"),
    [
        ([RIGHT], None, "healthy"),
        ([RIGHT, SILENT], None, "degraded"),
        ([SILENT, WRONG], None, "unhealthy"),
        ([SILENT._replace(healthy=True)], None, "unknown"),
        ([RIGHT._replace(seconds=3.0)], 0.2, "degraded"),
        ([RIGHT._replace(seconds=0.9)], 0.1, "healthy"),  # ten times as long, and nobody would notice
        ([RIGHT._replace(seconds=3.0)], None, "healthy"),
    ],
)
def test_the_four_are_told_apart(outcomes: list[Outcome], usual: float | None, status: str) -> None:
    found, why = judged(outcomes, usual, slower=5)
    assert found == status
    assert bool(why) == (status != "healthy")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    ensure_home(tmp_path)
    facts = {"module": "wave_adapter", "class": "W", "made_by": "rigil"}
    register(tmp_path, "wave", facts=facts, config={"path": "/w"}, wrapper=f'"""{HEADER}: wave."""\n')
    return tmp_path


def test_a_finding_is_kept_with_the_last_ones(home: Path) -> None:
    settings = Health(max_age_s=100, history=3, slower=5)
    for seconds in (1.0, 2.0, 4.0, 8.0):
        recorded(home, Finding("wave", "healthy", "", now(), (RIGHT._replace(seconds=seconds),)), settings, checks=[1])

    health = backends(home)["wave"]["health"]
    assert [one["seconds"] for one in health["history"]] == [2.0, 4.0, 8.0]
    assert (health["status"], health["seconds"], health["checks"]) == ("healthy", 8.0, [1])
    assert health["outcomes"] == {"circuit": "it agrees"}
    assert usual_s(backends(home)["wave"]) == 4.0
    # A registration anew forgets what was found, but not that it was.
    again = {"module": "wave_adapter", "class": "W2", "made_by": "rigil"}
    register(home, "wave", facts=again, config={"path": "/w"}, wrapper=f'"""{HEADER}: wave 2."""\n')
    assert backends(home)["wave"]["health"] == {"history": health["history"]}


def test_a_check_is_due_when_it_is_old_or_found_it_ill(home: Path) -> None:
    def due(status: str, at: str, max_age_s: float) -> bool:
        settings = Health(max_age_s=max_age_s, history=3, slower=5)
        recorded(home, Finding("wave", status, "", at, (RIGHT,)), settings, checks=[1])  # type: ignore[arg-type]
        return _check_due(backends(home)["wave"])

    assert not _check_due(backends(home)["wave"])  # no check is known
    assert not due("healthy", now(), 60)
    assert not due("degraded", now(), 60)
    assert due("unhealthy", now(), 60)
    assert due("healthy", "2020-01-01T00:00:00+00:00", 60)
    assert due("healthy", "2999-01-01T00:00:00+00:00", 60)
    assert not _check_due({**backends(home)["wave"], "made_by": "somebody"})


def test_the_default_age_is_a_day() -> None:
    assert load_settings().health.max_age_s == 86400

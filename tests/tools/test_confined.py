from __future__ import annotations

from pathlib import Path

import pytest

from tools import confined, landlock
from tools.confined import all_but, confinement
from tools.syscalls import Filter


def test_what_is_hidden_is_left_out_and_what_lies_beside_it_is_not(tmp_path: Path) -> None:
    for name in ("home/me/.ssh", "home/me/deep", "home/other", "shared"):
        (tmp_path / name).mkdir(parents=True)
    found = all_but([tmp_path / "home" / "me"])
    assert str(tmp_path / "shared") in found and str(tmp_path / "home" / "other") in found
    assert not any(path in found for path in ("/", "/dev", str(tmp_path), str(tmp_path / "home" / "me")))


def test_a_hidden_place_within_another_brings_nothing_back(tmp_path: Path) -> None:
    (tmp_path / "home" / "state").mkdir(parents=True)
    (tmp_path / "home" / "key").touch()
    found = all_but([tmp_path / "home", tmp_path / "home" / "state"])
    assert not [path for path in found if path.startswith(str(tmp_path / "home"))]


@pytest.mark.parametrize(
    ("version", "filtered", "why"),
    [
        (0, True, "the kernel has no Landlock"),
        (2, True, "the kernel's Landlock is too old (version 2)"),
        (7, False, "Landlock alone holds no network back (libseccomp is missing)"),
    ],
)
def test_half_a_wall_counts_as_none(version: int, filtered: bool, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    used = Filter("/dev/null", "") if filtered else Filter(None, "libseccomp is missing")
    monkeypatch.setattr(landlock, "version", lambda: version)
    monkeypatch.setattr(confined, "filter_of", lambda sockets: used)
    assert confinement.__wrapped__() == (False, why)

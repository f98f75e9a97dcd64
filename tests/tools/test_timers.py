"""What is installed is written where the machine looks for it, runs, and goes again without a trace."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tools.timers import TimerError, install_cron, install_timer, seconds_of, uninstall

CRONTAB = """#!/bin/sh
file="$HOME/crontab"
case "$1" in
-l) [ -z "$BROKEN" ] || { echo "not allowed" >&2; exit 1; }
    [ -f "$file" ] || { echo "no crontab for me" >&2; exit 1; }
    cat "$file" ;;
-) cat > "$file" ;;
esac
"""
SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$HOME/systemctl.log"
[ -z "$BROKEN" ] || { echo "Failed to connect to bus" >&2; exit 1; }
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and stand-ins for the two programs that keep what they are told in it."""
    for name, text in (("crontab", CRONTAB), ("systemctl", SYSTEMCTL)):
        path = tmp_path / "programs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", f"{tmp_path}/programs:/usr/bin:/bin")
    return tmp_path


def units(home: Path) -> Path:
    return home / "config" / "systemd" / "user"


def words(home: Path) -> list[str]:
    """A command whose words would be changed by whoever quotes them badly."""
    script = f"import os, pathlib, sys; pathlib.Path({str(home / 'ran')!r}).write_text('|'.join(sys.argv[1:]))"
    return [sys.executable, "-c", script, "100%", "$HOME", 'a "b"', "c\\d", "e'f"]


def test_a_duration_is_understood() -> None:
    assert [seconds_of(text) for text in ("90", "90s", "5m", "12h", "1d")] == [90, 90, 300, 43200, 86400]
    for wrong in ("", "0", "-5", "soon", "1w", "1.5h"):
        with pytest.raises(TimerError, match="give one such as"):
            seconds_of(wrong)


def test_a_timer_is_written_started_and_taken_out(home: Path) -> None:
    paths = install_timer(words(home), 3600)

    assert sorted(path.name for path in paths) == ["rigil-health.service", "rigil-health.timer"]
    assert all(path.parent == units(home) for path in paths)
    assert "OnUnitActiveSec=3600s" in (units(home) / "rigil-health.timer").read_text()
    service = (units(home) / "rigil-health.service").read_text()
    assert f'Environment="RIGIL_STATE={home}/state"' in service
    assert (home / "systemctl.log").read_text().splitlines() == [
        "--user daemon-reload",
        "--user enable --now rigil-health.timer",
    ]
    install_timer(words(home), 7200)  # ours is replaced, without a backup
    assert len(list(units(home).iterdir())) == 2

    assert len(uninstall()) == 2
    assert list(units(home).iterdir()) == []
    assert "--user disable --now rigil-health.timer" in (home / "systemctl.log").read_text()
    assert uninstall() == []


def test_a_persons_own_unit_is_backed_up_and_never_taken_out(home: Path) -> None:
    units(home).mkdir(parents=True)
    own = units(home) / "rigil-health.service"
    own.write_text("[Service]\nExecStart=/bin/true\n")
    assert uninstall() == [] and own.exists()

    install_timer(["/bin/true"], 60)

    (kept,) = units(home).glob("rigil-health.service.bak-*")
    assert kept.read_text() == "[Service]\nExecStart=/bin/true\n"


def test_where_systemd_does_not_answer_nothing_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(TimerError, match=r"Failed to connect to bus.*Nothing was installed; use `--install cron`"):
        install_timer(["/bin/true"], 60)
    assert list(units(home).iterdir()) == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_understands_the_units(home: Path) -> None:
    paths = install_timer(words(home), 3600)
    command = ["systemd-analyze", "--user", "verify", *map(str, paths)]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "rigil-health" not in done.stderr, done.stderr


def test_a_cron_line_stands_between_marks_runs_and_goes(home: Path) -> None:
    crontab = home / "crontab"
    crontab.write_text("0 1 * * * /bin/mine # rigil\n")

    line = install_cron(words(home), 1800)
    install_cron(words(home), 1800)

    assert crontab.read_text().splitlines() == [
        "0 1 * * * /bin/mine # rigil",
        "# rigil health: begin",
        line,
        "# rigil health: end",
    ]
    assert line.startswith("*/30 * * * * env ")
    # cron hands the rest to a shell, with \% for %.
    subprocess.run(["/bin/sh", "-c", line.split(" ", 5)[5].replace(r"\%", "%")], env={}, check=True)
    assert (home / "ran").read_text() == "|".join(words(home)[3:])
    assert uninstall() == ["the line of the crontab"]
    assert crontab.read_text() == "0 1 * * * /bin/mine # rigil\n"


def test_the_first_line_of_a_crontab(home: Path) -> None:
    install_cron(["/bin/true"], 86400)
    assert (home / "crontab").read_text().splitlines()[1].startswith("17 4 * * * env ")
    uninstall()
    assert (home / "crontab").read_text() == ""


def test_a_crontab_that_cannot_be_read_stays_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "crontab").write_text("0 1 * * * /bin/mine\n")
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(TimerError, match="cannot be read, so it stays as it is: not allowed"):
        install_cron(["/bin/true"], 60)
    assert (home / "crontab").read_text() == "0 1 * * * /bin/mine\n"


@pytest.mark.parametrize("every_s", [90, 420, 5 * 3600, 2 * 86400])
def test_what_cron_cannot_say_is_refused(home: Path, every_s: int) -> None:
    with pytest.raises(TimerError, match="cron repeats after"):
        install_cron(["/bin/true"], every_s)
    assert not (home / "crontab").exists()


def test_without_either_a_person_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    for how in ("timer", "cron"):
        result = CliRunner().invoke(app, ["health", "--install", how])
        assert result.exit_code == 1 and "There is no `" in result.stderr and len(result.stderr.splitlines()) == 1
    assert CliRunner().invoke(app, ["health", "--install", "moon"]).exit_code == 1


def test_what_the_command_line_installs_really_checks(home: Path) -> None:
    result = CliRunner().invoke(app, ["health", "wave", "--install", "cron", "--every", "6h"])
    assert result.exit_code == 0, result.output
    line = (home / "crontab").read_text().splitlines()[1]
    assert line.startswith("17 */6 * * * ")
    done = subprocess.run(
        ["/bin/sh", "-c", line.split(" ", 5)[5].replace(r"\%", "%")],
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and f"No backend is called 'wave' in {home}/proxima" in done.stderr

    CliRunner().invoke(app, ["health", "wave", "--install", "timer"])
    service = (units(home) / "rigil-health.service").read_text()
    assert "OnUnitActiveSec=86400s" in (units(home) / "rigil-health.timer").read_text()
    started = next(line for line in service.splitlines() if line.startswith("ExecStart="))
    command = shlex.split(started.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$"))
    variables = dict(
        shlex.split(line.removeprefix("Environment="))[0].split("=", 1)
        for line in service.splitlines()
        if line.startswith("Environment=")
    )
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "No backend is called 'wave'" in done.stderr
    assert CliRunner().invoke(app, ["health", "--uninstall"]).exit_code == 0
    assert CliRunner().invoke(app, ["health", "--uninstall"]).exit_code == 1

"""Has a command repeated by the machine: a systemd user timer, or a line of the crontab between marks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import join, quote

from tools.filesystem import backup, write_atomic

UNIT = "rigil-health"
BEGIN, END = "# rigil health: begin", "# rigil health: end"
MARK = "# Made by Rigil; `rigil health --uninstall` removes it.\n"
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
KEPT = ("PATH", "LD_LIBRARY_PATH", "RIGIL_STATE", "RIGIL_CACHE", "RIGIL_SETTINGS", "PROXIMA_HOME")
"""Variables without which the command would find something else; none of them is a secret."""


class TimerError(ValueError):
    """It cannot be installed; the message says why and what to do."""


def seconds_of(text: str) -> int:
    """A duration such as ``90``, ``90s``, ``5m``, ``12h`` or ``1d`` in seconds.

    Raises:
        TimerError: if it is none.
    """
    match = re.fullmatch(r"([1-9]\d*)([smhd]?)", text.strip())
    if not match:
        raise TimerError(f"{text!r} is no duration; give one such as 90s, 5m, 12h or 1d.")
    return int(match[1]) * UNITS[match[2] or "s"]


def variables(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Those that are kept."""
    known = os.environ if environment is None else environment
    return {name: known[name] for name in KEPT if known.get(name)}


def install_timer(command: Sequence[str], every_s: int) -> list[Path]:
    """Write a user timer with its service and start it; returns the files.

    Raises:
        TimerError: if this machine has no systemd for users; then nothing is left behind.
    """
    systemctl = _program("systemctl", "use `--install cron`")
    told = "".join(f'Environment="{_systemd(f"{name}={value}")}"\n' for name, value in variables().items())
    started = " ".join(f'"{_systemd(word, "$")}"' for word in command)
    service = (
        f"{MARK}[Unit]\nDescription=Health checks of quantum backends\n\n"
        f"[Service]\nType=oneshot\n{told}ExecStart={started}\n"
    )
    timer = (
        f"{MARK}[Unit]\nDescription=Health checks of quantum backends, repeated\n\n"
        f"[Timer]\nOnActiveSec=1min\nOnUnitActiveSec={every_s}s\n\n[Install]\nWantedBy=timers.target\n"
    )
    contents = {_unit("service"): service, _unit("timer"): timer}
    before = {path: path.read_bytes() if path.exists() else None for path in contents}
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if (old := before[path]) is not None and not old.startswith(MARK.encode()):
            backup(path)
        write_atomic(path, content)
    try:
        _run([systemctl, "--user", "daemon-reload"])
        _run([systemctl, "--user", "enable", "--now", f"{UNIT}.timer"])
    except TimerError as error:
        for path, old in before.items():
            if old is None:
                path.unlink()
            else:
                write_atomic(path, old)
        raise TimerError(f"{error} Nothing was installed; use `--install cron`, or `rigil health --watch`.") from error
    return list(contents)


def install_cron(command: Sequence[str], every_s: int) -> str:
    """Put a line into the person's crontab, in the place of the one that was put there before; returns the line.

    Raises:
        TimerError: if there is no crontab here, it cannot be read, or cron knows no such interval.
    """
    crontab = _program("crontab", "use `--install timer`, or `rigil health --watch`")
    kept = [f"{name}={quote(value)}" for name, value in variables().items()]
    line = f"{_when(every_s)} env {' '.join(kept)} {join(command)}".replace("%", r"\%")
    text = _without(_crontab(crontab))
    text += "" if not text or text.endswith("\n") else "\n"
    _run([crontab, "-"], f"{text}{BEGIN}\n{line}\n{END}\n")
    return line


def uninstall() -> list[str]:
    """Take out whatever was installed; returns what, in words.

    Raises:
        TimerError: if the crontab cannot be changed.
    """
    found = []
    ours = [path for kind in ("timer", "service") if (path := _unit(kind)).exists() and _ours(path)]
    if ours:
        if systemctl := shutil.which("systemctl"):
            subprocess.run([systemctl, "--user", "disable", "--now", f"{UNIT}.timer"], capture_output=True, check=False)
        for path in ours:
            path.unlink()
            found.append(str(path))
        if systemctl:
            subprocess.run([systemctl, "--user", "daemon-reload"], capture_output=True, check=False)
    if crontab := shutil.which("crontab"):
        text = _crontab(crontab)
        if (rest := _without(text)) != text:
            _run([crontab, "-"], rest)
            found.append("the line of the crontab")
    return found


def _unit(kind: str) -> Path:
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    return folder / "systemd" / "user" / f"{UNIT}.{kind}"


def _ours(path: Path) -> bool:
    return path.read_text(errors="replace").startswith(MARK)


def _systemd(text: str, doubled: str = "") -> str:
    """Text between double quotes of a unit file (systemd.unit(5), systemd.service(5))."""
    for sign in f"%{doubled}":
        text = text.replace(sign, sign * 2)
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _when(every_s: int) -> str:
    """The five fields of a crontab line (crontab(5)).

    Raises:
        TimerError: if they cannot say it.
    """
    minutes, rest = divmod(every_s, 60)
    if rest == 0 and minutes and minutes < 60 and 60 % minutes == 0:
        return f"*/{minutes} * * * *"
    hours, rest = divmod(minutes, 60)
    if every_s % 3600 == 0 and hours < 24 and 24 % hours == 0:
        return f"17 */{hours} * * *"
    if every_s == 86400:
        return "17 4 * * *"
    raise TimerError("cron repeats after minutes that divide an hour, hours that divide a day, or 1d: 5m, 30m, 6h, 1d.")


def _without(text: str) -> str:
    return re.sub(rf"^{re.escape(BEGIN)}\n(?:.*\n)*?{re.escape(END)}(?:\n|\Z)", "", text, flags=re.MULTILINE)


def _crontab(crontab: str) -> str:
    """The person's crontab; where it cannot be told from an unreadable one, nothing may be written."""
    done = subprocess.run([crontab, "-l"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.strip()
    if "no crontab" in said:
        return ""
    raise TimerError(f"The crontab cannot be read, so it stays as it is: {said or f'exit status {done.returncode}'}.")


def _program(name: str, instead: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise TimerError(f"There is no `{name}` on this machine; {instead}.")
    return found


def _run(command: Sequence[str], given: str | None = None) -> None:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip() or f"exit status {done.returncode}"
        raise TimerError(f"`{join([Path(command[0]).name, *command[1:]])}` failed: {said}.")

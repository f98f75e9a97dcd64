"""`rigil health`: the checks of registered backends. Only one that fails asks a model."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.visible import tell
from configs.settings import Settings, SettingsError, load_settings, state_folder
from tools.examining import examine
from tools.proxima import MAKER, ProximaError, backends, home_of
from tools.standing import Finding, health_of, now, recorded
from tools.timers import TimerError, install_cron, install_timer, seconds_of, uninstall

WATCH, DAILY = "60s", "1d"
CHANGES = 5
"""Files that changed, which a person is told of in one finding."""


def health(
    names: Sequence[str],
    *,
    as_json: bool,
    no_model: bool,
    model: str | None,
    watch: bool,
    every: str | None,
    proxima_home: str | None,
) -> int:
    """Check all backends or those that are named; returns 0 only if all are healthy."""
    home = home_of(proxima_home)
    try:
        settings = load_settings(model=model)
        every_s = seconds_of(every or WATCH)
        missing = [] if watch else _missing(home, names)
    except (SettingsError, TimerError) as error:
        return _refused(error)
    if missing:
        return _refused(f"No backend is called {missing[0]!r} in {home}; `rigil backends` lists them.")
    with _stopped() as stop:
        last: dict[str, Finding] = {}
        while True:
            found = {finding.backend: finding for finding in _examined(home, names, settings, stop, no_model)}
            if stop.is_set():
                break
            for name, finding in found.items():
                if not watch or name not in last or _differs(last[name], finding):
                    _say(finding, as_json)
            for name in last.keys() - found.keys():
                tell(f"{name:<24} is not registered any more", file=sys.stderr)
            last = found
            if not found and not watch:
                return _refused(f"No backend is registered in {home}; `rigil up SOURCE` brings one up.")
            if not watch or stop.wait(every_s):
                break
    return 0 if last and all(finding.status == "healthy" for finding in last.values()) else 1


def install(how: str, names: Sequence[str], every: str | None, proxima_home: str | None) -> int:
    """Have the machine repeat the checks; returns the exit code."""
    root = str(Path(__file__).resolve().parents[1])
    code = f"import sys; sys.path.append({root!r}); from cli.main import main; main()"
    command = [sys.executable, "-P", "-c", code, "health", *names, "--no-model"]
    command += ["--proxima-home", str(home_of(proxima_home))]
    try:
        every_s = seconds_of(every or DAILY)
        if how == "timer":
            for path in install_timer(command, every_s):
                tell(f"wrote {path}")
        elif how == "cron":
            tell(f"the crontab has: {install_cron(command, every_s)}")
        else:
            raise TimerError(f"--install takes timer or cron, not {how!r}.")
    except (TimerError, OSError) as error:
        return _refused(error)
    return 0


def take_out() -> int:
    """Undo `install`; returns the exit code."""
    try:
        found = uninstall()
    except (TimerError, OSError) as error:
        return _refused(error)
    for what in found:
        tell(f"removed {what}")
    return 0 if found else _refused("Nothing is installed.")


def before_run(home: Path, names: Sequence[str]) -> str | None:
    """Repeat the checks of these backends; a sentence where one of them may not be run.

    What is only degraded or unknown is said on standard error.
    """
    settings = load_settings()
    if not settings.health.max_age_s:
        return None
    for finding in _examined(home, names, settings, None, no_model=True):
        if finding.status == "unhealthy":
            return (
                f"{finding.backend} is unhealthy: {finding.why}. `rigil health {finding.backend}` says what to do; "
                "`health.max_age_s: 0` in the settings runs it unchecked."
            )
        if finding.status != "healthy":
            tell(f"rigil: {finding.backend} is {finding.status}: {finding.why}", file=sys.stderr)
    return None


def _missing(home: Path, names: Sequence[str]) -> list[str]:
    try:
        known = backends(home)
    except ProximaError:  # which is a finding
        return []
    return [name for name in names if name not in known]


def _examined(
    home: Path, names: Sequence[str], settings: Settings, stop: threading.Event | None, no_model: bool
) -> Iterator[Finding]:
    """Each finding as it is made, once it is in the registry."""
    try:
        known = backends(home)
    except ProximaError as error:
        for name in names or ["*"]:
            yield Finding(name, "unknown", str(error), now())
        return
    for name in names or known:
        if name not in known:
            continue
        entry = known[name]
        finding = examine(home, name, entry, settings, stop)
        if stop and stop.is_set():
            return
        ours = entry.get("made_by") == MAKER and health_of(entry).get("checks")
        # Neither a check that could not be done nor one that took long says what the backend lacks.
        failed = finding.status == "unhealthy" or any(not outcome.healthy for outcome in finding.outcomes)
        if failed and finding.status != "unknown" and ours:
            known_meaning = _known_meaning(entry, finding)
            said = known_meaning or (None if no_model else _asked(name, entry, finding, settings))
            finding = finding._replace(meaning=said)
        if ours:
            try:
                recorded(home, finding, settings.health)
            except (ProximaError, OSError) as error:
                tell(f"rigil: the health of {name} was not written down: {error}", file=sys.stderr)
        yield finding


def _known_meaning(entry: Mapping[str, Any], finding: Finding) -> Mapping[str, str] | None:
    """What was said of the same failure before."""
    before = health_of(entry)
    same = before.get("status") == finding.status and before.get("why") == finding.why
    return before.get("meaning") if same and isinstance(before.get("meaning"), dict) else None


def _asked(name: str, entry: Mapping[str, Any], finding: Finding, settings: Settings) -> Mapping[str, str] | None:
    """What the model makes of it; None, with a word why, where it cannot be asked."""
    from models.ask import Asker
    from models.budget import Budget
    from models.catalogue import entry as of_model
    from models.errors import ModelError
    from models.providers import make_chat_model
    from models.transcript import Transcript
    from nodes.operate.meaning import meaning

    folder = state_folder() / "health" / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    try:
        asker = Asker(
            lambda: make_chat_model(settings.model, settings, log=folder / "model.log"),
            settings,
            transcript := Transcript(folder),
            Budget(settings.budget, transcript, time.time()),
            of_model(settings.model).form,
        )
        return meaning(asker, name, entry, finding)
    except ModelError as error:
        tell(f"rigil: what it means was not found out: {error}", file=sys.stderr)
        return None


def _differs(before: Finding, after: Finding) -> bool:
    """Whether something changed: the status, or which checks fail."""
    failed = [[o.what for o in finding.outcomes if not o.healthy] for finding in (before, after)]
    return before.status != after.status or failed[0] != failed[1]


def _say(finding: Finding, as_json: bool) -> None:
    if as_json:
        tell(json.dumps(finding.as_dict()), flush=True)
        return
    passed = ", ".join(outcome.what for outcome in finding.outcomes)
    tell(f"{finding.backend:<24} {finding.status:<10} {finding.seconds:6.2f} s  {finding.why or passed}", flush=True)
    for sentence in finding.changed[:CHANGES]:
        tell(f"    {sentence}", flush=True)
    if finding.meaning:
        tell(f"    {finding.meaning['cause']} ({finding.meaning['quote']})", flush=True)
        tell(f"    try: {finding.meaning['fix']}", flush=True)


@contextmanager
def _stopped() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    before = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, lambda *_: stop.set())
    except ValueError:  # not in the main thread, where signals cannot be set
        pass
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _refused(error: object) -> int:
    tell(f"rigil: {error}", file=sys.stderr)
    return 1

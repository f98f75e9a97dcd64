"""Examines registered backends by the checks that were designed for them. Costs no model call."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from configs.settings import Settings
from tools.driver import DriverError
from tools.health import Check, Outcome, Setting, perform
from tools.parts import changed_parts
from tools.permits import needs_person
from tools.proxima import MAKER, wrapper_of
from tools.sandbox import Permit, protection
from tools.shell import Shell
from tools.standing import Finding, health_of, judged, now, usual_s

DIALECT = "DIALECT"
CONTROL, CONTROL_S = "true", 5.0
"""What every machine that is not itself in trouble can run in the sandbox."""


class Unknown(Exception):
    """The checks cannot be carried out; the message says why and what to do."""


class Ill(Exception):
    """What `rigil run` needs is not there; the message says what."""


def examine(
    home: Path, name: str, entry: Mapping[str, Any], settings: Settings, cancel: threading.Event | None = None
) -> Finding:
    """Do all checks of a backend.

    Args:
        home: of ProximA.
        name: of the backend.
        entry: in the registry.
        settings: the person's.
        cancel: set it, from any thread, to stop what runs; then the finding says nothing of the backend.
    """
    outcomes: tuple[Outcome, ...] = ()
    try:
        checks = _checks(entry)
        _permitted(settings)
        dialect = _dialect(wrapper_of(home, entry))
        with _shell(entry, settings, cancel) as shell:
            setting = Setting(dialect, shell, settings.verify.significance, settings.verify.distance)
            outcomes = tuple(perform(check, setting) for check in checks)
            if any(not outcome.healthy and outcome.kind != "file" for outcome in outcomes):
                _controlled(setting)
    except Unknown as error:
        return Finding(name, "unknown", str(error), now(), outcomes)
    except Ill as error:
        return Finding(name, "unhealthy", str(error), now(), changed=_changed(entry))
    except OSError as error:
        return Finding(name, "unknown", f"the check could not be carried out: {error}", now())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"the check in the registry cannot be understood ({error!r}); `rigil up` designs another one"
        return Finding(name, "unknown", why, now())
    status, why = judged(outcomes, usual_s(entry), settings.health.slower)
    return Finding(name, status, why, now(), outcomes, () if status == "healthy" else _changed(entry))


def _changed(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(change.sentence for change in changed_parts(entry))


def _checks(entry: Mapping[str, Any]) -> list[Check]:
    if entry.get("made_by") != MAKER:
        raise Unknown("a person entered it, and no check is known for it; `rigil up SOURCE` designs one")
    if not (checks := health_of(entry).get("checks")):
        raise Unknown("no check is known for it; `rigil up SOURCE` designs one")
    return list(checks)


def _permitted(settings: Settings) -> None:
    if needs_person(Permit(Path("/")), settings.approve, walls := protection()):
        raise Unknown(f"there is no sandbox here ({walls.why}); `approve: all` in the settings runs it without one")


def _dialect(wrapper: Path) -> Mapping[str, Any]:
    """How the installed wrapper speaks to the backend; it is read, not run."""
    try:
        tree = ast.parse(wrapper.read_bytes())
    except FileNotFoundError:
        raise Ill(f"its wrapper {wrapper} is gone") from None
    except (SyntaxError, ValueError) as error:
        raise Ill(f"its wrapper {wrapper} is no Python: {error}") from error
    for node in tree.body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and target.id == DIALECT and isinstance(node, ast.AnnAssign) and node.value:
            found: dict[str, Any] = ast.literal_eval(node.value)
            return found
    raise Unknown(f"its wrapper {wrapper} does not say how it speaks to the backend; `rigil up SOURCE` makes another")


@contextmanager
def _shell(entry: Mapping[str, Any], settings: Settings, cancel: threading.Event | None) -> Iterator[Shell]:
    """A shell in the backend's workspace; in a folder of its own where that is gone, which the checks will notice."""
    workspace = Path(health_of(entry)["workspace"])
    with TemporaryDirectory(prefix="rigil-health-") as name:
        if workspace.is_dir():
            _not_at_work(workspace)
        else:
            workspace = Path(name, "workspace")
        shell = Shell(workspace, Path(name, "logs"), settings)
        if cancel:
            shell.cancel = cancel
        yield shell


def _not_at_work(workspace: Path) -> None:
    """Make sure that no run is building it at the moment."""
    from filelock import FileLock, Timeout

    try:
        # As `tools.runs.Run.lock` holds it.
        FileLock(workspace.with_name(f".{workspace.name}.lock")).acquire(blocking=False).lock.release()
    except Timeout:
        raise Unknown("`rigil up` is at work on it; ask again when it has ended") from None


def _controlled(setting: Setting) -> None:
    """Make sure that it is the backend that failed, and not the machine."""
    try:
        status, _, both = setting.runner()(CONTROL, setting.folder, CONTROL_S)
    except DriverError as error:
        raise Unknown(f"the machine could not even run `{CONTROL}`: {error}") from error
    if status != 0:
        raise Unknown(f"the machine could not even run `{CONTROL}`: {both.strip()[-200:]}")

"""Starts the commands of `tools.driver` in a shell's sandbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.finished import Finished
from tools.reading import DriverError
from tools.sandbox import Permit
from tools.shell import Shell


def runner(
    shell: Shell,
    *,
    permit: Permit | None = None,
    seen: Callable[[Finished], None] | None = None,
    **watching: Any,
) -> Callable[[str, Path, float], tuple[int, str, str]]:
    """A `tools.driver.Runner` whose third text is both streams as they came.

    Args:
        shell: where the commands run.
        permit: the workspace alone unless given.
        seen: called with how each command ended.
        watching: ``on_start``, ``stop_if`` and ``variables``, see `tools.shell.Shell.run`.
    """

    def run(command: str, folder: Path, timeout_s: float) -> tuple[int, str, str]:
        finished = shell.run(
            command, name="circuit", cwd=folder, permit=permit, timeout_s=timeout_s, capture=True, **watching
        )
        if seen:
            seen(finished)
        if not finished.started or finished.stopped:
            raise DriverError(finished.in_words)
        both = finished.log.read_text(errors="replace")
        output = finished.stdout.read_text(errors="replace") if finished.stdout else both
        status = finished.exit_status if finished.exit_status is not None else 128 + (finished.signal or 0)
        return status, output, both

    return run

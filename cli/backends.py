"""`rigil backends` and `rigil backends remove`, neither of which asks a model."""

from __future__ import annotations

import sys

from cli.visible import tell
from tools.proxima import ProximaError, backends, home_of
from tools.registration import remove


def list_backends(proxima_home: str | None) -> int:
    """Print a line a backend, with what its last health check said; returns the exit code."""
    home = home_of(proxima_home)
    try:
        found = backends(home)
    except ProximaError as error:
        return _refused(error)
    for name, entry in found.items():
        health = entry["health"] if isinstance(entry.get("health"), dict) else {}
        state = f"{health.get('status', 'unknown')} at {health['at']}" if health.get("at") else "never checked"
        tell(f"{name:<24} {entry.get('version') or '-':<12} {len(entry.get('gates', []))} gates  {state}")
    if not found:
        tell(f"No backend is registered in {home}; `rigil up SOURCE` brings one up.")
    return 0


def remove_backend(name: str, proxima_home: str | None) -> int:
    """Undo a registration; returns the exit code."""
    try:
        changed = remove(home_of(proxima_home), name)
    except ProximaError as error:
        return _refused(error)
    for path in changed:
        tell(f"changed {path}")
    return 0


def _refused(error: Exception) -> int:
    tell(f"rigil: {error}", file=sys.stderr)
    return 1
